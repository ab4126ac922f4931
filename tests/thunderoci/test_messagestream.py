"""The messages on one WebSocket (facts/thunder.md C)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.message import Rejected, Request
from thunderoci.messagestream import MessageStream
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import CATALOGUE, NONE, SILENCE, STUCK_SOCKET, TEXT_NULL

RDK = FLAVOURS["r4.4.1-rdk"]
ALL = frozenset(CATALOGUE)
CALL = b'{"jsonrpc":"2.0","id":5,"method":"a.1.b","params":{"c":"d"}}'
REQUEST = Request(5, "a.1.b", '{"c":"d"}')
CUT_OFF = (-32700, STUCK_SOCKET)


def feed(*frames, quirks=NONE):
    stream = MessageStream(RDK, quirks)
    return [[shown(message) for message in stream.feed(frame)] for frame in frames]


def shown(message):
    return (message.error.code, message.quirk) if isinstance(message, Rejected) else message


@pytest.mark.parametrize("quirks", [NONE, ALL])
def test_one_message_a_frame(quirks):
    assert feed(CALL, CALL, quirks=quirks) == [[REQUEST], [REQUEST]]


@pytest.mark.parametrize("quirks", [NONE, ALL])
def test_a_message_in_two_frames(quirks):
    assert feed(CALL[:20], CALL[20:], CALL, quirks=quirks) == [[], [REQUEST], [REQUEST]]


def test_only_the_first_object_of_a_frame_counts():
    assert feed(CALL + b'{"id":6}', CALL + b"garbage", CALL) == [[REQUEST]] * 3


def test_nothing_in_a_frame():
    assert feed(b"", b" \n", CALL) == [[], [], [REQUEST]]


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"hello", -32700), (b"nul", -32700), (b"5", -32600), (b"[]", -32600), (b"null", -32600), (b'{"id":x}', -32700)],
)
@pytest.mark.parametrize("quirks", [NONE, ALL])
def test_what_is_no_request_harms_nobody(text, code, quirks):
    assert feed(text, CALL, quirks=quirks) == [[(code, SILENCE)], [REQUEST]]


def test_a_bad_id_in_two_frames():
    assert feed(b'{"id":tr', b"ue}", CALL) == [[(-32700, SILENCE)], [(-32700, SILENCE)], [REQUEST]]
    assert feed(b'{"id":1', b".5}", CALL) == [[], [(-32600, SILENCE)], [REQUEST]]


ODD = (
    r' { "id" : "0x1f" , "\u0069\"\\" : null , "method" : "a\"\\\u00e9\n\/" , "params" : '
    r'[ 1 , "x\" y\\" , { "é\\\"" : [ { } , [ ] ] } , true ] , "z" : b }'
)


@pytest.mark.parametrize("quirks", [NONE, frozenset({STUCK_SOCKET, TEXT_NULL})])
def test_every_two_pieces_and_single_bytes_give_the_same(quirks):
    text = ODD.encode()
    request = Request(31, 'a"\\é\n/', r'[1,"x\" y\\",{"é\\\"":[{},[]]},true]')
    assert feed(text, quirks=quirks) == [[request]]
    for at in range(1, len(text)):
        assert feed(text[:at], text[at:], quirks=quirks) == [[], [request]]
    assert feed(*(text[at : at + 1] for at in range(len(text))), quirks=quirks)[-1] == [request]


def test_an_unfinished_object():
    assert feed(b"{", CALL) == [[], [CUT_OFF, REQUEST]]
    assert feed(b'{"id":1,"params":[', CALL) == [[], [CUT_OFF, REQUEST]]
    assert feed(b'{"id":1,"params":"', CALL) == [[], [CUT_OFF, REQUEST]]
    assert feed(b"{", CALL[:20], CALL[20:]) == [[], [CUT_OFF], [REQUEST]]
    assert feed(b"{", b'{"id":1', b".5}") == [[], [CUT_OFF], [(-32600, SILENCE)]]
    assert feed(b"{", b"{}}") == [[], [CUT_OFF, Request(None, "", None)]]
    assert feed(b"{", b"hello", CALL) == [[], [(-32700, SILENCE)], [REQUEST]]


def test_an_object_inside_another_frame_by_frame():
    frames = [b'{"id":1,"params":', b'{"a":1}', b',"method":"m"}']
    assert feed(*frames) == [[], [], [Request(1, "m", '{"a":1}')]]


def test_an_unfinished_object_swallows_what_follows():
    assert feed(b'{"id":1,"params":[', CALL, CALL, quirks=frozenset({STUCK_SOCKET})) == [[], [], []]


def test_giving_up():
    stream = MessageStream(RDK)
    assert stream.give_up() is None
    assert not stream.unfinished
    stream.feed(b"{")
    assert stream.unfinished
    assert shown(stream.give_up()) == CUT_OFF
    assert not stream.unfinished
    assert stream.feed(CALL) == [REQUEST]


def cuts(text, places):
    ends = sorted({place % (len(text) + 1) for place in places})
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


whole_messages = st.builds(
    lambda number, method, params, indent: json.dumps(
        {"id": number, "method": method, "params": params}, indent=indent, ensure_ascii=False
    ).encode("utf-8", "replace"),
    st.integers(-5, 2**33) | st.sampled_from(["7", "-0x1f", "", None, True, 1.5, "x"]),
    st.text(max_size=8),
    st.recursive(st.text(max_size=4) | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3)),
    st.sampled_from([None, 1]),
)
fragments = st.text(alphabet='{}[]",:\\u0dn1 \té', max_size=20).map(lambda text: b'{"id":1,"a":' + text.encode())


@given(
    whole_messages | fragments,
    st.lists(st.integers(0, 400), max_size=6) | st.just(range(400)),
    st.sampled_from([NONE, ALL]),
)
def test_every_split_gives_the_same(text, places, quirks):
    stuck = quirks | {STUCK_SOCKET}  # without it a piece that is a request for itself counts as one
    whole, pieces = MessageStream(RDK, stuck), MessageStream(RDK, stuck)
    expected = [shown(message) for message in whole.feed(text)]
    found = []
    for piece in cuts(text, places):
        found += [shown(message) for message in pieces.feed(piece)]
        if found:
            break
    if expected and isinstance(expected[0], Request):
        assert found == expected
    else:
        assert len(found) == len(expected)
    if not found:
        assert pieces.unfinished == whole.unfinished


@given(st.lists(st.binary(max_size=20) | whole_messages | fragments, max_size=6), st.sampled_from([NONE, ALL]))
def test_any_frames_do_no_harm(frames, quirks):
    stream = MessageStream(RDK, quirks)
    for frame in frames:
        assert all(isinstance(message, Request | Rejected) for message in stream.feed(frame))
    stream.give_up()
    assert stream.feed(CALL) == [REQUEST]
