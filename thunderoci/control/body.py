"""The JSON in a request's body, read strictly: what two readers could understand differently is refused (no I/O)."""

import json
import math
import re
from http import HTTPStatus
from typing import Any, NoReturn

from thunderoci.control.problem import Problem, bad
from thunderoci.requesthead import RequestHead

LARGEST = 16 * 2**20
"""The most bytes of a body."""
_MEDIA = b"application/json"
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def too_large() -> Problem:
    """Return the refusal of a body beyond the limit."""
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is too large: {LARGEST} bytes is the limit.")


def value_of(head: RequestHead, body: bytes) -> Any:
    """Return the value that a body holds, {} for none; raises a Problem."""
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
    return parse(body)


def parse(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raises a Problem."""
    try:
        value = _decoder.decode(body.decode())
        if _HALF_PAIR.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as problem:
        raise bad(f"The body is not UTF-8: byte {problem.start} is wrong.", "$") from None
    except UnicodeEncodeError:
        raise bad("The body holds half of a surrogate pair, which is no character.", "$") from None
    except RecursionError:
        raise bad("The body is nested too deep.", "$") from None
    except ValueError as problem:
        raise bad(f"The body is not JSON: {problem}.", "$") from None
    return value


def _unsupported(detail: str) -> Problem:
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise ValueError(f"the member {twice!r} is there twice")
    return members


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
