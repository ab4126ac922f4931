"""What a plugin is to the host that runs it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from thunderoci.dialect import Dialect
from thunderoci.rawjson import Members, NotJSON, Raw, members_of
from thunderoci.subscriptions import Client

Emit = Callable[[str, Raw], None]
"""Takes the name of an event and its params."""


@dataclass(frozen=True, slots=True)
class Version:
    """A plugin's version; calls name the major one."""

    major: int
    minor: int = 0
    patch: int = 0


class Call(NamedTuple):
    """What a method gets: params as text, what the designator has behind an @, and whose call it is."""

    params: Raw | None
    instance: str
    client: Client
    dialect: Dialect

    @property
    def members(self) -> Members:
        """The members of params; none where params are no object, as Thunder has it."""
        try:
            return members_of(self.params or "null", self.dialect)
        except NotJSON:  # an array, a string, a number: the same as none at all
            return {}


Method = Callable[[Call], Awaitable[Raw]]
"""Carries out a call and returns its result; raises Failed."""


class Plugin(Protocol):
    """A plugin: its names as the Controller shows them, its methods, and what it does when it is (de)activated."""

    callsign: str
    classname: str
    locator: str
    """The library that the real one comes in."""
    version: Version
    methods: Mapping[str, Method]

    async def activate(self, emit: Emit) -> None:
        """Begin to work; `emit` tells the subscribers of events."""

    async def deactivate(self) -> None:
        """Stop working."""
