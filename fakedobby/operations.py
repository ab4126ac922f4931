"""What the object beside Dobby's can do where there is a fake daemon and nothing else (control.py).

The names, arguments and results are those of the control API of the whole emulator, as far as they make sense here.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fakedobby import __version__
from fakedobby.daemoncontrol import DaemonControl
from fakedobby.emulation import Emulation
from fakedobby.errors import BadFault, BadInput, FaultExists, NoSuchThing, NotNow
from fakedobby.faults import Fault
from fakedobby.journal import CAUSE
from fakedobby.journalentry import as_json, as_line, chosen

_MOST_SPEED = 1e6

Arguments = dict[str, Any]


class Operations:
    """The operations; everything raises a ControlError."""

    def __init__(self, control: DaemonControl, emulation: Emulation, progression: str) -> None:
        self._control = control
        self._faults = emulation.faults
        self._journal = emulation.journal
        self._clock = control.clock
        self._progression = progression
        self._first = [fault.as_document() for fault in emulation.faults]

    def by_name(self) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
        """Return what carries out each operation, by its name."""
        return {name: self._noted(name, what) for name, what in self._table.items()}

    def _noted(
        self, name: str, what: Callable[["Operations", Arguments], Any]
    ) -> Callable[[Arguments], Awaitable[Any]]:
        async def carry_out(arguments: Arguments) -> Any:
            if not name.startswith(("get", "list", "query", "export")):
                CAUSE.set(self._journal.note("control", operation=name, arguments=arguments))
            result = what(self, arguments)
            return await result if isinstance(result, Awaitable) else result

        return carry_out

    def _health(self, _: Arguments) -> Any:
        return {"status": "ok", "version": __version__, "pid": os.getpid()}

    def _status(self, _: Arguments) -> Any:
        return {
            "progression": self._progression,
            "clock": self._time({}),
            "containers": len(self._control.list_containers()),
            "faults": [fault.as_document() for fault in self._faults],
            "journal": {"entries": len(self._journal), "last": self._journal.last, "capacity": self._journal.capacity},
        }

    def _state(self, _: Arguments) -> Any:
        return {"containers": self._control.containers_state()}

    def _set_state(self, arguments: Arguments) -> Any:
        self._control.set_containers(_needed(arguments, "containers", list))
        return self._state({})

    async def _reset(self, _: Arguments) -> Any:
        await self._control.reset()
        self._put_faults([Fault.of(document | {"seen": 0, "struck": 0}) for document in self._first])
        self._journal.clear()
        return self._state({})

    def _snapshot(self, _: Arguments) -> Any:
        return self._control.snapshot() | {"faults": [fault.as_document() for fault in self._faults]}

    def _restore(self, arguments: Arguments) -> Any:
        for name, kind in (("containers", list), ("clock", dict), ("faults", list), ("nextDescriptor", int)):
            _needed(arguments, name, kind)
        for name in ("seconds", "speed"):
            _needed(arguments["clock"], name, (int, float), "$.clock")
        faults = [_fault(document, f"$.faults[{index}]") for index, document in enumerate(arguments["faults"])]
        self._control.restore(arguments)
        self._put_faults(faults)
        return self._state({})

    def _put_faults(self, faults: list[Fault]) -> None:
        self._faults.clear()
        for fault in faults:
            self._faults.add(fault)

    def _containers(self, _: Arguments) -> Any:
        return {"containers": self._control.list_containers()}

    def _container(self, arguments: Arguments) -> Any:
        return self._control.get_container(_needed(arguments, "id", str))

    def _exit(self, arguments: Arguments) -> Any:
        container = self._container(arguments)
        self._control.exit_container(container["id"], _needed(arguments, "status", int))
        return container

    def _crash(self, arguments: Arguments) -> Any:
        container = self._container(arguments)
        self._control.crash_container(container["id"], _needed(arguments, "signal", str))
        return container

    def _list_faults(self, _: Arguments) -> Any:
        return {"faults": [fault.as_document() for fault in self._faults]}

    def _add_fault(self, arguments: Arguments) -> Any:
        try:
            return self._faults.add(_fault(arguments, "$")).as_document()
        except FaultExists as problem:
            raise NotNow(problem=str(problem).removesuffix(".")) from None

    def _get_fault(self, arguments: Arguments) -> Any:
        fault = self._faults.find(_needed(arguments, "id", str))
        if fault is None:
            raise NoSuchThing(kind="fault", name=arguments["id"])
        return fault.as_document()

    def _remove_fault(self, arguments: Arguments) -> None:
        self._get_fault(arguments)
        self._faults.remove(arguments["id"])

    def _clear_faults(self, _: Arguments) -> None:
        self._faults.clear()

    def _time(self, _: Arguments) -> Any:
        due = self._clock.next_due()
        return {"seconds": round(self._clock.seconds(), 6), "speed": self._clock.speed, "next": due}

    async def _advance(self, arguments: Arguments) -> Any:
        await self._control.advance(_needed(arguments, "seconds", (int, float)))
        return self._time({})

    def _set_speed(self, arguments: Arguments) -> Any:
        speed = _needed(arguments, "speed", (int, float))
        if not 0 <= speed <= _MOST_SPEED:
            raise BadInput(where="$.speed", problem=f"it must be a number, 0 to {_MOST_SPEED:.0f}")
        self._clock.speed = float(speed)
        return self._time({})

    def _steps(self, _: Arguments) -> Any:
        return {"progression": self._progression, "waiting": self._control.waiting()}

    async def _step(self, arguments: Arguments) -> Any:
        await self._control.step(arguments.get("steps", 1))
        return self._steps({})

    def _query(self, arguments: Arguments) -> Any:
        entries = chosen(
            self._journal,
            since=_optional(arguments, "since", int, 0),
            kinds=kind.split(",") if (kind := _optional(arguments, "kind", str, "")) else None,
            method=_optional(arguments, "method", str, None),
            container=_optional(arguments, "container", str, None),
        )
        limit = _optional(arguments, "limit", int, None)
        found = [as_json(entry) for entry in entries][:limit]
        return {"entries": found, "last": self._journal.last, "dropped": self._journal.dropped}

    def _clear_journal(self, _: Arguments) -> None:
        self._journal.clear()

    def _export(self, _: Arguments) -> Any:
        return "".join(map(as_line, self._journal))

    _table: Mapping[str, Callable[["Operations", Arguments], Any]] = {
        "getHealth": _health,
        "getStatus": _status,
        "getState": _state,
        "setState": _set_state,
        "resetState": _reset,
        "snapshotState": _snapshot,
        "restoreState": _restore,
        "listContainers": _containers,
        "getContainer": _container,
        "startContainer": lambda self, arguments: self._control.start_container(arguments),
        "exitContainer": _exit,
        "crashContainer": _crash,
        "listFaults": _list_faults,
        "addFault": _add_fault,
        "getFault": _get_fault,
        "removeFault": _remove_fault,
        "clearFaults": _clear_faults,
        "getClock": _time,
        "advanceClock": _advance,
        "freezeClock": lambda self, _: self._set_speed({"speed": 0}),
        "setClockSpeed": _set_speed,
        "getProgression": _steps,
        "stepProgression": _step,
        "queryJournal": _query,
        "clearJournal": _clear_journal,
        "exportJournal": _export,
    }


def _needed(arguments: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: str = "$") -> Any:
    """Return an argument of a kind; raises BadInput."""
    if name not in arguments:
        raise BadInput(where=f"{where}.{name}", problem="it is missing")
    value = arguments[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadInput(where=f"{where}.{name}", problem=f"it must be {_KINDS[kind]}")
    return value


def _optional(arguments: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    return _needed(arguments, name, kind) if name in arguments else default


_KINDS: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    (int, float): "a number",
    list: "an array",
    dict: "an object",
}


def _fault(document: Any, where: str) -> Fault:
    try:
        return Fault.of(document)
    except BadFault as problem:
        raise BadInput(where=f"{where}.{problem.where}" if problem.where else where, problem=problem.reason) from None
