"""Feeds what was recorded to the suite's judge, offline."""

import base64
import json
import zlib

from conformance import spec
from conformance.offline import SCRIPTED, judge_exchange
from conformance.rawhttp import Answer
from conformance.trace import Trace
from conformance.traffic import TEXT, Traffic

RDK, ENT = "rdkservices@r4.4.1-rdk", "entservices@r4.4.1-rdk"
_ANY = {"int": 1, "num": 1, "str": "x", "list": [], "list:int": [1], "object": {}, "any": None}
"""What stands for a value that is not the same each time."""


def raw(holder, name="raw"):
    """Return the bytes that an item holds under a name, in whatever packing."""
    if f"{name}_zb64" in holder:
        return zlib.decompress(base64.b64decode(holder[f"{name}_zb64"]))
    if f"{name}_b64" in holder:
        return base64.b64decode(holder[f"{name}_b64"])
    return holder.get(name, "").encode()


def filled(value):
    """Return a recorded JSON value with something in each place for any value."""
    if isinstance(value, dict):
        return _ANY[value["$any"]] if value.keys() == {"$any"} else {name: filled(held) for name, held in value.items()}
    return [filled(held) for held in value] if isinstance(value, list) else value


def answer(recorded):
    """Return the recorded answer of an exchange, None for silence."""
    if recorded.get("silent"):
        return None
    headers = tuple((name, value) for name, value in recorded["headers"])
    body = raw(recorded, "body")
    if "body_json" in recorded:
        # its length depended on the build
        headers = tuple(pair for pair in headers if pair[0] != "Content-Length")
        body = json.dumps(filled(recorded["body_json"])).encode()
    return Answer(recorded["status"], recorded["reason"], headers, body)


def _handshake(recorded):
    return recorded and Answer(recorded["status"], recorded["reason"], tuple(map(tuple, recorded["headers"])))


def _came(traffic, name, frame):
    """Tell of something that came: text, another frame, or the end."""
    if isinstance(frame, str):
        traffic.came(name, frame)
    elif "op" in frame:
        traffic.came_frame(name, frame["op"], raw(frame, "data"))
    else:
        traffic.ended(name, by_target=True)


def _transcript(traffic, steps):  # noqa: C901 - one branch for each kind of step
    for step in steps:
        match step:
            case {"connect": name, "request": request, "response": response}:
                traffic.connected(name, raw(request), _handshake(response))
            case {"conn": name, "send": text}:
                traffic.sent(name, text)
            case {"conn": name, "send_frames": frames}:
                for frame in frames:
                    data = raw(frame, "data") if "data_b64" in frame else frame.get("text", "").encode()
                    proper = frame.get("mask", True) and not frame.get("rsv")
                    end = frame.get("fin", 1) == 1
                    traffic.sent_frame(name, frame.get("op", TEXT), data, end=end, proper=proper)
            case {"conn": name, "close": "tcp"}:
                traffic.ended(name)
            case {"conn": name, "expect": frame}:
                _came(traffic, name, frame)
            case {"conn": name, "expect_unordered": frames}:
                for frame in frames:
                    _came(traffic, name, frame)
            case {"http": request, "body": body}:
                traffic.exchanged(raw(request), Answer(body=body.encode()))
            case {"dbus_signal": _} | {"dobby": _} | {"expect_silence_ms": _}:
                pass
            case _:
                raise NotImplementedError(step)


def _flat(events):
    """Return events in an order that they can have come in."""
    for event in events:
        yield from event.get("$unordered", [event])


def _session(trace, steps):
    for step in steps:
        match step["do"]:
            case "call":
                request = {"jsonrpc": "2.0", "id": step["id"], "method": step["method"]}
                request |= {"params": step["params"]} if "params" in step else {}
                said = step["text"] if "text" in step else json.dumps(filled(step["reply"]))
                status = int(step["status"].split()[0]) if "status" in step else None
                trace.called(json.dumps(request), said, status=status, heard=step["via"] == "ws")
            case "events":
                trace.events(list(_flat(step["list"])))
            case "quiet":
                trace.events([])
            case "sleep":
                pass
            case _:
                raise NotImplementedError(step)


def judged(profile, item):
    """Return verdict and breaches of an item of any kind."""
    specification = spec.load(profile)
    if "files" in item:
        trace = Trace(specification)
        _session(trace, item["steps"])
        return trace.finish()
    if "request" in item:
        return judge_exchange(specification, raw(item["request"]), answer(item["response"]), dobby=SCRIPTED)
    traffic = Traffic(specification, dobby=SCRIPTED)
    _transcript(traffic, item["steps"])
    return traffic.finish()


def profile_of(pair):
    """Return the profile in PROFILE@FLAVOUR."""
    return pair.partition("@")[0]


def clauses(breaches):
    """Return the clauses that are broken without a known quirk behind it."""
    return {breach.clause.id for breach in breaches if not breach.quirk}


def with_step(item, number, *steps):
    """Return an item with other steps in place of one."""
    return {**item, "steps": [*item["steps"][:number], *steps, *item["steps"][number + 1 :]]}
