import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits
from fakedobby.embeddedbus.message import decode
from fakedobby.embeddedbus.splitter import Splitter
from rawclient import CALL, ERROR, RETURN, SIGNAL, Received, body_of, encode

CALL_FIELDS = {"path": "/a", "interface": "x.y", "member": "Z", "destination": "x.y"}


@pytest.mark.parametrize("little", [True, False])
def test_a_message_gets_its_sender_and_keeps_its_body(little):
    body = body_of("sa{sv}", ["a", {"b": 1}], little=little)
    raw = encode(CALL, 7, body, little=little, signature="sa{sv}", sender="org.forged", **CALL_FIELDS)
    message = decode(raw)
    message.sender = ":1.5"
    patched = Received(message.raw, [])
    assert (patched.sender, patched.serial, patched.rest) == (":1.5", 7, body)
    assert (patched.path, patched.interface, patched.member, patched.destination) == ("/a", "x.y", "Z", "x.y")
    assert message.raw[:1] == (b"l" if little else b"B")


def test_fields_that_nobody_knows_are_left_out():
    message = decode(encode(SIGNAL, 1, path="/a", interface="x.y", member="Z", extra=[[77, "x"], [10, [1, 2]]]))
    assert message.raw == encode(SIGNAL, 1, path="/a", interface="x.y", member="Z")


@pytest.mark.parametrize(
    "raw",
    [
        encode(CALL, 0, **CALL_FIELDS),
        encode(0, 1, **CALL_FIELDS),
        encode(CALL, 1, member="Z"),
        encode(CALL, 1, path="/a"),
        encode(SIGNAL, 1, path="/a", member="Z"),
        encode(RETURN, 1),
        encode(RETURN, 1, reply_serial=0),
        encode(ERROR, 1, reply_serial=1),
        encode(ERROR, 1, reply_serial=1, error_name="x"),
        encode(CALL, 1, path="/a", member="a.b"),
        encode(CALL, 1, path="/a", member="Z", interface="x"),
        encode(CALL, 1, path="/a", member="Z", destination="x"),
        encode(CALL, 1, path="/a", member="Z", sender="x"),
        encode(CALL, 1, path="/org/freedesktop/DBus/Local", member="Z"),
        encode(SIGNAL, 1, path="/a", interface="org.freedesktop.DBus.Local", member="Disconnected"),
        encode(CALL, 1, b"\0\0\0\0", path="/a", member="Z"),
        encode(CALL, 1, path="/a", member="Z", signature="s"),
        encode(CALL, 1, path="/a", member="Z", extra=[[3, "Y"]]),
        encode(CALL, 1, path="/a", extra=[[3, 5]]),
        encode(CALL, 1, path="/a", member="Z", extra=[[0, "x"]]),
    ],
)
def test_malformed_messages(raw):
    with pytest.raises(Malformed):
        decode(raw)


MESSAGES = [
    encode(CALL, 1, **CALL_FIELDS),
    encode(CALL, 2, body_of("s", ["x"], little=False), little=False, signature="s", **CALL_FIELDS),
    encode(RETURN, 3, reply_serial=9),
]


@given(st.lists(st.integers(min_value=0, max_value=sum(map(len, MESSAGES)))))
def test_a_stream_is_cut_alike_however_it_arrives(cuts):
    stream = b"".join(MESSAGES)
    splitter = Splitter(Limits())
    places = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in itertools.pairwise(places)]
    assert [message for piece in pieces for message in splitter.feed(piece)] == MESSAGES


@pytest.mark.parametrize(
    "start",
    [
        b"x\1\0\1" + bytes(12),
        b"l\1\0\2" + bytes(12),
        b"l\1\0\1" + b"\0\0\0\x08" + bytes(8),  # a body of 128 MiB
        b"B\1\0\1" + bytes(8) + b"\x04\0\0\1",  # fields of more than 64 MiB
    ],
)
def test_a_stream_ends_at_the_first_wrong_header(start):
    with pytest.raises(Malformed):
        list(Splitter(Limits()).feed(start))


@given(st.binary(max_size=200), st.integers(min_value=0), st.sampled_from(MESSAGES))
def test_random_changes_make_a_message_or_malformed(noise, place, raw):
    place %= len(raw)
    changed = raw[:place] + noise + raw[place + len(noise) :]
    for candidate in [changed, noise]:
        try:
            message = decode(candidate)
        except Malformed:
            continue
        message.sender = ":1.5"
        assert decode(message.raw).sender == ":1.5"
