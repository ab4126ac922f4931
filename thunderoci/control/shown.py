"""Entries of the journal and the status as people read them (no I/O)."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 400
"""How many characters of a value are shown."""
_SHOWN_ELSEWHERE = {"number", "at", "kind", "cause"}
_DEFAULTS = {"method": "*", "container": "*", "nth": 1, "times": "always", "probability": 1, "seed": 0}


def entry_lines(entry: Mapping[str, Any], url: str) -> list[str]:
    """Return the lines that show an entry; a request has one with the curl command that sends it to `url` again."""
    cause = entry.get("cause")
    head = f"{entry['at']:10.3f}  #{entry['number']:<5} {entry['kind']:8}"
    because = "" if cause is None else f"  (of #{cause})"
    lines = [f"{head} {_facts(entry)}{because}".rstrip()]
    if entry["kind"] == "request" and "method" in entry:
        lines.append(f"{'':10}  {curl(entry, url)}")
    return lines


def curl(entry: Mapping[str, Any], url: str) -> str:
    """Return the curl command that makes the call of a request again."""
    message = {"jsonrpc": "2.0", "id": entry.get("id"), "method": entry["method"]}
    if message["id"] is None:
        del message["id"]
    if "params" in entry:
        message["params"] = entry["params"]
    if "callsign" in entry:
        url = f"{url}/{entry['callsign']}"
    return f"curl -d {shlex.quote(_json(message))} {shlex.quote(url)}"


def _facts(entry: Mapping[str, Any]) -> str:
    show = _KINDS.get(entry["kind"], _members)
    return show(entry).strip()


def _request(entry: Mapping[str, Any]) -> str:
    if "method" in entry:
        return f"{_whose(entry)} {entry['method']} {_value(entry, 'params')}"
    return f"{_whose(entry)} refused: {entry.get('rejected')} {_value(entry, 'text')}"


def _answer(entry: Mapping[str, Any]) -> str:
    outcome = next((name for name in ("result", "error", "text") if name in entry), "nothing")
    return f"{_whose(entry)} {outcome} {_value(entry, outcome)} after {entry['seconds']:.3f} s"


def _event(entry: Mapping[str, Any]) -> str:
    whose = f"{entry['others']} other clients" if "others" in entry else _whose(entry)
    return f"{whose} {entry['method']} {_value(entry, 'params')}"


def _message(entry: Mapping[str, Any]) -> str:
    sender = f" by {entry['sender']}" if "sender" in entry else ""
    return f"{entry['method']}{_arguments(entry, 'arguments')}{sender}"


def _reply(entry: Mapping[str, Any]) -> str:
    outcome = f"error {entry['error']}" if "error" in entry else _arguments(entry, "values")
    return f"{entry['method']} {outcome}"


def _control(entry: Mapping[str, Any]) -> str:
    return f"{entry['operation']} {_value(entry, 'arguments')}"


def _members(entry: Mapping[str, Any]) -> str:
    return _cut(" ".join(f"{name}={_json(value)}" for name, value in entry.items() if name not in _SHOWN_ELSEWHERE))


_KINDS = {
    "request": _request,
    "answer": _answer,
    "event": _event,
    "call": _message,
    "reply": _reply,
    "signal": _message,
    "control": _control,
}


def _whose(entry: Mapping[str, Any]) -> str:
    transport = f" {entry['transport']}" if "transport" in entry else ""
    return f"client {entry['client']}{transport}"


def _value(entry: Mapping[str, Any], name: str) -> str:
    return _cut(_json(entry[name])) if name in entry else ""


def _arguments(entry: Mapping[str, Any], name: str) -> str:
    return _cut(f"({', '.join(map(_json, entry.get(name) or ()))})")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def status_lines(health: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that show what an emulator is up to; faults in force come last, where nobody overlooks them."""
    clock, journal, faults = status["clock"], status["journal"], status["faults"]
    progression = f", progression {status['progression']}" if status["progression"] else ""
    yield f"thunderoci {health['version']} at {status['url']}, process {health['pid']}"
    yield f"  profile {status['profile']}, flavour {status['flavour']}{progression}"
    yield f"  bus {status['bus']}"
    due = "nothing is due" if clock["next"] is None else f"something is due at {clock['next']:.3f} s"
    stands = "stands still" if clock["speed"] == 0 else f"runs at speed {clock['speed']:g}"
    yield f"  clock {clock['seconds']:.3f} s, {stands}, {due}"
    if status["containers"] is not None:
        yield f"  Dobby is {status['dobby']}, containers {status['containers']}"
    for plugin in status["plugins"]:
        yield f"  plugin {plugin['callsign']} {plugin['state']}"
    yield f"  connections {status['connections']}, subscriptions {status['subscriptions']}"
    yield f"  journal {journal['entries']} entries, the last is #{journal['last']}"
    yield f"  faults {len(faults) or 'none'}"
    for fault in faults:
        yield f"    {fault_line(fault)}"


def fault_line(fault: Mapping[str, Any]) -> str:
    """Return a fault as people read it, without what goes without saying."""
    told = {"id", "place", "kind", "seen", "struck"}
    details = [
        f"{name} {_json(value) if not isinstance(value, str) else value}"
        for name, value in fault.items()
        if name not in told and value != _DEFAULTS.get(name, _json)
    ]
    met = f"met {fault['seen']}, struck {fault['struck']}"
    return f"{fault['id']}: {', '.join([fault['place'] + ' ' + fault['kind'], *details])} ({met})"
