"""Dobby's object on D-Bus: takes messages, checks them as the daemon does, and answers."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from txdbus.message import MethodCallMessage

from fakedobby.administration import Administration
from fakedobby.answermessage import sendable
from fakedobby.arguments import understood
from fakedobby.bus import BusConnection
from fakedobby.busname import take_name
from fakedobby.clock import Clock
from fakedobby.control import CONTROL_PATH, ControlObject
from fakedobby.descriptors import DescriptorSequence
from fakedobby.emulation import Emulation
from fakedobby.errors import DaemonGone, UserError
from fakedobby.faults import DOBBY, Fault
from fakedobby.faulty import Answer, FaultyDobby
from fakedobby.journal import CAUSE
from fakedobby.manager import Manager
from fakedobby.messages import Signal
from fakedobby.phase import Phase
from fakedobby.protocol import (
    ADMIN_INTERFACE,
    BUS_NAME,
    ERROR_FAILED,
    ERROR_UNKNOWN_METHOD,
    METHODS,
    OBJECT_PATH,
    SIGNALS,
    Reply,
)
from fakedobby.quirks import CALL_SLOTS, EARLY_NAME, HANG_ON_STRUCT, DaemonCrashed, Provokes, Quirk
from fakedobby.settings import Settings
from fakedobby.surroundings import PEER, Failure, elsewhere, peer

log = logging.getLogger(__name__)

_SLOTS = 49
_FOREIGN = "org.freedesktop."
"""How interfaces begin that are no business of Dobby's: calls of them are not in the journal."""


