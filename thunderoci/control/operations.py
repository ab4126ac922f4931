"""What the control API does: finds the operation that is asked for, checks what it is given, and carries it out.

Each operationId of openapi.json is a method of one of the sides: openOne becomes open_one. A method takes what path,
query and body of a request say in one dictionary, and returns a JSON value or raises a Problem.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from fakedobby.emulation import Emulation
from fakedobby.errors import ControlError
from fakedobby.journal import CAUSE
from thunderoci import __version__
from thunderoci.control import document
from thunderoci.control.about import About
from thunderoci.control.containerside import ContainerSide
from thunderoci.control.daemonside import DaemonSide
from thunderoci.control.document import Operation
from thunderoci.control.faultside import FaultSide, fault_of
from thunderoci.control.hostside import HostSide
from thunderoci.control.journalside import JournalSide
from thunderoci.control.problem import Problem, bad, missing, not_here
from thunderoci.control.stateside import StateSide
from thunderoci.control.timeside import TimeSide
from thunderoci.host import PluginHost

_ADD_FAULT = "addFault"
_CAPITAL = re.compile("[A-Z]+")


class Operations:
    """Everything that the control API can do with one emulator.

    Without a `daemon` what concerns containers is refused. `base` is the real clock, by which a request waits.
    """

    def __init__(
        self, host: PluginHost, emulation: Emulation, about: About, base: Any, daemon: DaemonSide | None = None
    ) -> None:
        self._journal = emulation.journal
        self._about = about
        self._base = base
        self._daemon_or_none = daemon
        self._begun = base.seconds()
        self._host = HostSide(host)
        self._faults = FaultSide(emulation.faults)
        self._time = TimeSide(emulation.clock, about, self._daemon)
        self._sides = (
            self,
            self._host,
            self._faults,
            self._time,
            ContainerSide(self._daemon),
            JournalSide(self._journal, base),
            StateSide(self._host, self._faults, self._journal, self._daemon),
        )

    async def restart(self) -> None:
        """Reset everything to a start with the faults that are in force now; raises a Problem."""
        self._faults.take_for_first()
        await self.call("resetState", {})

    async def call(self, operation_id: str, arguments: Mapping[str, Any]) -> Any:
        """Carry out an operation whose path, query and body are merged; raises a Problem."""
        operation = document.operations().get(operation_id)
        if operation is None:
            raise missing(f"There is no operation {operation_id!r}.")
        body = dict(arguments)
        names = {name: body.pop(name, None) for name in operation.names}
        for name, value in names.items():
            if not isinstance(value, str):
                raise bad(f"The member {name!r} must be a string.", f"$.{name}")
        query = {name: body.pop(name) for name in operation.query if name in body}
        return await self.perform(operation, names, query, body)

    async def perform(self, operation: Operation, names: Mapping[str, str], query: Mapping[str, Any], body: Any) -> Any:
        """Carry out an operation; raises a Problem, also when query or body are not what the document says."""
        for name, value in query.items():
            document.check_query(operation, name, value)
        if operation.id == _ADD_FAULT:
            fault_of(body)  # tells better what is wrong than a schema with a part for each kind
        if operation.body is not None or body != {}:
            document.check_body(operation, body)
        arguments = {**names, **query, **body}
        if not operation.safe:
            CAUSE.set(self._journal.note("control", operation=operation.id, arguments=arguments))
        try:
            return await self._method(operation)(arguments)
        except Problem:
            raise
        except ControlError as problem:
            raise Problem(HTTPStatus(problem.status), problem.detail, where=problem.where) from None

    def by_name(self) -> dict[str, Callable[[dict[str, Any]], Awaitable[Any]]]:
        """Return what carries out each operation by its id, with path, query and body merged; all raise a Problem."""
        return {name: partial(self.call, name) for name in document.operations()}

    def _method(self, operation: Operation) -> Any:
        name = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", operation.id.replace("API", "Api"))
        return next(getattr(side, name) for side in self._sides if hasattr(side, name))

    def _daemon(self) -> DaemonSide:
        if self._daemon_or_none is None:
            raise not_here("The Dobby is not ours to control; that of 'thunderoci up' is.")
        return self._daemon_or_none

    async def get_health(self, _: dict[str, Any]) -> Any:
        """Tell that all is well."""
        seconds = self._base.seconds() - self._begun
        return {"status": "ok", "version": __version__, "pid": os.getpid(), "seconds": round(seconds, 3)}

    async def get_open_api(self, _: dict[str, Any]) -> Any:
        """Return the document."""
        return document.document()

    async def get_status(self, _: dict[str, Any]) -> Any:
        """Return all that is worth a look at once."""
        about, journal, daemon = self._about, self._journal, self._daemon_or_none
        return {
            "url": about.url,
            "ws": about.ws,
            "bus": about.bus,
            "profile": about.profile,
            "flavour": about.flavour,
            "progression": about.progression,
            "clock": self._time.now(),
            "containers": None if daemon is None else len(daemon.list_containers()),
            "plugins": self._host.plugins(),
            "subscriptions": len(self._host.subscriptions()),
            "connections": self._host.connections,
            "faults": self._faults.documents(),
            "journal": {"entries": len(journal), "last": journal.last, "capacity": journal.capacity},
        }
