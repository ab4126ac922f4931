"""Clients by the thousand, in one thread: WebSocket and keep-alive HTTP."""

import asyncio
import itertools
import json
import socket
import struct
from contextlib import asynccontextmanager

from thunderoci.websocket_frames import FrameReader, Text, masked_text_frame

CALLSIGN = "org.rdk.OCIContainer"
PATIENCE = 60
SPEC = {"version": "1.0", "cwd": "/", "args": ["sleep", "60"], "user": {"uid": 1, "gid": 1}, "memLimit": 41943040}
_UPGRADE = (
    b"GET /jsonrpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_RESET = struct.pack("ii", 1, 0)


def message(number, method, params):
    method = method if "." in method else f"{CALLSIGN}.1.{method}"
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()


class Subscriber:
    """A client on a WebSocket, that keeps the events it hears with the time when they came."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._frames = FrameReader(2**30)
        self._numbers = itertools.count(1)
        self._answers = {}
        self._news = asyncio.Event()
        self.heard = []
        self.ended = False
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def come(cls, port, *events):
        """Connect, and subscribe to these events."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_UPGRADE)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).startswith(b"HTTP/1.1 101 ")
        subscriber = cls(reader, writer)
        for event in events:
            assert await subscriber.call("register", {"event": event, "id": "me"}) == {"result": 0}
        return subscriber

    async def _read(self):
        try:
            while data := await self._reader.read(2**18):
                now = asyncio.get_running_loop().time()
                for frame in self._frames.feed(data):
                    if isinstance(frame, Text):
                        self._take(json.loads(frame.data), now)
                self._news.set()
        except ConnectionError:
            pass
        self.ended = True
        self._news.set()

    def _take(self, received, now):
        if "id" in received:
            self._answers[received.pop("id")] = received
        else:
            self.heard.append((received["method"].removeprefix("me."), received["params"], now))

    async def until(self, holds):
        """Wait until something has come that makes it so, or the connection has ended."""
        async with asyncio.timeout(PATIENCE):
            while not holds() and not self.ended:
                self._news.clear()
                await self._news.wait()
        return holds()

    async def call(self, method, params=None):
        """Return the answer's member `result` or `error`, in a dictionary."""
        number = next(self._numbers)
        self._writer.write(masked_text_frame(message(number, method, params or {}), b"mask"))
        assert await self.until(lambda: number in self._answers)
        answer = self._answers.pop(number)
        del answer["jsonrpc"]
        return answer

    def names(self, event):
        """The containers of which an event told."""
        return [params["name"] for name, params, _ in self.heard if name == event]

    def stop_reading(self):
        self._task.cancel()
        self._writer.transport.pause_reading()

    async def leave(self, how="close"):
        """Go: with a close frame, by a reset, or in the middle of a message."""
        if how == "close":
            self._writer.write(b"\x88\x80mask")
        elif how == "half":
            self._writer.write(masked_text_frame(message(1, "listContainers", {}), b"mask")[:20])
        elif how == "reset":
            connection = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._task.cancel()
        self._writer.close()
        with_nothing_left = asyncio.gather(self._task, self._writer.wait_closed(), return_exceptions=True)
        await with_nothing_left


class Caller:
    """A client on a keep-alive connection."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def on(cls, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def call(self, method, params=None):
        """Return the answer's member `result` or `error`, in a dictionary."""
        answer = json.loads(await self.post(message(1, method, params or {})))
        assert answer.pop("jsonrpc") == "2.0"
        del answer["id"]
        return answer

    async def post(self, body):
        """Send any body; return that of the answer."""
        self._writer.write(b"POST /jsonrpc HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return await self._reader.readexactly(length)
