"""What the hooks of a bundle do to the creation of its container (facts/dobby.md 2)."""

from collections.abc import Iterator
from typing import Any

from fakedobby.command import program_of
from fakedobby.config import Config
from fakedobby.errors import CreationFailed
from fakedobby.hooks import is_launcher
from fakedobby.process import duration

# a poststart hook may fail; these end the creation when they do
_CREATING = ("prestart", "createRuntime", "createContainer")


def creation_seconds(config: Config, limit: float) -> float:
    """Return for how long the hooks hold up the creation of a container; it is killed when that is `limit` seconds."""
    return min(limit, sum(seconds for _, seconds, _ in _runs(config)))


def check_hooks(config: Config, limit: float) -> None:
    """Raise CreationFailed when a hook fails, or when all of them together take `limit` seconds."""
    if creation_seconds(config, limit) >= limit:
        raise CreationFailed(f"its hooks take longer than {limit} seconds")
    for name, _, code in _runs(config):
        if code:
            raise CreationFailed(f"its {name} hook ends with {code}")


def _runs(config: Config) -> Iterator[tuple[str, float, int]]:
    """Give each hook's name, its seconds and its exit code, up to the first that fails."""
    hooks = config.oci.get("hooks")
    for name in _CREATING:
        entries = hooks.get(name) if isinstance(hooks, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("path"), str) and not is_launcher(entry):
                seconds, code = duration(program_of((entry["path"], *_arguments(entry))))
                yield name, seconds, code
                if code:
                    return


def _arguments(entry: dict[str, Any]) -> tuple[str, ...]:
    args = entry.get("args")
    return tuple(str(arg) for arg in args[1:]) if isinstance(args, list) else ()