class DobbyService:
    """The fake daemon on one bus connection.

    `clock` moves the containers' lives, `uptime` is the machine's monotonic time in seconds, and `waits` moves what is
    up to the bus. `gone` is called once when the daemon has left the bus by itself: with None after its Shutdown, with
    the reason after a crash. `leave` has it leave, and be back in so many seconds, or never. `control` answers beside
    Dobby's object.
    """

    def __init__(
        self,
        connection: BusConnection,
        clock: Clock,
        settings: Settings | None = None,
        *,
        emulation: Emulation | None = None,
        uptime: float = 0.0,
        waits: Clock | None = None,
        gone: Callable[[UserError | None], None] = lambda _: None,
        leave: Callable[[float | None], None] | None = None,
        control: ControlObject | None = None,
    ) -> None:
        settings = settings or Settings()
        self._emulation = emulation or Emulation.on(clock)
        self._connection = connection
        self._waits = waits or clock
        self.leave_for = leave
        self._control = control
        self._timings = settings.timings
        self._quirks = settings.quirks
        self._gone = gone
        self._phase = Phase.NAMED if EARLY_NAME in settings.quirks else Phase.SERVING
        self._slots = _SLOTS if CALL_SLOTS in settings.quirks else None
        self._manager = Manager(
            clock, self._emit, settings, pace=self._emulation.pace, uptime=uptime, crash=self._crash
        )
        self._administration = Administration(connection, lambda: self._shut_down(lambda: self._gone(None)))
        self._is_silent = False
        self._faulty = FaultyDobby(self._emulation, self._manager, self._go)

    @property
    def manager(self) -> Manager:
        """What has the containers."""
        return self._manager

    async def publish(self) -> None:
        """Own the bus name and answer calls, then say Ready.

        Raises NameTaken when another daemon still has the name after the waits of the real one, and NameDenied when the
        bus does not let us have it.
        """
        self._connection.answer_call = self._answer_safely
        await take_name(self._connection, BUS_NAME, self._timings.name_waits, self._wait)
        if EARLY_NAME in self._quirks:
            for phase in (Phase.EMPTY, Phase.SERVING):
                await self._wait(self._timings.early_name)
                self._phase = phase
        self._emit("Ready", ())

    def _wait(self, seconds: float) -> Deferred[None]:
        return deferLater(self._waits, seconds, lambda: None)  # type: ignore[arg-type]  # ours is the part that it needs

    def shutdown(self) -> Deferred[None]:
        """Stop the containers and leave the bus, as SIGTERM makes a real daemon do; fires when that is done."""
        done: Deferred[None] = Deferred()
        self._shut_down(lambda: done.callback(None))
        return done

    def _shut_down(self, finished: Callable[[], None]) -> None:
        if not self._phase.is_silent:
            self._phase = Phase.NAMED

        def leave() -> None:
            self.leave()
            finished()

        self._manager.shut_down(leave)

    def _crash(self, quirk: Quirk) -> None:
        self._emulation.journal.note("fault", what="left", quirk=quirk.id)
        self.leave()
        self._gone(DaemonCrashed(quirk=quirk.id, sentence=quirk.sentence))

    def _go(self, fault: Fault, seconds: float | None) -> None:
        """Leave the bus as a fault wants it: for a while, or as after a crash for good."""
        later = {} if seconds is None else {"seconds": seconds}
        self._emulation.journal.note("fault", fault.entry, what="left", fault=fault.id, **later)
        if seconds is not None and self.leave_for is not None:
            self.leave_for(seconds)
        else:
            self.leave()
            self._gone(DaemonGone(fault=fault.id))

    def close(self) -> None:
        """Leave nothing of the containers behind, at whatever moment, and send nothing more; may be called again."""
        self._phase = Phase.GONE
        self._faulty.close()
        self._manager.close()

    def leave(self) -> None:
        """Leave the bus at once, with all containers, as a daemon does that crashes."""
        self.close()
        self._connection.disconnect()

    def reset(self) -> bool:
        """Have no container and no call under way, and give descriptors from the first one on; the bus hears nothing.

        False when the daemon does not serve any more, and can't be brought back to it.
        """
        if self._phase is not Phase.SERVING or self._manager.leaving:
            return False
        if self._slots is not None:
            self._slots = _SLOTS
        with self.silent():
            self._manager.clear()
        self._manager.containers.descriptors = DescriptorSequence()
        return True

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Send no signal meanwhile, also not those that faults have kept."""
        self._is_silent = True
        try:
            self._faulty.let_go()
            yield
        finally:
            self._is_silent = False

    def _answer_safely(self, call: MethodCallMessage) -> None:
        try:
            copy_context().run(self._answer_noted, call)
        except Exception:  # an exception that reached txdbus would cost us the connection
            log.exception("answering %s broke; this is a defect of ours, please report it", call.member)
            self._fail(call, ERROR_FAILED, f"The fake Dobby broke on {call.member}.")

    def _answer_noted(self, call: MethodCallMessage) -> None:
        """Answer a call, as the cause of what follows; those of a plugin in this process are in the journal already."""
        journal = self._emulation.journal
        ticket = journal.trail.follow(call.sender, call.serial)
        if ticket is None and call.path != CONTROL_PATH and not (call.interface or "").startswith(_FOREIGN):
            ticket = call.entry = journal.note(
                "call", method=call.member, arguments=call.body or [], sender=call.sender
            )
        CAUSE.set(ticket)
        self._answer(call)

    def _answer(self, call: MethodCallMessage) -> None:
        if call.path == CONTROL_PATH and self._control is not None and call.interface != PEER:
            self._be_controlled(call, self._control)
        elif self._phase.is_silent and call.path != CONTROL_PATH:
            return
        elif call.interface == PEER:
            self._send(call, peer(call.member))
        elif call.path != OBJECT_PATH or self._phase is Phase.NAMED:
            self._send(call, elsewhere(call.path, call.interface, call.member))
        elif call.interface is None:
            self._fail(call, ERROR_UNKNOWN_METHOD, f"Unknown method {call.member} or interface (null).")
        elif self._slots is not None and not self._take_slot():
            self._fail(call, ERROR_UNKNOWN_METHOD, f"Unknown method {call.member} or interface {call.interface}.")
        elif self._knows(call):
            self._answer_known(call)
        else:
            # with the quirk, the slot of such a call is never given back
            self._fail(call, ERROR_UNKNOWN_METHOD, f"No handler for method {call.interface}.{call.member}")

    def _be_controlled(self, call: MethodCallMessage, control: ControlObject) -> None:
        answer = control.answer(call.interface, call.member, call.signature or "", call.body or [])
        Deferred.fromCoroutine(answer).addCallback(lambda found: self._send(call, found))

    def _knows(self, call: MethodCallMessage) -> bool:
        method = METHODS.get(call.member)
        return method is not None and method.interface == call.interface and self._phase is Phase.SERVING

    def _take_slot(self) -> bool:
        """Take one of the identifiers that replies have with the quirk D-call-slots."""
        if not self._slots:
            return False
        self._slots -= 1
        return True

    def _answer_known(self, call: MethodCallMessage) -> None:
        def answer(reply: Reply | Failure) -> None:
            if self._slots is not None:
                self._slots += 1
            self._send(call, reply)

        if DOBBY in self._emulation.faults.places:
            self._faulty.call(call.member, call.body or [], answer, lambda answer: self._carry_out(call, answer))
        else:
            self._carry_out(call, answer)

    def _carry_out(self, call: MethodCallMessage, answer: Answer) -> None:
        method = METHODS[call.member]

        def done(value: Any) -> None:
            if value is None:
                answer(method.refusal)
            else:
                answer(Reply(method.returns, value if method.returns == "aias" else (value,)))

        try:
            signature, arguments = understood(call.signature or "", call.body or [])
        except Provokes as reason:
            if HANG_ON_STRUCT in self._quirks:
                log.warning("the fake Dobby hangs as a real one does: %s", reason.quirk.sentence)
                self._phase = Phase.HUNG
                return
            log.info("%s: %s", call.member, reason)
            signature, arguments = call.signature, call.body
        if method.accepts is not None and signature not in method.accepts:
            log.info("%s refused: it does not take the arguments (%s)", call.member, signature)
            answer(method.refusal)
        elif call.interface == ADMIN_INTERFACE:
            self._administration.call(call.member, signature, arguments, answer)
        else:
            self._manager.call(call.member, arguments if method.accepts else [], done)

    def _fail(self, call: MethodCallMessage, name: str, text: str) -> None:
        self._send(call, Failure(name, text))

    def _send(self, call: MethodCallMessage, answer: Reply | Failure) -> None:
        if not call.expectReply or self._phase is Phase.GONE:
            return
        answer, message = sendable(call, answer)
        if (entry := getattr(call, "entry", None)) is not None:
            facts: dict[str, Any] = {"error": answer.name} if isinstance(answer, Failure) else {"values": answer.values}
            self._emulation.journal.note("reply", entry, method=call.member, **facts)
        self._connection.sendMessage(message)

    def _emit(self, name: str, values: tuple[Any, ...]) -> None:
        if DOBBY in self._emulation.faults.places or self._faulty.holds:
            self._faulty.signal(name, values, self._send_signal)
        else:
            self._send_signal(name, values)

    def _send_signal(self, name: str, values: tuple[Any, ...]) -> None:
        if self._is_silent or self._phase is Phase.GONE:
            return
        signal = SIGNALS[name]
        message = Signal(OBJECT_PATH, name, signal.interface, signal.signature, values)
        journal = self._emulation.journal
        ticket = journal.note("signal", method=name, arguments=values)
        journal.trail.lay(self._connection.busName, message.serial, ticket)
        self._connection.sendMessage(message)
