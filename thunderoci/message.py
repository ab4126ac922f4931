"""JSON-RPC messages: tolerant bytes in, exact bytes out.

Source of the rules: facts/thunder.md A.4; what is answered where the real host says nothing: docs/design.md, "Quirks".
"""

import re
from typing import NamedTuple

from thunderoci.errors import INVALID_REQUEST, PARSE_ERROR, RPCError
from thunderoci.rawjson import (
    MAX_DEPTH,
    Members,
    NotJSON,
    Raw,
    compact,
    decode_string,
    depth_of,
    is_string,
    kind_of,
    quote,
    split_object,
)

_UINT32 = 2**32
# What the host takes for an id: a decimal number, or one in quotes that may be hexadecimal. Hex digits are let through
# behind a decimal digit too, and shift by 16 there.
_PLAIN_ID = re.compile(r"(-?)((?!0[xX])[0-9][0-9a-fA-F]*)")
_QUOTED_ID = re.compile(r'"(?:(-?)(?:0[xX]([0-9a-fA-F]+)|([0-9][0-9a-fA-F]*))|)"')


class Request(NamedTuple):
    """A call, or a notification when `id` is None."""

    id: int | None
    method: str
    params: Raw | None
    """Without blanks outside strings; None when the message has none."""


class Response(NamedTuple):
    """An answer: its bytes, and the code of the failure that the HTTP status line tells; None when it tells none."""

    body: bytes
    failure: int | None = None


class Rejected(Exception):
    """A message that can't be executed; `error` is what is answered, with id null."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = RPCError(code, message)


def parse_request(body: bytes) -> Request:
    """Return the request in an HTTP body or WebSocket message.

    Raises Rejected with PARSE_ERROR for what is not JSON, and with INVALID_REQUEST for JSON that is no request which
    the host would execute. What stands behind the first object is ignored, as the host does.
    """
    try:
        text = body.decode("utf-8")
        members, _ = split_object(text, loose="id")
    except UnicodeDecodeError as problem:
        raise Rejected(PARSE_ERROR, f"The request is not UTF-8: {problem.reason} at byte {problem.start}.") from None
    except NotJSON as problem:
        raise _no_object(body, problem) from None
    params = members.get("params")
    if params is not None:
        if depth_of(params) > MAX_DEPTH:
            raise Rejected(PARSE_ERROR, f"params are nested deeper than {MAX_DEPTH} levels.")
        params = compact(params)
    return Request(_id_of(members), _method_of(members), params)


class MessageStream:
    """Takes the text messages of a WebSocket."""

    def __init__(self, flavour: object, quirks: object) -> None:
        """Stand in for the stream that knows both."""

    def feed(self, text: bytes) -> list[Request | Rejected]:
        """Return what the text completes."""
        try:
            return [parse_request(text)]
        except Rejected as rejected:
            return [rejected]


def _no_object(body: bytes, problem: NotJSON) -> Rejected:
    """Return what to answer to a body that is UTF-8, and no object."""
    try:
        kind = kind_of(body.decode("utf-8"))
    except NotJSON:
        return Rejected(PARSE_ERROR, f"The request is not JSON: {problem}.")
    if kind == "[":
        return Rejected(INVALID_REQUEST, "Thunder takes no batches: send one object a request.")
    return Rejected(INVALID_REQUEST, "A request is a JSON object.")


def _method_of(members: Members) -> str:
    raw = members.get("method", '""')
    return decode_string(raw) if is_string(raw) else ""


def _id_of(members: Members) -> int | None:
    raw = members.get("id")
    if raw is None:
        return None
    value = convert_id(raw)
    if value is None:
        raise Rejected(INVALID_REQUEST, f"Thunder takes no id but a whole number or one in quotes, not {raw[:40]}.")
    return value


def convert_id(raw: Raw) -> int | None:
    """Return the 32-bit id that the host makes of a value; None when it takes none and executes nothing."""
    if raw == "null":
        return 0
    found = _PLAIN_ID.fullmatch(raw)
    if found:
        sign, digits = found.groups()
        value = _mixed_number(digits)
    else:
        found = _QUOTED_ID.fullmatch(raw)
        if found is None:
            return None
        sign, hexadecimal, digits = found.groups()
        value = int(hexadecimal, 16) if hexadecimal else _mixed_number(digits or "")
    return (-value if sign else value) % _UINT32


def _mixed_number(digits: str) -> int:
    if digits.isdecimal() and len(digits) <= 10:  # noqa: PLR2004 (as long as a 32-bit number gets)
        return int(digits)
    value = 0
    for digit in digits:
        number = int(digit, 16)
        value = (value * (10 if number < 10 else 16) + number) % _UINT32  # noqa: PLR2004 (decimal digits)
    return value


def write_result(request_id: int, result: Raw) -> Response:
    """Return the answer that carries a result."""
    return Response(f'{{"jsonrpc":"2.0","id":{request_id},"result":{result}}}'.encode())


def write_error(request_id: int, error: RPCError) -> Response:
    """Return the answer to a call that failed."""
    return Response(_error(str(request_id), error), error.code)


def write_rejection(error: RPCError) -> Response:
    """Return the answer to what is no call; its id is null, and HTTP calls it a success."""
    return Response(_error("null", error))


def _error(request_id: Raw, error: RPCError) -> bytes:
    message = "" if error.message is None else f',"message":{quote(error.message)}'
    return f'{{"jsonrpc":"2.0","id":{request_id},"error":{{"code":{error.code}{message}}}}}'.encode()
