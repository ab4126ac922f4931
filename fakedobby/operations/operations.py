"""Finds the operation that is asked for, checks what it is given, and carries it out.

Each operationId of openapi.json is a method of one of the sides: openOne becomes open_one. A method takes what path,
query and body of a request say in one dictionary, and returns a JSON value or raises a ControlError.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from fakedobby import __version__
from fakedobby.emulation import Emulation
from fakedobby.errors import BadInput, NoSuchThing, NotHere
from fakedobby.journal import CAUSE
from fakedobby.operations import document
from fakedobby.operations.containerside import ContainerSide
from fakedobby.operations.daemonside import DaemonSide
from fakedobby.operations.document import Operation
from fakedobby.operations.faultside import FaultSide, fault_of
from fakedobby.operations.journalside import JournalSide
from fakedobby.operations.stateside import NO_HOST, Host, StateSide
from fakedobby.operations.timeside import TimeSide
from fakedobby.operations.writing import in_json
from fakedobby.turns import Turns

_ADD_FAULT = "addFault"
_CAPITAL = re.compile("[A-Z]+")


class Operations:
    """Everything that can be done with a fake daemon, which is there or not (`daemon`), and with its `emulation`.

    `base` is the real clock, by which a request waits, `progression` how transitions happen (None where the Dobby is
    not ours), `host` what a state and a reset have to do with besides, and `turns` are those that others take as well.
    Subclasses may have operations of their own.
    """

    def __init__(
        self,
        emulation: Emulation,
        base: Any,
        progression: str | None,
        daemon: DaemonSide | None = None,
        host: Host = NO_HOST,
        *,
        turns: Turns | None = None,
    ) -> None:
        self._journal = emulation.journal
        self._base = base
        self._progression = progression
        self._daemon_or_none = daemon
        self._begun = base.seconds()
        self.turns = turns or Turns(base)
        """Where long answers are made piece by piece."""
        self._faults = FaultSide(emulation.faults)
        self._time = TimeSide(emulation.clock, progression, self._daemon)
        self._sides = (
            self,
            host,
            self._faults,
            self._time,
            ContainerSide(self._daemon),
            JournalSide(self._journal, base, self.turns),
            StateSide(host, self._faults, self._journal, self._daemon),
        )

    async def call(self, operation_id: str, arguments: Mapping[str, Any]) -> Any:
        """Carry out an operation whose path, query and body are merged; raises a ControlError."""
        operation = document.operations().get(operation_id)
        if operation is None:
            raise NoSuchThing(kind="operation", name=operation_id)
        body = dict(arguments)
        names = {name: body.pop(name, None) for name in operation.names}
        for name, value in names.items():
            if not isinstance(value, str):
                raise BadInput(where=f"$.{name}", problem=f"the member {name!r} must be a string")
        query = {name: body.pop(name) for name in operation.query if name in body}
        return await self.perform(operation, names, query, body)

    async def perform(self, operation: Operation, names: Mapping[str, str], query: Mapping[str, Any], body: Any) -> Any:
        """Carry out an operation; raises a ControlError, also when query or body are not what the document says."""
        for name, value in query.items():
            document.check_query(operation, name, value)
        if operation.id == _ADD_FAULT:
            fault_of(body)  # tells better what is wrong than a schema with a part for each kind
        if operation.body is not None or body != {}:
            document.check_body(operation, body)
        arguments = {**names, **query, **body}
        if not operation.safe:
            CAUSE.set(self._journal.note("control", operation=operation.id, arguments=arguments))
        return await self._method(operation.id)(arguments)

    def by_name(self) -> dict[str, Callable[[dict[str, Any]], Awaitable[str]]]:
        """Return what carries out each operation that there is, by its id, with path, query and body merged.

        It returns JSON text.
        """
        return {name: partial(self._told, name) for name in document.operations() if self._method(name) is not None}

    async def _told(self, operation_id: str, arguments: Mapping[str, Any]) -> str:
        return await in_json(await self.call(operation_id, arguments), self.turns.work())

    def _method(self, operation_id: str) -> Any:
        name = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", operation_id.replace("API", "Api"))
        return next((getattr(side, name) for side in self._sides if hasattr(side, name)), None)

    def _daemon(self) -> DaemonSide:
        if self._daemon_or_none is None:
            raise NotHere(problem="The Dobby is not ours to control; that of 'thunderoci up' is")
        return self._daemon_or_none

    async def get_health(self, _: dict[str, Any]) -> Any:
        """Tell that all is well."""
        seconds = self._base.seconds() - self._begun
        return {"status": "ok", "version": __version__, "pid": os.getpid(), "seconds": round(seconds, 3)}

    async def get_status(self, _: dict[str, Any]) -> Any:
        """Return all that is worth a look at once."""
        journal, daemon = self._journal, self._daemon_or_none
        return {
            "progression": self._progression,
            "clock": self._time.now(),
            "dobby": None if daemon is None else "there" if daemon.is_there else "away",
            "containers": None if daemon is None else len(daemon.list_containers()),
            "faults": self._faults.documents(),
            "journal": {"entries": len(journal), "last": journal.last, "capacity": journal.capacity},
        }
