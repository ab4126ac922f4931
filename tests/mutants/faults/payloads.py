"""What an event says, and how it is written."""

import json
from functools import partial

from mutation.mutant import ENT, PROFILES, RDK, add

from .changes import dropped, other_type, renamed, replaced
from .events import CHANGED, STARTED, STOPPED, Events

_MEMBERS = [
    *((event, "descriptor", RDK) for event in (STARTED, STOPPED)),
    *((event, "containerId", ENT) for event in (STARTED, STOPPED, CHANGED)),
    *((event, "name", PROFILES) for event in (STARTED, STOPPED)),
    (CHANGED, "state", ENT),
]
_FAULTS = {
    "dropped": (dropped, "{event} leaves out {name}"),
    "renamed": (renamed, "{event} writes the first letter of {name} in the other case"),
    "retyped": (lambda name: replaced(name, other_type), "{event} gives {name} another type"),
    "wrong": (lambda name: replaced(name, lambda value: f"{value}1"), "{event} gives a wrong {name}"),
}


def _changed(change):
    def to_event(message):
        params = dict(message["params"])
        change(params)
        return [{**message, "params": params}]

    return to_event


for _event, _name, _profiles in _MEMBERS:
    for _kind, (_change, _does) in _FAULTS.items():
        add(
            f"{_event}.{_name}.{_kind}",
            _does.format(event=_event, name=_name),
            "?",
            f"{_event}.{_name}",
            partial(Events, _event, _changed(_change(_name))),
            profiles=_profiles,
        )

_WHOLE = {
    "more": (
        "give a member that is not documented",
        f"{STARTED}.closed",
        lambda message: {**message, "params": {**message["params"], "more": 1}},
    ),
    "empty": ("have empty params", f"{STARTED}.payload", lambda message: {**message, "params": {}}),
    "array": (
        "have an array as params",
        f"{STARTED}.payload",
        lambda message: {**message, "params": list(message["params"].values())},
    ),
    "no-version": (
        "come without jsonrpc",
        "events.message",
        lambda message: {name: value for name, value in message.items() if name != "jsonrpc"},
    ),
    "with-id": ("come with an id, like requests", "events.message", lambda message: {**message, "id": 1}),
    "as-result": (
        "have result in place of params",
        "events.message",
        lambda message: {"jsonrpc": "2.0", "method": message["method"], "result": message["params"]},
    ),
    "lower-case": (
        "write their names in lower case",
        f"{STARTED}.once",
        lambda message: {**message, "method": message["method"].lower()},
    ),
    "trailing": (
        "have something behind the JSON",
        "envelope.json",
        lambda message: json.dumps(message).encode() + b" ok",
    ),
    "duplicate-key": (
        "have jsonrpc twice",
        "envelope.json",
        lambda message: json.dumps(message).encode().replace(b"{", b'{"jsonrpc": "2.0", ', 1),
    ),
}
for _kind, (_does, _clause, _change) in _WHOLE.items():
    add(
        f"payloads.{_kind}",
        f"Events {_does}",
        "?",
        _clause,
        partial(Events, "", lambda message, change=_change: [change(message)]),
    )
