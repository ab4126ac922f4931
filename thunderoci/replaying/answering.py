"""Recorded answers as the bytes that a client gets: with its own id, and of the right length."""

from __future__ import annotations

import re
from http import HTTPStatus

from thunderoci import answer as answers
from thunderoci.answer import Answer
from thunderoci.message import Response
from thunderoci.rawjson import quote
from thunderoci.recording.httpmessages import CHUNKED, UNTIL_CLOSE, head_of_answer, length_of_answer
from thunderoci.recording.jsonmembers import raw_member, with_member
from thunderoci.replaying.call import Call, object_in
from thunderoci.replaying.timeline import Told
from thunderoci.websocket_frames import handshake

NOT_RECORDED = -32000
"""The code of what the recording does not have; JSON-RPC leaves it to servers."""

_LENGTH = re.compile(rb"(?im)^(content-length[ \t]*:[ \t]*)[^\r]*")
_ACCEPT = re.compile(rb"(?im)^(sec-websocket-accept[ \t]*:[ \t]*)[^\r]*")
_PROTOCOL = re.compile(rb"(?im)^sec-websocket-protocol[ \t]*:[ \t]*[^\r]*\r\n")


def body_for(told: Told, request: bytes) -> bytes:
    """Return the body of a recorded answer for another request: the same with that one's id."""
    body = told.body or b""
    wanted = raw_member(request, "id")
    if wanted is None or raw_member(body, "id") in {None, b"null"}:
        return body
    return with_member(body, "id", wanted)


def http_answer(told: Told, request: bytes, verb: bytes) -> tuple[bytes, bool]:
    """Return the answer over HTTP, and whether only the end of the connection ends it.

    The head is the recorded one but for the length; what was recorded on a WebSocket gets Thunder's own.
    """
    body = body_for(told, request)
    if told.head is None:
        code = object_in(body).get("error", {}).get("code")
        return bytes(answers.of_call(Response(body, code if isinstance(code, int) else None))), False
    length = length_of_answer(head_of_answer(told.head), verb)
    if length == CHUNKED:
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return told.head + chunk + b"0\r\n\r\n", False
    if length == UNTIL_CLOSE or not length:
        return told.head + body, length == UNTIL_CLOSE
    return _LENGTH.sub(lambda found: b"%b%d" % (found[1], len(body)), told.head) + body, False


def failure(request: bytes, sentence: str) -> Response:
    """Return the error that says why there is no recorded answer."""
    wanted = (raw_member(request, "id") or b"null").decode("latin-1")
    error = f'{{"code":{NOT_RECORDED},"message":{quote(sentence)}}}'
    return Response(f'{{"jsonrpc":"2.0","id":{wanted},"error":{error}}}'.encode("latin-1"), NOT_RECORDED)


def http_failure(call: Call, request: bytes, sentence: str) -> bytes:
    """Return the answer over HTTP to what the recording does not have."""
    if call.method is not None:
        # Thunder's status line tells codes as unsigned numbers (facts/thunder.md 0): of this one it says 4294935296
        return bytes(answers.of_call(failure(request, sentence)))
    status = HTTPStatus.NOT_FOUND
    headers = b"Content-Type: text/plain; charset=utf-8\r\n"
    return bytes(Answer(b"%d %b" % (status, status.phrase.encode()), headers, f"{sentence}\n".encode()))


def switched(recorded: bytes | None, key: bytes, protocol: bytes | None) -> bytes:
    """Return the answer that opens a WebSocket: the recorded head with what depends on the client put in its place."""
    plain = handshake(key, protocol)
    if recorded is None:
        return plain
    accept = _ACCEPT.search(plain)
    head = _ACCEPT.sub(accept[0] if accept else b"", recorded)
    offered = _PROTOCOL.search(plain)
    if offered is None:
        return _PROTOCOL.sub(b"", head)
    if _PROTOCOL.search(head):
        return _PROTOCOL.sub(offered[0], head, count=1)
    return head  # the box chose none, and nor is one chosen here


def sent_to(message: bytes, client_id: str, event: str) -> bytes:
    """Return an event message as it goes to a client that registered under an id."""
    return with_member(message, "method", quote(f"{client_id}.{event}").encode())
