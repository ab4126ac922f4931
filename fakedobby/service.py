"""Dobby's object on D-Bus: takes messages, checks them as the daemon does, and answers."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from txdbus.error import FailedToAcquireName, RemoteError
from txdbus.message import ErrorMessage, MethodCallMessage, MethodReturnMessage, SignalMessage

from fakedobby.bus import BusConnection
from fakedobby.clock import Clock
from fakedobby.errors import NameDenied, NameTaken, UserError
from fakedobby.manager import Manager
from fakedobby.protocol import (
    BUS_NAME,
    CTRL_INTERFACE,
    ERROR_FAILED,
    ERROR_UNKNOWN_METHOD,
    ERROR_UNKNOWN_OBJECT,
    METHODS,
    OBJECT_PATH,
    SIGNALS,
    Reply,
)
from fakedobby.settings import Settings
from fakedobby.timings import IMMEDIATE

log = logging.getLogger(__name__)

_NAME_RETRIES = (0.2, 0.4, 0.8, 1.6)
"""Seconds that a daemon waits between its attempts to take its bus name (facts/dobby.md 0)."""
_PEER = "org.freedesktop.DBus.Peer"
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_PARENTS = {"/": "org", "/org": "rdk", "/org/rdk": "dobby"}
"""The paths above the object, which can be introspected, and the child that each one shows."""


class DobbyService:
    """The fake daemon on one bus connection.

    `clock` moves the containers' lives, `uptime` is the machine's monotonic time in seconds. `gone` is called once when
    the daemon leaves the bus by itself.
    """

    def __init__(
        self,
        connection: BusConnection,
        clock: Clock,
        settings: Settings,
        *,
        uptime: float = 0.0,
        gone: Callable[[UserError | None], None] = lambda _: None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._retries = _NAME_RETRIES if settings.timings is not IMMEDIATE else (0.0,) * len(_NAME_RETRIES)
        self._gone = gone
        self._manager = Manager(clock, self._emit, timings=settings.timings, uptime=uptime)

    async def publish(self) -> None:
        """Answer calls and own the bus name; raises NameTaken when another daemon keeps it for 3 seconds."""
        self._connection.answer_call = self._answer_safely
        for delay in (*self._retries, None):
            try:
                await self._connection.requestBusName(BUS_NAME)
            except RemoteError as problem:
                raise NameDenied(name=BUS_NAME, reason=problem.errName) from None
            except FailedToAcquireName:
                if delay is None:
                    raise NameTaken(name=BUS_NAME) from None
                pause: Deferred[None] = Deferred()
                self._clock.callLater(delay, pause.callback, None)
                await pause
            else:
                return

    def shutdown(self) -> "Deferred[None]":
        """Stop the containers and give the name back; the Deferred fires when that is done."""
        return succeed(None)

    def _answer_safely(self, call: MethodCallMessage) -> None:
        try:
            self._answer(call)
        except Exception:  # an exception that reached txdbus would cost us the connection
            log.exception("answering %s broke; this is a defect of ours, please report it", call.member)
            self._fail(call, ERROR_FAILED, f"The fake Dobby broke on {call.member}.")

    def _answer(self, call: MethodCallMessage) -> None:
        if call.interface == _PEER:
            self._answer_peer(call)
        elif call.path != OBJECT_PATH:
            self._answer_elsewhere(call)
        elif call.interface is None:
            self._fail(call, ERROR_UNKNOWN_METHOD, f"Unknown method {call.member} or interface (null).")
        elif call.interface != CTRL_INTERFACE or call.member not in METHODS:
            self._fail(call, ERROR_UNKNOWN_METHOD, f"No handler for method {call.interface}.{call.member}")
        else:
            self._answer_ctrl(call)

    def _answer_ctrl(self, call: MethodCallMessage) -> None:
        method = METHODS[call.member]
        arguments = call.body or []
        if method.accepts is None:
            arguments = []
        elif (call.signature or "") not in method.accepts:
            log.info("%s refused: it does not take the arguments (%s)", call.member, call.signature or "")
            self._reply(call, method.refusal)
            return

        def done(answer: Any) -> None:
            if answer is None:
                self._reply(call, method.refusal)
            else:
                self._reply(call, Reply(method.returns, answer if method.returns == "aias" else (answer,)))

        self._manager.call(call.member, arguments, done)

    def _answer_peer(self, call: MethodCallMessage) -> None:
        if call.member == "Ping":
            self._reply(call, Reply("", ()))
        elif call.member == "GetMachineId":
            self._reply(call, Reply("s", (_machine_id(),)))
        else:
            self._fail(call, ERROR_UNKNOWN_METHOD, f"Unknown method '{call.member}' on interface '{_PEER}'.")

    def _answer_elsewhere(self, call: MethodCallMessage) -> None:
        if call.path in _PARENTS and call.interface == _INTROSPECTABLE and call.member == "Introspect":
            self._reply(call, Reply("s", (_introspection(_PARENTS[call.path]),)))
        else:
            self._fail(call, ERROR_UNKNOWN_OBJECT, f"Unknown object '{call.path}'.")

    def _reply(self, call: MethodCallMessage, reply: Reply) -> None:
        self._connection.sendMessage(
            MethodReturnMessage(
                call.serial, body=list(reply.values), destination=call.sender, signature=reply.signature or None
            )
        )

    def _fail(self, call: MethodCallMessage, name: str, text: str) -> None:
        self._connection.sendMessage(
            ErrorMessage(name, call.serial, destination=call.sender, signature="s", body=[text])
        )

    def _emit(self, signal: str, values: tuple[Any, ...]) -> None:
        self._connection.sendMessage(
            SignalMessage(OBJECT_PATH, signal, CTRL_INTERFACE, signature=SIGNALS[signal], body=list(values))
        )


def _machine_id() -> str:
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        return "0" * 32


def _introspection(child: str) -> str:
    return (
        '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
        ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
        "<node>\n"
        ' <interface name="org.freedesktop.DBus.Peer">\n'
        '  <method name="Ping"/>\n'
        '  <method name="GetMachineId"><arg type="s" name="machine_uuid" direction="out"/></method>\n'
        " </interface>\n"
        ' <interface name="org.freedesktop.DBus.Introspectable">\n'
        '  <method name="Introspect"><arg name="xml_data" type="s" direction="out"/></method>\n'
        " </interface>\n"
        f' <node name="{child}"/>\n'
        "</node>\n"
    )
