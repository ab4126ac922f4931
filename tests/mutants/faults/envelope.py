"""The JSON-RPC envelope, and the text that it is written as."""

import json
from functools import partial

from mutation.mutant import RDK, add

from .changes import Changed

_LIST = "listContainers/1"
_REFUSAL = "pauseContainer/3"


def _without(*names):
    return lambda message: {name: value for name, value in message.items() if name not in names}


def _with(**members):
    return lambda message: {**message, **members}


def _error(change):
    """Return a change of the error in an answer, if there is one."""
    return lambda message: {**message, "error": change(message["error"])} if "error" in message else message


def _text(change):
    """Return a change of an answer's text."""
    return lambda message: change(json.dumps(message).encode())


def _id(change):
    return lambda message: {**message, "id": change(message["id"])}


_JSON, _OUTCOME, _CODE = "envelope.json", "envelope.outcome", "envelope.code"
_ANY = {
    "version-missing": ("envelope.version", "without jsonrpc", _without("jsonrpc")),
    "version-old": ("envelope.version", "with jsonrpc 1.0", _with(jsonrpc="1.0")),
    "version-number": ("envelope.version", "with the number 2 as jsonrpc", _with(jsonrpc=2)),
    "id-missing": ("envelope.id", "without id", _without("id")),
    "id-other": ("envelope.id", "with the id of another request", _id(lambda number: number + 1)),
    "id-text": ("envelope.id", "with the id as text", _id(str)),
    "id-null": ("envelope.id", "with the id null", _id(lambda _: None)),
    "id-fraction": ("envelope.id", "with the id as a fraction", _id(float)),
    "both": (_OUTCOME, "with a result and an error", _with(error={"code": 0, "message": ""}, result={})),
    "neither": (_OUTCOME, "with neither result nor error", _without("result", "error")),
    "result-null-and-error": (_OUTCOME, "with the result beside the error null", _with(error=None)),
    "more": ("envelope.closed", "with a member that JSON-RPC does not know", _with(more=1)),
    "array": ("envelope.object", "in an array", lambda message: [message]),
    "text": ("envelope.object", "as a JSON text within a JSON text", json.dumps),
    "null": ("envelope.object", "that is just true", lambda _: b"true"),
    "duplicate-key": (_JSON, "with the id twice", _text(lambda text: text.replace(b'"id"', b'"id": 0, "id"', 1))),
    "nan": (_JSON, "with NaN", _text(lambda text: text[:-1] + b', "figure": NaN}')),
    "infinity": (_JSON, "with Infinity", _text(lambda text: text[:-1] + b', "figure": -Infinity}')),
    "lone-surrogate": (_JSON, "with half of a surrogate pair", _text(lambda text: text[:-1] + rb', "text": "\ud83d"}')),
    "trailing-text": (_JSON, "with something behind its end", _text(lambda text: text + b" ok")),
    "trailing-comma": (_JSON, "with a comma too many", _text(lambda text: text[:-1] + b",}")),
    "two-objects": (_JSON, "that comes twice in one body", _text(lambda text: text * 2)),
    "nul": (_JSON, "with a zero byte behind it, as C programs forget one", _text(lambda text: text + b"\0")),
    "byte-order-mark": (_JSON, "with a byte order mark in front", _text(lambda text: b"\xef\xbb\xbf" + text)),
    "utf-16": (_JSON, "in UTF-16", _text(lambda text: text.decode().encode("utf-16"))),
    "latin-1": (_JSON, "with a byte that is no UTF-8", _text(lambda text: text[:-1] + b', "text": "\xe9"}')),
    "single-quotes": (_JSON, "in single quotes", _text(lambda text: text.replace(b'"', b"'"))),
    "truncated": (_JSON, "that lacks its last bracket", _text(lambda text: text[:-1])),
    "html": (_JSON, "in HTML", _text(lambda _: b"<html><body>It works!</body></html>")),
    "empty": (_JSON, "of no bytes", _text(lambda _: b"")),
}
for _name, (_clause, _does, _change) in _ANY.items():
    add(
        f"envelope.{_name}",
        f"All answers come {_does}" if _does.split()[0] != "that" else f"All answers are something {_does}",
        _LIST,
        _clause,
        partial(Changed, "", _change),
    )

_ERRORS = {
    "code-missing": (_CODE, "without code", _error(_without("code"))),
    "code-text": (_CODE, "with the code as text", _error(_with(code="1"))),
    "code-fraction": (_CODE, "with a code that has a fraction", _error(_with(code=1.5))),
    "text": ("envelope.error", "as mere text", _error(lambda _: "ERROR_GENERAL")),
    "null": ("envelope.error", "as null", _error(lambda _: None)),
    "message-missing": ("envelope.message", "without message", _error(_without("message"))),
    "message-number": ("envelope.message", "with a number as message", _error(_with(message=1))),
    "more": ("envelope.closed", "with a member that JSON-RPC does not know", _error(_with(reason="no such container"))),
    "with-result": (
        _OUTCOME,
        "beside a result that is null",
        lambda message: {**message, "result": None} if "error" in message else message,
    ),
}
for _name, (_clause, _does, _change) in _ERRORS.items():
    add(
        f"envelope.error.{_name}",
        f"Errors come {_does}",
        _REFUSAL,
        _clause,
        partial(Changed, "", _change),
        profiles=RDK,
    )
