"""What a test can choose about its emulator."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self

from thunderoci.profiles import FLAVOURS, PROFILES
from thunderoci.testing.errors import BadOption, UnknownOption


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an emulator; None leaves a choice to the scenario, or to the program where that says nothing.

    Equal options mean emulators that are as good as one another.
    """

    profile: str | None = None
    """`rdkservices` or `entservices`."""
    flavour: str | None = None
    """`r4.4.1-rdk`, `r4.4.1` or `r4.4.7`."""
    scenario: str | PathLike[str] | None = None
    """A scenario file."""
    quirks: tuple[str, ...] = ()
    """Ids of the misbehaviour that it is to have."""
    faithful: bool = False
    """Whether it has all misbehaviour that does not depend on chance."""
    clock: str | None = None
    """`real` or `virtual`."""
    progression: str | None = None
    """`immediate`, `real` or `manual`; without a scenario it is immediate."""
    seed: int | None = None
    host: str | None = None
    """The address to listen on, for an app on another machine or in a container; then the control API needs a token."""
    control_token: str | None = None
    arguments: tuple[str, ...] = ()
    """More options of `thunderoci up`, as they stand on the command line."""

    @classmethod
    def of(cls, chosen: "Options | Mapping[str, Any] | None" = None, /, **more: Any) -> Self:
        """Return the options that a mapping and keyword arguments name. Raises UnknownOption and BadOption."""
        options = chosen if isinstance(chosen, cls) else cls(**_checked(dict(chosen or {})))  # type: ignore[arg-type]
        return replace(options, **_checked(more))

    def daemon_words(self) -> tuple[str, ...]:
        """Return those that are a Dobby's business, as its command line has them."""
        mine = replace(self, profile=None, flavour=None, host=None, control_token=None, arguments=())
        return replace(mine, quirks=tuple(quirk for quirk in self.quirks if quirk.startswith("D-"))).words()

    def words(self) -> tuple[str, ...]:
        """Return them as the command line has them."""
        words = [
            *(f"--{name.replace('_', '-')}={value}" for name in _NAMED if (value := getattr(self, name)) is not None),
            *(f"--quirk={quirk}" for quirk in self.quirks),
            *(["--faithful"] if self.faithful else []),
        ]
        if self.scenario is not None:
            words.append(f"--scenario={Path(fspath(self.scenario)).resolve()}")
        elif self.progression is None:
            words.append("--progression=immediate")
        return (*words, *self.arguments)


_NAMED = ("profile", "flavour", "clock", "progression", "seed", "host", "control_token")
_KNOWN = tuple(field.name for field in fields(Options))
_LISTS = ("quirks", "arguments")
CHOICES = {
    "profile": PROFILES,
    "flavour": tuple(FLAVOURS),
    "clock": ("real", "virtual"),
    "progression": ("immediate", "real", "manual"),
}
"""What there is to choose from; a test compares it with the command line."""


def _checked(chosen: dict[str, Any]) -> dict[str, Any]:
    for name, value in chosen.items():
        if name not in _KNOWN:
            raise UnknownOption(name=name, known=", ".join(_KNOWN))
        if name in _LISTS:
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                raise BadOption(name=name, value=value, expected="a list of texts")
            chosen[name] = tuple(value)
        elif value is None:
            continue
        elif name in CHOICES:
            if value not in CHOICES[name]:
                *others, last = CHOICES[name]
                raise BadOption(name=name, value=value, expected=f"{', '.join(others)} or {last}")
        elif name == "seed":
            chosen[name] = _number(value)
        elif name == "scenario":
            chosen[name] = str(Path(fspath(value)).resolve())
    return chosen


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise BadOption(name="seed", value=value, expected="a whole number") from None
