"""A D-Bus client that does one thing at a time, and hands over what the bus sends as it is."""

import os
import re
import socket

from txdbus import marshal

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
NO_REPLY_EXPECTED, NO_AUTO_START = 1, 2
BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
PATIENCE = 20
_FIELDS = {
    "path": (1, marshal.ObjectPath),
    "interface": (2, str),
    "member": (3, str),
    "error_name": (4, str),
    "reply_serial": (5, marshal.UInt32),
    "destination": (6, str),
    "sender": (7, str),
    "signature": (8, marshal.Signature),
    "unix_fds": (9, marshal.UInt32),
}
_NAMES = {code: name for name, (code, _) in _FIELDS.items()}


class Closed(Exception):
    """The bus closed the connection."""


def encode(kind, serial, body=b"", *, flags=0, little=True, extra=(), **fields):
    """One message as bytes; `extra` are header fields as [code, value] behind the known ones."""
    header = [[_FIELDS[name][0], _FIELDS[name][1](value)] for name, value in fields.items()]
    values = [ord("l" if little else "B"), kind, flags, 1, len(body), serial, [*header, *extra]]
    raw = b"".join(marshal.marshal("yyyyuua(yv)", values, lendian=little)[1])
    return raw + bytes(-len(raw) % 8) + body


def body_of(signature, values, *, little=True):
    return b"".join(marshal.marshal(signature, values, lendian=little)[1]) if signature else b""


class Received:
    """A message that the bus sent."""

    def __init__(self, raw, fds):
        little = raw[:1] == b"l"
        length, values = marshal.unmarshal("yyyyuua(yv)", raw, 0, little)
        self.raw, self.kind, self.flags, self.serial = raw, values[1], values[2], values[5]
        self.path = self.interface = self.member = self.error_name = self.reply_serial = None
        self.destination = self.sender = self.unix_fds = None
        self.signature = ""
        for code, value in values[6]:
            setattr(self, _NAMES[code], value)
        self.fds = fds
        self.rest = raw[length + -length % 8 :]
        self.body = marshal.unmarshal(self.signature, self.rest, 0, little, fds)[1]

    def __repr__(self):
        return f"<{self.kind} {self.sender} {self.path} {self.member} {self.error_name} {self.body}>"


class RawClient:
    """A connection that is authenticated, and has said Hello unless told otherwise."""

    def __init__(self, address, *, hello=True, authenticate=True):
        path = re.search("unix:path=([^,]*)", address)[1]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self._buffer = b""
        self._fds = []
        self._serial = 0
        self.name = None
        self.passed = []
        if authenticate:
            identity = str(os.getuid()).encode().hex().encode()
            self.socket.sendall(b"\0AUTH EXTERNAL " + identity + b"\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
            assert self.line().startswith(b"OK ")
            assert self.line() == b"AGREE_UNIX_FD"
            if hello:
                self.name = self.bus("Hello").body[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        for fd in self._fds:
            os.close(fd)

    def _more(self):
        try:
            data, fds, _, _ = socket.recv_fds(self.socket, 65536, 64)
        except ConnectionError:
            raise Closed from None
        if not data:
            raise Closed
        self._buffer += data
        self._fds += fds

    def line(self):
        """The next line of the authentication."""
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def next(self):
        """The next message."""
        while len(self._buffer) < 16:
            self._more()
        order = "little" if self._buffer[:1] == b"l" else "big"
        header = 16 + int.from_bytes(self._buffer[12:16], order)
        length = header + -header % 8 + int.from_bytes(self._buffer[4:8], order)
        while len(self._buffer) < length:
            self._more()
        raw, self._buffer = self._buffer[:length], self._buffer[length:]
        message = Received(raw, self._fds)
        self._fds = self._fds[message.unix_fds or 0 :]
        return message

    def next_call(self):
        """The next method call; what comes before it is put into `passed`."""
        while True:
            message = self.next()
            if message.kind == CALL:
                return message
            self.passed.append(message)

    def send(self, kind, signature="", values=(), *, fds=(), little=True, **fields):
        """Send a message, return its serial."""
        self._serial += 1
        if signature:
            fields["signature"] = signature
        if fds:
            fields["unix_fds"] = len(fds)
        raw = encode(
            kind,
            self._serial,
            body_of(signature.replace("h", "u"), list(values), little=little),
            little=little,
            **fields,
        )
        if fds:
            sent = socket.send_fds(self.socket, [raw], fds)
            raw = raw[sent:]
        self.socket.sendall(raw)
        return self._serial

    def answer(self, serial):
        """The answer to the call `serial`; what comes before it is put into `passed`."""
        while True:
            message = self.next()
            if message.kind in {RETURN, ERROR} and message.reply_serial == serial:
                return message
            self.passed.append(message)

    def call(self, destination, path, interface, member, signature="", values=(), **fields):  # noqa: PLR0917 (a call has them)
        if destination is not None:
            fields["destination"] = destination
        if interface is not None:
            fields["interface"] = interface
        return self.answer(self.send(CALL, signature, values, path=path, member=member, **fields))

    def bus(self, member, signature="", values=(), **fields):
        return self.call(BUS, BUS_PATH, BUS, member, signature, values, **fields)

    def fence(self):
        """Everything that the bus sent before this moment, oldest first."""
        self.bus("GetId")
        passed, self.passed = self.passed, []
        return passed
