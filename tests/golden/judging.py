"""Feeds what was recorded to the suite's judge, offline."""

import base64
import json
import zlib

from conformance import spec
from conformance.offline import SCRIPTED, judge_exchange
from conformance.rawhttp import Answer

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


def judged(profile, item):
    """Return verdict and breaches of an item of any kind."""
    specification = spec.load(profile)
    return judge_exchange(specification, raw(item["request"]), answer(item["response"]), dobby=SCRIPTED)
