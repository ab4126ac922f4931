"""Connections of the bench's own client: HTTP that is kept alive, and WebSocket, one request at a time on each."""

import base64
import os
import select
import socket

from benchmarks.errors import Closed, TookTooLong, WrongAnswer

PATIENCE = 30
AT_ONCE = 1 << 18
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


def readable(what, seconds):
    """Wait until there is something to read; tell whether there is. With select() file descriptors end at 1,023."""
    poll = select.poll()
    poll.register(what, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


class HTTPAnswers:
    """Takes bytes, and tells when a whole answer is there."""

    def __init__(self):
        self._pieces = []
        self._missing = 0

    def feed(self, data):
        """Return an answer, head and body, when these bytes complete it."""
        if not self._missing:
            data = b"".join([*self._pieces, data])
            head = data.find(_END)
            if head < 0:
                self._pieces = [data]
                return None
            lower = data[:head].lower()
            at = lower.find(_LENGTH)
            if at < 0:
                raise WrongAnswer(what="the HTTP server", answer=data[:200])
            line = lower[at + len(_LENGTH) :].split(b"\r\n", 1)[0]
            self._missing = head + len(_END) + int(line)
            self._pieces = []
        self._pieces.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return None
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._missing = [], 0
        if not data.startswith(b"HTTP/1.1 200"):
            raise WrongAnswer(what="the HTTP server", answer=data[:200])
        return data


class Frames:
    """Takes bytes, and tells when a whole WebSocket frame is there; a server's frames are not masked."""

    def __init__(self):
        self._data = b""

    def feed(self, data):
        """Return the payload of the first frame when it is there; what is behind it stays for the next time."""
        data = self._data = self._data + data
        if len(data) < 2:
            return None
        begin, length = 2, data[1]
        if length > 125:
            begin = 4 if length == 126 else 10
            if len(data) < begin:
                return None
            length = int.from_bytes(data[2:begin], "big")
        if len(data) < begin + length:
            return None
        if data[0] != 0x81:
            raise WrongAnswer(what="the WebSocket", answer=data[:200])
        self._data = data[begin + length :]
        return data[begin : begin + length]


def http_request(body, path="/jsonrpc", verb="POST"):
    """Return the bytes of a request."""
    head = f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def frame(body):
    """Return a text frame of a client; its mask of zeros costs nobody anything."""
    length = len(body)
    head = bytes([0x81, 0x80 | length]) if length < 126 else bytes([0x81, 0x80 | 126]) + length.to_bytes(2, "big")
    return head + bytes(4) + body


class Connection:
    """A socket that never blocks, with what takes its bytes; `wrap` makes a request of a body."""

    wrap = staticmethod(http_request)
    answers = HTTPAnswers

    def __init__(self, port, *, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.answers()
        self.open()
        self.socket.setblocking(False)

    def open(self):
        """Do what comes before the first request."""

    def send(self, request):
        sent = self.socket.send(request)
        if sent != len(request):
            raise TookTooLong(what="a server that takes a request", seconds=0)

    def take(self):
        """Return the answer that what has arrived completes, or None."""
        data = self.socket.recv(AT_ONCE)
        if not data:
            raise Closed(what="the server")
        return self.reader.feed(data)

    def ask(self, body):
        """Send a request and return its answer."""
        self.send(self.wrap(body))
        return self.next()

    def next(self):
        """Return what comes next."""
        answer = self.reader.feed(b"")
        while answer is None:
            if not readable(self.socket, PATIENCE):
                raise TookTooLong(what="the server", seconds=PATIENCE)
            answer = self.take()
        return answer

    def close(self):
        self.socket.close()


class WebSocket(Connection):
    """A WebSocket as Thunder has them."""

    wrap = staticmethod(frame)
    answers = Frames

    def open(self):
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            "GET /jsonrpc HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: notification\r\n"
        )
        self.socket.sendall(f"{head}Sec-WebSocket-Key: {key}\r\n\r\n".encode())
        data = b""
        while _END not in data:
            piece = self.socket.recv(AT_ONCE)
            if not piece:
                raise Closed(what="the server")
            data += piece
        if not data.startswith(b"HTTP/1.1 101"):
            raise WrongAnswer(what="the WebSocket", answer=data[:200])
        self.reader.feed(data.partition(_END)[2])
