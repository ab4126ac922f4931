"""HTTP messages as they go by: framed, and otherwise left as they are."""

from dataclasses import dataclass, field

_END = b"\r\n\r\n"


class NotHTTP(Exception):
    """The bytes do not begin like an HTTP message."""


@dataclass
class Message:
    """A request or an answer; `raw` is what came, as long as nobody changes anything."""

    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    raw: bytes = field(default=b"", repr=False)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), "")

    def without(self, *names):
        """Return the headers but for these."""
        return [(name, value) for name, value in self.headers if name.lower() not in names]

    def carrying(self, body):
        """Return the same message around another body."""
        if body == self.body:
            return self
        headers = [*self.without("content-length", "transfer-encoding"), ("Content-Length", str(len(body)))]
        return Message(self.start, headers, body)

    @property
    def head(self):
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def __bytes__(self):
        return self.raw or self.head + self.body

    @property
    def upgrades(self):
        return self.header("upgrade").lower() == "websocket"


class Reader:
    """Cuts a stream of bytes into messages; those without a length have no body."""

    def __init__(self):
        self.rest = bytearray()

    def feed(self, data):
        """Take bytes and return the next complete message, None when there is none yet; call with b"" for more.

        Raises NotHTTP.
        """
        self.rest += data
        end = self.rest.find(_END)
        if end < 0:
            return None
        lines = self.rest[:end].decode("latin-1").split("\r\n")
        if "HTTP/" not in lines[0]:
            raise NotHTTP
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        message = Message(lines[0], headers)
        begin = end + len(_END)
        body = (
            self._chunks(begin)
            if "chunked" in message.header("transfer-encoding").lower()
            else self._sized(message, begin)
        )
        if body is None:
            return None
        message.body, stop = body
        message.raw = bytes(self.rest[:stop])
        del self.rest[:stop]
        return message

    def _sized(self, message, begin):
        length = message.header("content-length")
        stop = begin + (int(length) if length.isdigit() else 0)
        return None if len(self.rest) < stop else (bytes(self.rest[begin:stop]), stop)

    def _chunks(self, at):
        body = bytearray()
        while (end := self.rest.find(b"\r\n", at)) >= 0:
            size = int(self.rest[at:end].partition(b";")[0], 16)
            stop = end + 2 + size
            if len(self.rest) < stop + 2:
                return None
            if size == 0:
                return bytes(body), stop + 2
            body += self.rest[end + 2 : stop]
            at = stop + 2
        return None
