"""What faults do to the daemon's calls, replies, signals and containers (no I/O)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fakedobby.emulation import Emulation
from fakedobby.faultkinds import DEADLY
from fakedobby.faults import DOBBY, Fault
from fakedobby.faulttimers import FaultTimers
from fakedobby.journal import on_behalf
from fakedobby.manager import Manager
from fakedobby.process import status_of_exit, status_of_signal
from fakedobby.protocol import ADMIN_INTERFACE, ERROR_FAILED, METHODS, Reply
from fakedobby.surroundings import Failure

Answer = Callable[[Reply | Failure], None]
"""Sends the reply of one call."""
Send = Callable[[str, tuple[Any, ...]], None]
"""Sends a signal: its name and its values."""

_ON_CALLS = frozenset({"failure", "error", "no-reply", "delay", "gone", "rubbish"})
_ON_ENDS = frozenset({"exit", "crash"})
_ON_SIGNALS = frozenset({"lose-signal", "double-signal", "delay-signal", "reorder-signal"})
_START = "Started"
_CRASH = "SIGSEGV"
_TEXT = "A fault that was asked for."
_RUBBISH = Reply("s", ("rubbish",))
_RUBBISH_FOR_TEXT = Reply("au", ([1, 2, 3],))


class FaultyDobby:
    """Lets faults strike a daemon; `leave` takes the daemon off the bus, for so many seconds or for ever."""

    def __init__(self, emulation: Emulation, manager: Manager, leave: Callable[[Fault, float | None], None]) -> None:
        self._faults = emulation.faults
        self._manager = manager
        self._late_replies = FaultTimers(emulation.clock)
        self._late_signals = FaultTimers(emulation.clock)
        self._leave = leave
        self._held: list[Callable[[], None]] = []

    @property
    def holds(self) -> bool:
        """Whether a signal is kept until the next one."""
        return bool(self._held)

    def call(self, member: str, arguments: list[Any], answer: Answer, carry_out: Callable[[Answer], None]) -> None:
        """Answer a call by `answer` and carry it out by `carry_out`, or not, as the faults that strike it will have it.

        What comes late or not at all is carried out in time all the same.
        """
        hit = self._faults.strike(DOBBY, member, self._container(member, arguments), _ON_CALLS)
        for fault in hit:
            if fault.kind == "delay":
                answer = self._late(answer, fault.options["seconds"])
        for fault in hit:
            match fault.kind:
                case "failure":
                    answer(_failure_of(member))
                    return
                case "error":
                    options = fault.options
                    answer(Failure(options.get("error", ERROR_FAILED), options.get("text", _TEXT)))
                    return
                case "no-reply":
                    carry_out(lambda _reply: None)
                    return
                case "rubbish":
                    carry_out(lambda _reply: answer(_rubbish_of(member)))
                    return
                case "gone":
                    self._leave(fault, fault.options.get("seconds"))
                    return
        carry_out(answer)

    def _late(self, answer: Answer, seconds: float) -> Answer:
        return lambda reply: self._late_replies.later(seconds, answer, reply)

    def _container(self, member: str, arguments: list[Any]) -> str | None:
        """Return the id of the container that a call is about."""
        if not arguments or METHODS[member].interface == ADMIN_INTERFACE:
            return None
        match arguments[0]:
            case str(container_id):
                return container_id
            case int(descriptor):
                return self._manager.id_of(descriptor)
        return None

    def signal(self, name: str, values: tuple[Any, ...], send: Send) -> None:
        """Send a signal, or not, as the faults that strike it will have it."""
        container = values[1] if values else None
        if name == _START:
            self._doom(values[1])
        kinds = _ON_SIGNALS - {"reorder-signal"} if self._held else _ON_SIGNALS
        times = 1
        way: Callable[[Callable[[], None]], None] = self._send
        for fault in self._faults.strike(DOBBY, name, container, kinds):
            match fault.kind:
                case "lose-signal":
                    return
                case "double-signal":
                    times *= 2
                case "delay-signal":
                    way = partial(self._late_signals.later_by, fault, self._send)
                case "reorder-signal":
                    way = self._held.append

        def emission() -> None:
            for _ in range(times):
                send(name, values)

        way(emission)

    def let_go(self) -> None:
        """Forget the signals that are kept: for a while, or until the next one."""
        self._held.clear()
        self._late_signals.drop()

    def close(self) -> None:
        """Forget the replies that are kept, too: who would send them is not there any more."""
        self.let_go()
        self._late_replies.drop()

    def _send(self, emission: Callable[[], None]) -> None:
        """Send a signal, and behind it those that were kept for it."""
        held, self._held = self._held, []
        for one in (emission, *held):
            one()

    def _doom(self, container: str) -> None:
        """See to it that a container which has just started ends as faults will have it."""
        for fault in self._faults.strike(DOBBY, _START, container, _ON_ENDS):
            process = self._manager.process_of(container)
            options = fault.options
            if fault.kind == "exit":
                status = status_of_exit(options.get("status", 0))
            else:
                status = status_of_signal(DEADLY[options.get("signal", _CRASH)])
            if process is not None:
                on_behalf(fault.entry, process.doom, options.get("seconds", 0), status)


def _rubbish_of(member: str) -> Reply:
    return _RUBBISH_FOR_TEXT if METHODS[member].returns == "s" else _RUBBISH


def _failure_of(member: str) -> Reply:
    """Return what a method answers that could not do it; one that can't fail answers as if nothing were there."""
    method = METHODS[member]
    return method.refusal if method.failure is None else Reply(method.returns, (method.failure,))
