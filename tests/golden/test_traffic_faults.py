"""The replay of recorded traffic finds what a host does wrong: each fault turns an item red."""

import re

import pytest
from recorded import PAIRS, TRAFFIC
from replayer import Difference
from test_traffic import FAITHFUL
from traffic import check, differs

from thunderoci.quirks import RAW_UTF8, SILENCE

PAIR = PAIRS[0]
LIST, SILENT = "http/path__jsonrpc_", "json/mal-notjson"
REDIRECT, STATUS, START = "http/verb_nobody_GET__", "controller/status-cs", "methods/startContainer-known"
PUSHED, THRICE, STOP = "ws/two-conns-same-id", "ws/register-two-ids", "ws/call-stopContainer"


def put(old, new, count=-1):
    """A host that sends something else for some bytes."""
    return {"tamper": lambda data: data.replace(old, new, count)}


def rearranged(pattern, new):
    """A host that sends something else for what matches a pattern."""
    return {"tamper": lambda data: re.sub(pattern, new, data, flags=re.DOTALL)}


def called(original, **changed):
    """A host that calls Dobby with other values: a member, a signature, or arguments."""

    def misspell(call):
        name, signature, arguments = call
        if name != original:
            return call
        return [changed.get("member", name), changed.get("signature", signature), changed.get("arguments", arguments)]

    return {"misspell": misspell}


BODY_OF_LIST = b'"Descriptor":91'
FAULTS = {
    "another name in the body": (LIST, put(b"Descriptor", b"descriptor"), "the body .*descriptor"),
    "another type in the body": (LIST, put(BODY_OF_LIST, b'"Descriptor":"91"'), "the body"),
    "members in another order": (LIST, rearranged(b'("containers":.*\\]),("success":true)', rb"\2,\1"), "the body"),
    "a blank in the body": (LIST, put(BODY_OF_LIST, b'"Descriptor": 91'), "the body"),
    "a byte too much": (LIST, rearranged(b"$", b" "), "the body"),
    "a second answer": (LIST, rearranged(b"(.+)", rb"\1\1"), "the body"),
    "a reason that is spelled right": (
        LIST,
        put(b"succesfully", b"successfully"),
        "the status '200 JSONRPC executed succ",
    ),
    "another status": (LIST, put(b"200 ", b"202 "), "the status '202"),
    "another version": (LIST, put(b"HTTP/1.1", b"HTTP/1.0"), "the version 'HTTP/1.0'"),
    "a header more": (LIST, put(b"Content-Length", b"Server: x\r\nContent-Length"), "the headers .*Server"),
    "a header less": (LIST, put(b"Access-Control-Allow-Origin: *\r\n", b""), "the headers"),
    "another header": (LIST, put(b"no-store, ", b""), "the headers"),
    "a header in another case": (LIST, put(b"Content-Length", b"Content-length"), "the headers"),
    "headers in another order": (LIST, rearranged(b"(Access.*?\r\n)(Cache.*?\r\n)", rb"\2\1"), "the headers"),
    "another length": (LIST, put(b"Content-Length: 1", b"Content-Length: 2"), "the headers .*'2"),
    "another port": (REDIRECT, put(b"9998", b"9999"), "the headers .*9999"),
    "no answer": (LIST, rearranged(b".+", b""), "the version"),
    "an answer where there is silence": (SILENT, rearranged(b"$", b"{}"), "the answer b'{}'"),
    "a value that is open in the recording, of another type": (
        STATUS,
        rearranged(b'"hash":"[^"]*"', b'"hash":5'),
        "the body .*hash",
    ),
    "a value that is not open": (STATUS, put(b'"activated"', b'"Activated"'), "the body .*Activated"),
    "another call to Dobby": (LIST, called("List", member="ListAll"), "the calls to Dobby .*ListAll"),
    "another signature": (START, called("StartFromBundle", signature="ssahssas"), "the calls to Dobby"),
    "other arguments": (START, called("StartFromBundle", arguments=[]), "the calls to Dobby"),
    "another text of an event": (PUSHED, put(b'"descriptor":"91"', b'"descriptor":"92"'), 'step 8: the frame .*"92"'),
    "no events": (PUSHED, rearranged(b"\x81.[^\x81]*onContainerStarted[^\x81]*$", b""), "step 8: the frame None"),
    "events twice": (PUSHED, rearranged(b"(\x81.[^\x81]*onContainerStarted.*)$", rb"\1\1"), "step 11: the frame"),
    "events in another order": (
        THRICE,
        rearranged(b"(\x81.[^\x81]*onContainerStarted[^\x81]*)(\x81.[^\x81]*onContainerStarted[^\x81]*)$", rb"\2\1"),
        "the frame",
    ),
    "a binary frame": (PUSHED, put(b"\x81", b"\x82"), 'step 4: the frame .*"?op"?'),
    "an unfinished frame": (PUSHED, put(b"\x81", b"\x01"), "step 4: the frame"),
    "another handshake": (PUSHED, put(b"SWITCH_PROTOCOL", b"Switching Protocols"), "step 1: the status '101 Switching"),
    "another header in the handshake": (PUSHED, put(b"WEBSOCKET", b"websocket"), "step 1: the headers"),
    "another key in the handshake": (PUSHED, rearranged(b"Accept: .", b"Accept: -"), "step 1: the headers .*'-"),
    "a call of another container": (STOP, called("Stop", arguments=[92, False]), "the calls to Dobby"),
}
"""The item, what the host does, and what the replay says."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    name, faults, complaint = FAULTS[fault]
    item = TRAFFIC[PAIR][name]
    check(PAIR, item, FAITHFUL)
    with pytest.raises(Difference, match=complaint):
        check(PAIR, item, FAITHFUL, **faults)


@pytest.mark.parametrize(
    ("name", "conn"), [(LIST, "closed"), ("http/connection_lower", "open"), ("http/connection_lower", "closed")]
)
def test_the_end_of_the_connection_counts(name, conn):
    item = TRAFFIC[PAIR][name]
    response = item["response"]
    wrong = response["conn"] != conn
    assert differs(PAIR, item | {"response": response | {"conn": conn}}, FAITHFUL) == wrong


def test_a_boolean_is_no_number():
    item = TRAFFIC[PAIR][STOP]
    (stop,) = [call for call in item["dbus_calls"] if call[0] == "Stop"]
    descriptor, force = stop[2]
    assert force in {True, False}
    calls = [call if call is not stop else ["Stop", "ib", [descriptor, int(force)]] for call in item["dbus_calls"]]
    assert differs(PAIR, item | {"dbus_calls": calls}, FAITHFUL)


@pytest.mark.parametrize("quirks", [{RAW_UTF8}, {RAW_UTF8, SILENCE}])
def test_a_quirk_that_does_not_touch_an_item_can_not_be_listed_for_it(quirks):
    # the test of what is listed wants a difference without each of the quirks: here there is none
    assert not differs(PAIR, TRAFFIC[PAIR][LIST], frozenset(quirks) - {RAW_UTF8})
    assert not differs(PAIR, TRAFFIC[PAIR][SILENT], frozenset({SILENCE, *quirks}) - {RAW_UTF8})
