"""What a target is, and what many of them need."""

import logging
from dataclasses import dataclass

JSON = (b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u0000", b"\\ud800", b"null", b"true", b"-1", b"1e999", b"4294967296")
HEADS = (b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n")
FRAMES = (b"\x81\x00", b"\x01\x01", b"\x80\x00", b"\x89\x00", b"\x88\x02", b"\x81\xfe", b"\x81\x7f", b"\xff" * 8)


@dataclass(frozen=True)
class Target:
    """`run` takes any bytes; there are texts to begin with (seeds), and words that are worth trying in them."""

    run: object
    seeds: tuple
    words: tuple
    examples: int = 600
    """How many inputs the short form tries."""


class _Complaints(logging.Handler):
    """Makes an error of what the host would only log: a defect of ours."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.heard = []

    def emit(self, record):
        self.heard.append(record.getMessage())


complaints = _Complaints()
logging.getLogger().addHandler(complaints)
