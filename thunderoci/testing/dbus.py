"""A D-Bus client that does one thing at a time."""

import itertools
import os
import socket
import struct
import threading
import time
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from fakedobby.wire import CALL, ERROR, RETURN, Head, fields, read_body, write
from thunderoci.testing.errors import BusFailed, DobbyError, is_told

__tracebackhide__ = is_told

_BUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"
_PIECE = 65536
_HEAD = struct.Struct("<cBBBIII")
_UINT32 = struct.Struct("<I")
_REPLY_SERIAL = 5
_NAMES = {4: "error_name", 8: "signature"}
"""The texts in a header that we need."""
_FIXED = struct.Struct("<4xI4xI")
"""Length of the body and of the header's fields."""


class DBusClient:
    """A connection to the message bus at an address; `timeout` seconds are for one answer. Raises BusFailed.

    Threads may share it: one waits until the call of another is answered.
    """

    def __init__(self, address: str, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._serials = itertools.count(1)
        self._buffer = bytearray()
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(_path(address))
            self._socket.sendall(b"\0AUTH EXTERNAL %b\r\n" % str(os.getuid()).encode().hex().encode())
            self._line()
            self._socket.sendall(b"BEGIN\r\n")
            self.call(_BUS, _BUS_PATH, _BUS, "Hello")
        except BusFailed:
            self._socket.close()
            raise
        except OSError as problem:
            self._socket.close()
            raise BusFailed(address=address, reason=str(problem) or type(problem).__name__) from None

    def call(self, name: str, path: str, interface: str, member: str, signature: str = "", *values: Any) -> list[Any]:
        """Call a method and return the values of its reply. Raises DobbyError for a D-Bus error, and BusFailed."""
        return self.call_within(self._timeout, name, path, interface, member, signature, *values)

    def call_within(  # noqa: PLR0917 (the parts of a call, in their order)
        self, timeout: float, name: str, path: str, interface: str, member: str, signature: str = "", *values: Any
    ) -> list[Any]:
        """Call a method whose answer may take so many seconds."""
        serial = next(self._serials)
        head = fields(path, interface, member, name, signature)
        message = write(CALL, serial, head, signature, values)
        if message is None:
            raise BusFailed(address=self._address, reason=f"{values!r} do not fit the signature '{signature}'")
        try:
            with self._lock:
                raw, answer = self._exchange(message, serial, timeout)
            return _outcome(member, raw, answer)
        except OSError as problem:
            reason = str(problem) or type(problem).__name__
            raise BusFailed(address=self._address, reason=f"{member}: {reason}") from None

    def _exchange(self, message: bytes, serial: int, timeout: float) -> tuple[bytes, Head]:
        deadline = time.monotonic() + timeout
        self._socket.settimeout(timeout)
        self._socket.sendall(message)
        while True:  # until the deadline
            raw = self._message(deadline)
            answer = _head(raw)
            if answer.kind in {RETURN, ERROR} and answer.reply_serial == serial:
                return raw, answer

    def apart(self) -> Self:
        """Return another connection to the same bus. Raises BusFailed."""
        return type(self)(self._address, self._timeout)

    def close(self) -> None:
        """Leave the bus."""
        self._socket.close()

    def _message(self, deadline: float) -> bytes:
        while True:
            if len(self._buffer) >= 16:  # noqa: PLR2004 (the fixed part of a header)
                body, length = _FIXED.unpack_from(self._buffer)
                size = 16 + length + -length % 8 + body
                if len(self._buffer) >= size:
                    raw = bytes(self._buffer[:size])
                    del self._buffer[:size]
                    return raw
            self._receive(deadline)

    def _line(self) -> None:
        deadline = time.monotonic() + self._timeout
        while b"\r\n" not in self._buffer:
            self._receive(deadline)
        line, _, rest = bytes(self._buffer).partition(b"\r\n")
        self._buffer = bytearray(rest)
        if not line.startswith(b"OK "):
            raise ConnectionError(f"it does not let us in: {line.decode(errors='replace')}")

    def _receive(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self._socket.settimeout(left)
        piece = self._socket.recv(_PIECE)
        if not piece:
            raise ConnectionError("the bus closed the connection")
        self._buffer += piece


def _head(raw: bytes) -> Head:
    """Return the head of a message; unlike wire.py for any order of its fields, a bus's own replies have another."""
    _, kind, flags, _, _, serial, length = _HEAD.unpack_from(raw)
    at, end = _HEAD.size, _HEAD.size + length
    reply_serial, texts = None, {}
    while at < end:
        code, kind_of_it = raw[at], raw[at + 2 : at + 3]
        at += 4
        if kind_of_it == b"u":
            (number,) = _UINT32.unpack_from(raw, at)
            at += 4
            reply_serial = number if code == _REPLY_SERIAL else reply_serial
        else:
            width = 1 if kind_of_it == b"g" else 4
            start = at + width
            at = start + int.from_bytes(raw[at:start], "little")
            texts[_NAMES.get(code, "")] = raw[start:at].decode()
            at += 1
        at += -at % 8
    return Head(kind, flags, serial, end + -end % 8, reply_serial, texts)


def _outcome(member: str, raw: bytes, head: Head) -> list[Any]:
    values = read_body(raw, head)
    if head.kind == ERROR:
        raise DobbyError(member, head.fields.get("error_name", ""), str(values[0]) if values else "")
    if values is None:
        raise ConnectionError(f"values of other types than Dobby has: '{head.fields.get('signature', '')}'")
    return values


def _path(address: str) -> bytes:
    """Return the name of the socket at the first address of a list that we know how to use; raises OSError."""
    for one in address.split(";"):
        transport, _, rest = one.partition(":")
        options = dict(option.partition("=")[::2] for option in rest.split(","))
        if transport == "unix" and "path" in options:
            return unquote_to_bytes(options["path"])
        if transport == "unix" and "abstract" in options:
            return b"\0" + unquote_to_bytes(options["abstract"])
    raise ConnectionError("it is no address of a Unix socket")
