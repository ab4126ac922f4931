"""A WebSocket client that does one thing at a time."""

import os
import socket
import time
from base64 import b64encode
from collections import deque
from urllib.parse import urlsplit

from thunderoci.testing.errors import Closed, is_told
from thunderoci.websocket_frames import Close, FrameReader, Text, masked_text_frame

__tracebackhide__ = is_told

_MOST = 2**26
"""Bytes of a message; there is no need to be strict with our own emulator."""
_PIECE = 65536
_SWITCHED = b"HTTP/1.1 101 "


class WebSocket:
    """A WebSocket with the subprotocol `notification`; `timeout` seconds are for what is to come at once.

    Raises OSError when nobody answers, Closed when the other side ends it.
    """

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._timeout = timeout
        self._reader = FrameReader(_MOST)
        self._texts: deque[str] = deque()
        self._over = False
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._shake_hands(parts.netloc, parts.path)
        except BaseException:
            self._socket.close()
            raise

    def _shake_hands(self, host: str, path: str) -> None:
        key = b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: notification\r\n"
            "\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self._socket.recv(_PIECE)
            if not piece:
                raise Closed(reason=" before it was open")
            head += piece
        head, _, rest = head.partition(b"\r\n\r\n")
        if not head.startswith(_SWITCHED):
            status = head.partition(b"\r\n")[0].decode(errors="replace")
            raise Closed(reason=f" with {status!r}")
        self._feed(rest)

    def send(self, text: str) -> None:
        """Send a text message."""
        self._socket.settimeout(self._timeout)
        try:
            self._socket.sendall(masked_text_frame(text.encode(), os.urandom(4)))
        except (BrokenPipeError, ConnectionResetError):
            raise Closed(reason="") from None

    def receive(self, timeout: float | None = None) -> str | None:
        """Return the next text message; None when none comes within `timeout` seconds."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        while not self._texts:
            if self._over:
                raise Closed(reason="")
            left = deadline - time.monotonic()
            self._socket.settimeout(max(left, 0))  # 0 takes what is there
            try:
                data = self._socket.recv(_PIECE)
            except (TimeoutError, BlockingIOError):
                return None
            except ConnectionResetError:
                data = b""
            self._over = not data
            self._feed(data)
        return self._texts.popleft()

    def _feed(self, data: bytes) -> None:
        for event in self._reader.feed(data):
            if isinstance(event, Text):
                self._texts.append(event.data.decode(errors="replace"))
            elif isinstance(event, Close):
                self._over = True

    def close(self) -> None:
        """End the connection."""
        self._socket.close()
