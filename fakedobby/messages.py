"""txdbus's messages, made and read by wire.py where that can do it, and by txdbus where not."""

from collections.abc import Sequence
from typing import Any

from txdbus.message import DBusMessage, MethodCallMessage, MethodReturnMessage, SignalMessage

from fakedobby import wire
from fakedobby.wire import CALL, RETURN, SIGNAL, Head

_NO_REPLY_EXPECTED = 1


def _next_serial() -> int:
    """Return the serial of the next message; txdbus counts those that it makes itself with the same counter."""
    serial: int = DBusMessage._nextSerial  # noqa: SLF001 (there is no other one)
    DBusMessage._nextSerial = serial + 1  # noqa: SLF001
    return serial


class _Written:
    """What wire.py has written, as far as txdbus looks at it."""

    def _set(self, serial: int, raw: bytes, signature: str, body: Sequence[Any]) -> None:
        self.serial = serial
        self.rawMessage = raw
        self.signature = signature or None
        self.body = list(body) if signature else None


class Call(_Written, MethodCallMessage):  # type: ignore[misc]  # txdbus has no type hints
    """A method call; raises what txdbus raises for values that do not fit the signature."""

    def __init__(  # noqa: PLR0917 (as txdbus has them)
        self, path: str, member: str, interface: str, destination: str, signature: str = "", body: Sequence[Any] = ()
    ) -> None:
        fields = wire.fields(path, interface, member, destination, signature)
        serial = _next_serial()
        raw = wire.write(CALL, serial, fields, signature, body)
        if raw is None:
            super().__init__(path, member, interface, destination, signature or None, list(body))
            return
        self.path, self.member, self.interface, self.destination = path, member, interface, destination
        self._set(serial, raw, signature, body)


class Return(_Written, MethodReturnMessage):  # type: ignore[misc]  # as above
    """The answer to a call of `destination` that had the serial `reply_serial`; raises as Call does."""

    def __init__(self, reply_serial: int, destination: str, signature: str, body: Sequence[Any]) -> None:
        fields = wire.fields("", "", "", destination, signature)
        serial = _next_serial()
        raw = wire.write(RETURN, serial, fields, signature, body, reply_serial)
        if raw is None:
            super().__init__(reply_serial, list(body), destination, signature or None)
            return
        self.reply_serial, self.destination = reply_serial, destination
        self._set(serial, raw, signature, body)


class Signal(_Written, SignalMessage):  # type: ignore[misc]  # as above
    """A signal to whoever listens; raises as Call does."""

    def __init__(self, path: str, member: str, interface: str, signature: str, body: Sequence[Any]) -> None:
        fields = wire.fields(path, interface, member, "", signature)
        serial = _next_serial()
        raw = wire.write(SIGNAL, serial, fields, signature, body)
        if raw is None:
            super().__init__(path, member, interface, signature=signature or None, body=list(body))
            return
        self.path, self.member, self.interface = path, member, interface
        self._set(serial, raw, signature, body)


_CLASSES = {CALL: MethodCallMessage, RETURN: MethodReturnMessage, SIGNAL: SignalMessage}


def parse(raw: bytes) -> Any:
    """Return a whole message as txdbus would; None when it is left to txdbus."""
    head = wire.parse_head(raw)
    if head is None or head.kind not in _CLASSES:
        return None
    body = wire.read_body(raw, head)
    return None if body is None else _message(head, body)


def _message(head: Head, body: list[Any]) -> Any:
    kind = _CLASSES[head.kind]
    message = kind.__new__(kind)
    message.__dict__.update(head.fields)
    message.serial = head.serial
    if head.reply_serial is not None:
        message.reply_serial = head.reply_serial
    if message.signature:
        message.body = body
    message.expectReply = not head.flags & _NO_REPLY_EXPECTED
    return message
