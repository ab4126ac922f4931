"""JSON that is nested as deep as the interpreter can just read it, and can perhaps not write."""

import json

import pytest
from hosting import call

from recordtargets import exchange, recorded
from targets import TARGETS

BEGINNINGS = {
    "json_message": call()[:-1] + b',"params":',
    "strict_json": b"",
    "control_body": b'\4{"event":"e","params":',
    "dobby_spec": b'{"version":"1.0","args":["a"],"user":{"uid":1},"memLimit":41943040,"rdkPlugins":',
    "bundle": b'{"ociVersion":"1.0","root":{"path":"rootfs"},"hostname":"a","process":{},"linux":{"resources":{}},"x":',
    "redaction": b'{"token":',
    "json_members": b'{"token":',
    "suite_judge": b'{"jsonrpc":"2.0","id":1,"result":',
}
AROUND = (100, 199, 200, 201, *range(700, 1001, 20))
"""The interpreter reads some hundred levels, how many depends on who asks."""


def deep(begin, depth, opening=b"[", closing=b"]"):
    return begin + opening * depth + b"1" + closing * depth + b"}" * (begin.count(b"{") - begin.count(b"}"))


@pytest.mark.parametrize("name", BEGINNINGS)
def test_any_depth(name):
    for depth in AROUND:
        TARGETS[name].run(deep(BEGINNINGS[name], depth))
        TARGETS[name].run(deep(BEGINNINGS[name], depth, b'{"a":', b"}"))


@pytest.mark.parametrize("name", ["recording", "recording_diff"])
def test_any_depth_in_a_recording(name):
    for depth in AROUND:
        body = deep(BEGINNINGS["json_message"], depth)
        line = recorded(exchange(call("register"), call("register")))
        assert json.dumps(call("register").decode()).encode() in line
        TARGETS[name].run(
            line.replace(json.dumps(call("register").decode()).encode(), json.dumps(body.decode()).encode())
        )
