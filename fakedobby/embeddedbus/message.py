"""One message: read from bytes, made by the bus, and as bytes again with the sender that the bus knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from txdbus import marshal

from fakedobby.embeddedbus.grammar import Malformed, complete_types, is_bus_name, is_interface, is_member
from fakedobby.embeddedbus.reader import Reader, read_body

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
NO_REPLY_EXPECTED, NO_AUTO_START = 1, 2
UInt32 = marshal.UInt32
"""An integer that txdbus makes a uint32 of where the signature leaves it open, in variants."""
FIXED_HEADER = 16
"""Bytes of the header up to the first field."""

_FIELDS = {
    1: ("path", "o", marshal.ObjectPath),
    2: ("interface", "s", str),
    3: ("member", "s", str),
    4: ("error_name", "s", str),
    5: ("reply_serial", "u", marshal.UInt32),
    6: ("destination", "s", str),
    7: ("sender", "s", str),
    8: ("signature", "g", marshal.Signature),
    9: ("unix_fds", "u", marshal.UInt32),
}
"""Header fields: attribute here, type on the wire, and the class by which txdbus knows that type."""
_REQUIRED = {
    CALL: ("path", "member"),
    RETURN: ("reply_serial",),
    ERROR: ("error_name", "reply_serial"),
    SIGNAL: ("path", "interface", "member"),
}
_FORMS = {
    "interface": is_interface,
    "member": is_member,
    "error_name": is_interface,
    "destination": is_bus_name,
    "sender": is_bus_name,
}
_LOCAL_PATH, _LOCAL_INTERFACE = "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local"


@dataclass
class Message:
    """A message (D-Bus specification, "Message Format"); header fields that it does not have are None."""

    kind: int
    flags: int = NO_REPLY_EXPECTED
    serial: int = 0
    path: str | None = None
    interface: str | None = None
    member: str | None = None
    error_name: str | None = None
    reply_serial: int | None = None
    destination: str | None = None
    sender: str | None = None
    signature: str | None = None
    unix_fds: int | None = None
    body: bytes = b""
    little: bool = True
    arguments: tuple[tuple[str, str] | None, ...] = ()
    """The arguments that are strings or object paths, as type and text; None for each other one."""
    fds: Sequence[int] = field(default=())
    """Open file descriptors that belong to whoever received the message."""

    @cached_property
    def raw(self) -> bytes:
        """The message's bytes: the body as it was received, without header fields that nobody knows.

        They are made once, for all recipients: set the sender before.
        """
        fields = [
            [code, wrap(getattr(self, name))]
            for code, (name, _, wrap) in _FIELDS.items()
            if getattr(self, name) is not None
        ]
        order = ord("l" if self.little else "B")
        values = [order, self.kind, self.flags, 1, len(self.body), self.serial, fields]
        header = b"".join(marshal.marshal("yyyyuua(yv)", values, lendian=self.little)[1])
        return header + bytes(-len(header) % 8) + self.body

    def values(self) -> list[Any]:
        """Return the body as Python values."""
        values: list[Any] = marshal.unmarshal(self.signature or "", self.body, 0, self.little, list(self.fds))[1]
        return values


def decode(raw: bytes) -> Message:
    """Read one whole message; raises Malformed if anything about it is not as the specification says."""
    little = raw[:1] == b"l"
    reader = Reader(raw, little=little, at=1)
    kind, flags, _ = reader.read("y"), reader.read("y"), reader.read("y")
    reader.read("u")
    message = Message(kind, flags, reader.read("u"), little=little)
    end = reader.array_end(8)
    while reader.at < end:
        _read_field(reader, message)
    if reader.at != end:
        raise Malformed("the header ends inside a field")
    reader.align(8)
    message.body = raw[reader.at :]
    _check(message)
    message.arguments = read_body(message.signature or "", message.body, little=little)
    return message


def _read_field(reader: Reader, message: Message) -> None:
    reader.align(8)
    code = reader.read("y")
    types = complete_types(reader.read("g"))
    if len(types) != 1 or code == 0:
        raise Malformed("a header field is invalid")
    value = reader.read(types[0], depth=2)
    if code not in _FIELDS:
        return
    name, expected, _ = _FIELDS[code]
    if types[0] != expected or getattr(message, name) is not None:
        raise Malformed(f"the header field {name} has the wrong type or comes twice")
    if name in _FORMS and not _FORMS[name](value):
        raise Malformed(f"the header field {name} is invalid")
    setattr(message, name, value)


def _check(message: Message) -> None:
    if message.kind == 0 or message.serial == 0 or message.reply_serial == 0:
        raise Malformed("type or serial is zero")
    if any(getattr(message, name) is None for name in _REQUIRED.get(message.kind, ())):
        raise Malformed("a header field is missing")
    if message.path == _LOCAL_PATH or message.interface == _LOCAL_INTERFACE:
        raise Malformed("what a library tells its own program came over the wire")


def with_body(message: Message, signature: str, values: Sequence[Any]) -> Message:
    """Give `message` a body, and return it."""
    if signature:
        message.signature = signature
        message.body = b"".join(marshal.marshal(signature, list(values))[1])
        message.arguments = read_body(signature, message.body, little=True)
    return message
