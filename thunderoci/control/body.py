"""The JSON in a request's body (no I/O)."""

from http import HTTPStatus
from typing import Any

from fakedobby.strictjson import parse
from thunderoci.control.problem import Problem
from thunderoci.requesthead import RequestHead

LARGEST = 16 * 2**20
"""The most bytes of a body."""
_MEDIA = b"application/json"


def too_large() -> Problem:
    """Return the refusal of a body beyond the limit."""
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is too large: {LARGEST} bytes is the limit.")


def value_of(head: RequestHead, body: bytes) -> Any:
    """Return the value that a body holds, {} for none; raises a ControlError."""
    if not body:
        return {}
    if len(body) > LARGEST:
        raise too_large()
    if head.all(b"content-encoding"):
        raise _unsupported("Send the body as it is, without Content-Encoding.")
    media = (head.all(b"content-type") or [b""])[-1]
    kind, _, parameters = media.partition(b";")
    if kind.strip().lower() != _MEDIA or parameters.strip().lower() not in {b"", b"charset=utf-8", b'charset="utf-8"'}:
        said = f"not {media.decode('latin-1')!r}" if media else "and there is none"
        raise _unsupported(f"A body needs the header 'Content-Type: application/json', {said}.")
    return parse(body, "the body")


def _unsupported(detail: str) -> Problem:
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
