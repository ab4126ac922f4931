"""What a Dobby spec must say before Dobby starts it.

Source of the rules: facts/dobby.md 6, "Dobby spec validation". Unknown keys are ignored.
"""

from collections.abc import Callable
from typing import Any, TypeGuard

from fakedobby.config import INIT, Config, load_object
from fakedobby.errors import CreationFailed, Refused

_UINT32_MAX = 2**32 - 1
_ID_END = 65535


def _is_integer(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_args(value: Any) -> None:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise Refused("must be an array of strings with at least one item")


def _check_cwd(value: Any) -> None:
    if not isinstance(value, str):
        raise Refused("must be a string")


def _check_memory_limit(value: Any) -> None:
    if not _is_integer(value) or not 0 <= value <= _UINT32_MAX:
        raise Refused(f"must be an integer of bytes, 0 to {_UINT32_MAX}")


def _check_user(value: Any) -> None:
    if not isinstance(value, dict):
        raise Refused("must be an object with uid and gid")
    for name in ("uid", "gid"):
        number = value.get(name)
        if not (_is_integer(number) and 0 <= number < _ID_END):
            raise Refused(f"{name} must be an integer, 0 to {_ID_END - 1}")
    if value["uid"] == 0:
        raise Refused("uid must not be 0: Dobby starts no root containers")


def _check_version(value: Any) -> None:
    if value not in ("1.0", "1.1"):
        raise Refused('must be "1.0" or "1.1"')


# Dobby works through the keys in alphabetical order and stops at the first error.
_RULES: tuple[tuple[str, bool, Callable[[Any], None]], ...] = (
    ("args", True, _check_args),
    ("cwd", False, _check_cwd),
    ("memLimit", True, _check_memory_limit),
    ("user", True, _check_user),
    ("version", True, _check_version),
)


def read_spec(text: str) -> Config:
    """Return what a Dobby spec describes; raise Refused with the key and the rule when Dobby won't have it."""
    spec = load_object(text, "the Dobby spec")
    for key, mandatory, check in _RULES:
        if key not in spec:
            if mandatory:
                raise Refused(f"the Dobby spec lacks the mandatory key {key!r}")
            continue
        try:
            check(spec[key])
        except Refused as problem:
            raise Refused(f"the Dobby spec's {key!r} {problem}") from None
    return Config(args=(INIT, *spec["args"]), cwd=spec.get("cwd", ""), memory_limit=spec["memLimit"])


def check_runtime_config(config: Config) -> None:
    """Raise CreationFailed when crun can't run a configuration that Dobby accepts (facts/dobby.md 6)."""
    if not config.cwd:
        raise CreationFailed("crun can't change to the working directory '': give cwd")
    if config.memory_limit == 0:
        raise CreationFailed("crun can't run a container with a memory limit of 0 bytes")
