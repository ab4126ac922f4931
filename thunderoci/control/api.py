"""The control API over HTTP: from the head and body of a request to the bytes of an answer."""

import json
import logging
import re
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

from twisted.internet.defer import CancelledError

from fakedobby.errors import ControlError
from fakedobby.operations import document
from fakedobby.operations.document import BASE, Operation
from fakedobby.operations.writing import in_pieces
from thunderoci.answer import Answer
from thunderoci.control.access import Access
from thunderoci.control.body import LARGEST, too_large, value_of
from thunderoci.control.operations import Operations
from thunderoci.control.problem import Problem, as_problem, bad, missing
from thunderoci.requesthead import RequestHead

log = logging.getLogger(__name__)

_BASE = BASE.encode()
_PROBLEM = "application/problem+json"
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def is_meant(target: bytes) -> bool:
    """Tell whether a request's target is below /emulator."""
    return target.startswith(_BASE) and target[len(_BASE) : len(_BASE) + 1] in {b"", b"/", b"?", b"#"}


class ControlAPI:
    """Answers requests below /emulator."""

    largest = LARGEST
    """The most bytes of a body."""

    def __init__(self, operations: Operations, access: Access) -> None:
        self.operations = operations
        self._access = access

    def too_large(self) -> Answer:
        """Return the answer to a body that is not read on; the connection ends with it."""
        return _answer(too_large(), {"Connection": "close"})

    async def answer(self, head: RequestHead, body: bytes) -> Answer:
        """Return the answer to a complete request."""
        headers: dict[str, str] = {}
        try:
            self._access.check_host(head)
            self._access.check_origin(head)
            headers = self._permission(head)
            return _without_body(head, await self._routed(head, body, headers))
        except ControlError as error:
            log.info("refused %s %s: %s", *_shown(head), error)
            return _without_body(head, _answer(as_problem(error), headers))
        except CancelledError:  # its client has gone
            raise
        except Exception:
            log.exception("%s %s broke; this is a defect of ours, please report it", *_shown(head))
            broken = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This is a defect of the emulator; its log says more.")
            return _without_body(head, _answer(broken, headers))

    def _permission(self, head: RequestHead) -> dict[str, str]:
        """Return the headers that let an allowed page read the answer."""
        origin = self._access.allowed_origin(head)
        if origin is not None:
            return {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Expose-Headers": "Allow, Location",
                "Vary": "Origin",
            }
        return {"Vary": "Origin"} if self._access.origins else {}

    async def _routed(self, head: RequestHead, body: bytes, headers: dict[str, str]) -> Answer:
        path, _, query = head.target[len(_BASE) :].partition(b"#")[0].partition(b"?")
        verbs, names = document.at(path.decode("latin-1"))
        allowed = _allowed(verbs)
        if head.verb == b"OPTIONS" and verbs:
            return _written(204, headers | {"Allow": allowed} | self._preflight(head, allowed))
        self._access.check_token(head)
        if not verbs:
            where = f"{BASE}/openapi.json"
            raise missing(f"There is nothing at {BASE}{path.decode('latin-1')}; GET {where} tells what there is.")
        verb = head.verb.decode("latin-1")
        operation = verbs.get("GET" if verb == "HEAD" else verb)
        if operation is None:
            detail = f"{verb} is not possible here; these are: {allowed}."
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
        value = await self.operations.perform(operation, names, _query_of(operation, query), value_of(head, body))
        return await self._done(operation, value, headers)

    def _preflight(self, head: RequestHead, allowed: str) -> dict[str, str]:
        """Return what a browser wants to know before it sends what the page of an allowed origin asks for."""
        if self._access.allowed_origin(head) is None or not head.all(b"access-control-request-method"):
            return {}
        allows = {
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }
        if head.all(b"access-control-request-private-network"):  # a page from elsewhere asks for something of this host
            allows["Access-Control-Allow-Private-Network"] = "true"
        return allows

    async def _done(self, operation: Operation, value: Any, headers: dict[str, str]) -> Answer:
        if operation.media is None:
            return _written(operation.status, headers)
        if operation.status == HTTPStatus.CREATED:
            location = f"{BASE}/{operation.segments[0]}/{quote(value['id'], safe='')}"
            headers = headers | {"Location": location}
        body = await in_pieces(value, self.operations.turns, end="\n")
        headers = headers | {"Content-Type": operation.media}
        if isinstance(body, bytes):
            return _written(operation.status, headers, body)
        return _written(operation.status, headers)._replace(pieces=body)


def _shown(head: RequestHead) -> tuple[str, str]:
    return head.verb.decode("latin-1"), head.target.decode("latin-1")


def _allowed(verbs: dict[str, Operation]) -> str:
    known = [*verbs, *(["HEAD"] if "GET" in verbs else []), "OPTIONS"]
    return ", ".join(sorted(known))


def _query_of(operation: Operation, query: bytes) -> dict[str, Any]:
    """Return the query parameters, numbers as such where the document wants numbers; raises a Problem."""
    found: dict[str, Any] = {}
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise bad("The query can't be read: it holds what is no percent-encoded UTF-8.") from None
    for name, text in pairs:
        if name in found:
            raise bad(f"The query parameter {name!r} is there twice.", name)
        found[name] = _value(operation.query.get(name, {}).get("type"), text)
    return found


def _value(kind: str | None, text: str) -> Any:
    """Return what the text of a query parameter means; the text itself where it can't be of its kind."""
    convert = {"integer": int, "number": float}.get(kind or "")
    # Python would also take blanks, underscores and the digits of all scripts
    if convert is None or _NUMBER.fullmatch(text) is None:
        return text
    try:
        return convert(text)
    except ValueError:
        return text


def _answer(problem: Problem, headers: dict[str, str]) -> Answer:
    headers = headers | problem.headers | {"Content-Type": _PROBLEM}
    body = json.dumps(problem.as_json(), separators=(",", ":")).encode() + b"\n"
    return _written(int(problem.status), headers, body)


def _written(status: int, headers: dict[str, str], body: bytes | None = None) -> Answer:
    lines = {
        "Date": formatdate(usegmt=True),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    } | headers
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Answer(f"{status} {HTTPStatus(status).phrase}".encode(), text.encode("latin-1"), body)


def _without_body(head: RequestHead, answer: Answer) -> Answer:
    """Return the answer as HEAD gets it: the length is that of the body which GET gets."""
    if head.verb != b"HEAD":
        return answer
    if answer.pieces is not None:
        answer.pieces.close()
        length = answer.pieces.length
    elif answer.body is not None:
        length = len(answer.body)
    else:
        return answer
    return Answer(answer.status, b"%bContent-Length: %d\r\n" % (answer.headers, length), None)
