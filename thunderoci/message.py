"""JSON-RPC messages: tolerant bytes in, exact bytes out.

Source of the rules: facts/thunder.md A.4; what is answered where the real host says nothing: docs/design.md, "Quirks".
"""

from collections.abc import Generator
from typing import NamedTuple

from thunderoci.errors import INVALID_REQUEST, PARSE_ERROR, RPCError
from thunderoci.profiles import Flavour
from thunderoci.quirks import (
    NONE,
    NULL_ANSWERS,
    SILENCE,
    SMALLEST_NUMBER,
    TRUNCATED,
    VERSION_NUMBER,
    Quirk,
    Quirks,
)
from thunderoci.rawjson import NotJSON, Raw, is_json, quote, text_of
from thunderoci.reader import NoNumber, ObjectReader

SLICE = 2**16
"""How many bytes of a long message are read in one go; Python takes up to 30 ms for as many."""
AT_ONCE = 2 * SLICE
"""The most bytes of a message that is not long."""
_LONG = 2**20
"""The most bytes of a text that is looked through for what is wrong with it."""


class Request(NamedTuple):
    """A call, or a notification when `id` is None."""

    id: int | None
    method: str
    params: Raw | None
    """As it came but for the white space outside strings, and perhaps no JSON; None when the message has none."""
    spoils: Quirk | None = None
    """The quirk by which this message spoils later answers (messagepool.py), when it is on."""


class Response(NamedTuple):
    """An answer: its bytes, and the code of the failure that the HTTP status line tells; None when it tells none."""

    body: bytes
    failure: int | None = None


class Rejected(Exception):
    """A message that can't be executed; `error` is what is answered, with id null, unless `quirk` is on.

    `spoils` is the quirk by which it spoils later answers, when that is on.
    """

    def __init__(self, code: int, message: str, quirk: Quirk = SILENCE, spoils: Quirk | None = None) -> None:
        super().__init__(message)
        self.error = RPCError(code, message)
        self.quirk = quirk
        self.spoils = spoils


def parse_request(body: bytes, flavour: Flavour, quirks: Quirks = NONE) -> Request:
    """Return the request in an HTTP body.

    Raises Rejected with PARSE_ERROR for what the host can't read, and with INVALID_REQUEST for JSON that is no request
    which it would carry out. What stands behind the first object is ignored, as the host does.
    """
    reader = new_reader(flavour, quirks)
    try:
        reader.feed(body)
    except NotJSON as problem:
        raise rejection(body, problem) from None
    return _request_of(reader, flavour, quirks)


def parse_in_slices(body: bytes, flavour: Flavour, quirks: Quirks = NONE) -> Generator[None, None, Request]:
    """Do the same, and yield after each slice of a long body."""
    reader = new_reader(flavour, quirks)
    try:
        yield from feed_in_slices(reader, body)
    except NotJSON as problem:
        raise rejection(body, problem) from None
    return _request_of(reader, flavour, quirks)


def feed_in_slices(reader: ObjectReader, text: bytes) -> Generator[None]:
    """Let a reader read a text, and yield between its slices; raises NotJSON."""
    for at in range(0, len(text), SLICE):
        if at:
            yield
        reader.feed(text[at : at + SLICE])
        if reader.done:
            return


def _request_of(reader: ObjectReader, flavour: Flavour, quirks: Quirks) -> Request:
    """Return the request that a reader has read, of a body that has ended; raises Rejected."""
    if not reader.done:
        if not reader.begun:
            raise Rejected(PARSE_ERROR, "The request holds no JSON object.")
        if TRUNCATED not in quirks:
            raise Rejected(PARSE_ERROR, "The request ends in the middle of its JSON object.", TRUNCATED)
        reader.cut()
    return request_in(reader, flavour)


def new_reader(flavour: Flavour, quirks: Quirks) -> ObjectReader:
    """Return what reads one message."""
    return ObjectReader(flavour.dialect(quirks), number="id")


def request_in(reader: ObjectReader, flavour: Flavour) -> Request:
    """Return the request that a reader has read to its end; raises Rejected."""
    if reader.is_null:
        spoils = None if flavour.old_parser else NULL_ANSWERS
        raise Rejected(INVALID_REQUEST, "A request is a JSON object, not null.", spoils=spoils)
    members = reader.members
    spoils = VERSION_NUMBER if members.get("jsonrpc") == "null" else None
    return Request(reader.number, text_of(members.get("method", "null")), members.get("params"), spoils)


def rejection(text: bytes, problem: NotJSON) -> Rejected:
    """Return what to answer to a text that can't be read; what is JSON all the same is an invalid request."""
    if len(text) > _LONG:
        return Rejected(PARSE_ERROR, f"Thunder can't read the request: {problem}.")
    if not is_json(text):
        return Rejected(PARSE_ERROR, f"The request is not JSON: {problem}.")
    if isinstance(problem, NoNumber):
        return Rejected(INVALID_REQUEST, "Thunder takes no id but a whole number of 32 bits, or one in quotes.")
    start = text.lstrip()[:1]
    if start == b"{":
        return Rejected(PARSE_ERROR, f"Thunder can't read the request: {problem}.")
    if start == b"[":
        return Rejected(INVALID_REQUEST, "Thunder takes no batches: send one object a request.")
    return Rejected(INVALID_REQUEST, "A request is a JSON object.")


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


def write_event(designator: str, params: Raw) -> bytes:
    """Return the message that tells a client of an event; `designator` is the client's id, a dot and the event."""
    return f'{{"jsonrpc":"2.0","method":{quote(designator)},"params":{params}}}'.encode()


_SMALLEST = -(2**31)


def write_int32(number: int, quirks: Quirks = NONE) -> Raw:
    """Return a signed 32-bit number as Thunder writes it."""
    if number == _SMALLEST and SMALLEST_NUMBER in quirks:
        # its digits are negative there and go down from the 0
        return "-" + "".join(chr(ord("0") - int(digit)) for digit in str(-number))
    return str(number)
