"""The judge accuses each recorded WebSocket transcript when one message in it is changed."""

import json
from collections import Counter

import pytest
from judging import RDK, clauses, judged, profile_of, raw, with_step
from recorded import PAIRS, TRAFFIC

from conformance import spec
from conformance.rawhttp import Answer
from conformance.traffic import Traffic


def texts(item):
    """Yield index and message of each text that comes in a transcript."""
    for number, step in enumerate(item["steps"]):
        if isinstance(step.get("expect"), str):
            yield number, json.loads(step["expect"])


@pytest.mark.parametrize("pair", PAIRS)
def test_each_message_on_a_websocket_counts(pair):
    profile = profile_of(pair)
    found = Counter()
    for name, item in TRAFFIC[pair].items():
        if "request" in item or judged(profile, item)[0] != "pass":
            continue
        if (
            name.startswith("ws/frame-")
            or name.endswith(".1")
            or "Service" in name
            or any("close" in step for step in item["steps"])
        ):
            continue  # paths that nobody documents, frames that need not be answered, clients that may not have waited
        for number, message in texts(item):
            step = item["steps"][number]
            changes = {"wrong version": {**message, "jsonrpc": "1.0"}, "not strict": f"{json.dumps(message)} x"}
            if "id" in message:
                changes |= {"lost": None, "twice": [message, message], "wrong id": {**message, "id": message["id"] + 1}}
            else:
                changes |= {"an id": {**message, "id": 77}, "no params": {**message, "params": 1}}
                if "null-id" not in name and "no-params" not in name:
                    changes |= {"wrong subscriber": {**message, "method": f"nobody.{message['method']}"}}
                if ".onContainer" in message["method"]:
                    for member in message["params"]:
                        changes[member] = {**message, "params": {**message["params"], member: 5}}
            for change, broken in changes.items():
                messages = broken if isinstance(broken, list) else [] if broken is None else [broken]
                steps = [{**step, "expect": one if isinstance(one, str) else json.dumps(one)} for one in messages]
                verdict, breaches = judged(profile, with_step(item, number, *steps))
                assert verdict in {"fail", "non-strict"}, (name, number, change)
                assert clauses(breaches), (name, number, change)
                found[change] += 1
    assert all(
        found[change] > 15 for change in ("lost", "twice", "wrong id", "not strict", "wrong subscriber", "no params")
    )


def test_a_handshake_counts():
    item = TRAFFIC[RDK]["ws/proto-json"]
    request, response = raw(item["steps"][0]["request"]), item["steps"][0]["response"]
    headers = dict(response["headers"])
    for changes, status, clause in (
        ({"Sec-WebSocket-Accept": "x"}, 101, "websocket.accept"),
        ({"Sec-WebSocket-Protocol": "other"}, 101, "websocket.subprotocol"),
        ({}, 400, "websocket.handshake"),
    ):
        traffic = Traffic(spec.load("rdkservices"))
        traffic.connected("a", request, Answer(status, "", tuple({**headers, **changes}.items())))
        assert clauses(traffic.finish()[1]) == {clause}
    traffic = Traffic(spec.load("rdkservices"))
    traffic.connected("a", request, Answer(101, "", tuple(headers.items())))
    traffic.sent_frame("a", 9, b"x")
    traffic.sent_frame("a", 8, b"")
    assert clauses(traffic.finish()[1]) == {"websocket.ping", "websocket.close"}
