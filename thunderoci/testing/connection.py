"""A connection to the emulator that is kept for many requests."""

import re
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from thunderoci.testing.errors import is_told

__tracebackhide__ = is_told

_PIECE = 65536
_HEAD_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ?([^\r\n]*)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back."""

    status: int
    reason: str
    body: bytes


class Unreadable(ConnectionError):
    """What came back is no HTTP answer, or not all of one."""


class Connection:
    """Sends requests one after another; raises OSError when there is no whole answer within `timeout` seconds.

    Threads may share it: one waits until the request of another is answered.
    """

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._address = (host, port)
        self._timeout = timeout
        self._host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._lock = threading.Lock()

    def request(
        self,
        verb: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        is_mine: Callable[[Answer], bool] = lambda _: True,
    ) -> Answer:
        """Send a request and return its answer; `timeout` is for this one.

        Answers that are not `is_mine` are passed over: the events of a connection that registered for some come as
        answers that nobody asked for.
        """
        lines = [f"{verb} {path} HTTP/1.1", f"Host: {self._host}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join([*lines, "", ""]).encode() + (body or b"")
        with self._lock:
            try:
                return self._exchange(request, self._timeout if timeout is None else timeout, is_mine)
            except BaseException:  # also a Ctrl-C: an answer that is still to come must not be taken for the next one
                self._end()
                raise

    def close(self) -> None:
        """End the connection; the next request opens one."""
        with self._lock:
            self._end()

    def _exchange(self, request: bytes, timeout: float, is_mine: Callable[[Answer], bool]) -> Answer:
        deadline = time.monotonic() + timeout
        if self._socket is not None and self._is_over():
            self._end()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(timeout)
        self._socket.sendall(request)
        while True:  # until the deadline
            answer = self._answer(deadline)
            if is_mine(answer):
                return answer

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    @property
    def socket(self) -> socket.socket | None:
        """The socket, while there is one."""
        return self._socket

    def _answer(self, deadline: float) -> Answer:
        while _HEAD_END not in self._buffer:
            if not self._receive(deadline):
                raise Unreadable(_shown(self._buffer))
        head, _, self._buffer = self._buffer.partition(_HEAD_END)
        status = _STATUS.match(head)
        if status is None:
            raise Unreadable(_shown(head))
        length = _LENGTH.search(head)
        until_end = length is None and int(status[1]) not in {204, 304}
        size = int(length[1]) if length else 0
        while until_end or len(self._buffer) < size:
            if not self._receive(deadline):
                if not until_end:
                    raise Unreadable(f"{len(self._buffer)} of {size} bytes came, then the end")
                size = len(self._buffer)
                break
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        if until_end or _CLOSES.search(head):
            self._end()
        return Answer(int(status[1]), status[2].decode(errors="replace"), body)

    def _receive(self, deadline: float) -> bool:
        """Take what comes; False at the end."""
        left = deadline - time.monotonic()
        if self._socket is None or left <= 0:
            raise TimeoutError("nothing more came in time")
        self._socket.settimeout(left)
        piece = self._socket.recv(_PIECE)
        self._buffer += piece
        return bool(piece)

    def _is_over(self) -> bool:
        """Tell whether the other side ended an idle connection; takes what else has come."""
        while self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            try:
                piece = self._socket.recv(_PIECE)
            except OSError:
                piece = b""
            if not piece:
                return True
            self._buffer += piece
        return False


def _shown(data: bytes) -> str:
    return f"{data[:100]!r} is no HTTP answer" if data else "the connection ended without an answer"
