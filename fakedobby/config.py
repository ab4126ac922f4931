"""What a bundle or a Dobby spec says about the container to be."""

import json
from dataclasses import dataclass, replace
from typing import Any

from fakedobby.errors import Refused

INIT = "/usr/libexec/DobbyInit"
"""The program that Dobby puts before every command; it is pid 1 of the container."""


@dataclass(frozen=True, slots=True)
class Config:
    """The part of a container's configuration that shapes its simulated life."""

    args: tuple[str, ...]
    cwd: str
    memory_limit: int | None
    """Bytes; None when nothing limits the memory."""

    def with_command(self, command: str) -> "Config":
        """Return this configuration with another command; "" changes nothing.

        Dobby splits at single spaces and knows no quotes (facts/dobby.md 6).
        """
        return replace(self, args=(INIT, *command.split(" "))) if command else self


def load_object(text: str | bytes, what: str) -> dict[str, Any]:
    """Return the JSON object in `text`; raise Refused, naming `what`, when it holds anything else."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise Refused(f"{what} is nested too deep") from None
    except ValueError as problem:
        raise Refused(f"{what} is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise Refused(f"{what} is not a JSON object")
    return value
