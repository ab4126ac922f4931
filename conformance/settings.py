"""What a run of the suite was told, in a form that one process can hand to another."""

import dataclasses
import json
import re
import secrets
from typing import Any, Self

REDACTED = "<redacted>"
"""What stands for a secret in everything that is written."""
AUTO = "auto"
"""The profile that means: find out by asking."""
PROFILES = ("rdkservices", "entservices")
LEVELS = ("MUST", "SHOULD", "MAY")
"""The levels, the strictest first."""
ORDERS = ("lifecycle", "document")
"""The orders in which documented commands can be sent: starts first and stops last, or as they stand."""
REPORTS = ("json", "junit", "html", "markdown", "badge")
"""The reports that are written to files, each a setting and a module of report/."""
_QUERY_TOKEN = re.compile(r"(?<=[?&]token=)[^&]*")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that ``thunderoci check`` can be told; times are in seconds, paths are on this machine.

    Only ``bundle_path`` is a path on the target. An empty text means that an option was not given.
    """

    urls: tuple[str, ...] = ()
    targets_file: str = ""
    profile: str | None = None
    """``auto``, a profile, or None: auto with a target that the user named, the first profile with our own emulator."""
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    level: str = "MAY"
    strict: bool = False
    read_only: bool = False
    hazardous: bool = False
    list: bool = False
    dry_run: bool = False
    seed: int | None = None
    bundle_path: str = ""
    bundle: str = ""
    timeout: float = 10.0
    deadline: float = 900.0
    callsign: str = "org.rdk.OCIContainer"
    headers: tuple[tuple[str, str], ...] = ()
    token: str = dataclasses.field(default="", repr=False)
    insecure: bool = False
    waivers: str = ""
    clean: bool = False
    model_steps: int = 0
    jobs: int = 0
    json: str = ""
    junit: str = ""
    html: str = ""
    markdown: str = ""
    badge: str = ""
    config: str = ""

    def to_json(self) -> str:
        """Return all settings as one line of JSON, secrets included."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the settings that ``to_json`` wrote."""
        values: dict[str, Any] = json.loads(text)
        for name in ("urls", "select", "exclude", "tags"):
            values[name] = tuple(values[name])
        values["headers"] = tuple((name, value) for name, value in values["headers"])
        return cls(**values)

    def seeded(self) -> Self:
        """Return the same with a seed: the given one, or one picked now, so that a report names it."""
        return self if self.seed is not None else dataclasses.replace(self, seed=secrets.randbelow(2**32))

    @property
    def effective_profile(self) -> str:
        """The profile to test: the one that was asked for, else ``auto`` with a target, the first one without."""
        return self.profile or (AUTO if self.urls or self.targets_file else PROFILES[0])

    @property
    def secret_texts(self) -> frozenset[str]:
        """The texts that must not be written anywhere: the token, the headers' values, tokens in URLs."""
        found = {self.token, *(value for _, value in self.headers)}
        for url in self.urls:
            found.update(_QUERY_TOKEN.findall(url))
        return frozenset(found - {""})


def redacted_url(url: str) -> str:
    """Return a URL without the token that its query may hold."""
    return _QUERY_TOKEN.sub(REDACTED, url)
