"""The fast way of writing and reading messages, held against txdbus's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from txdbus.message import ErrorMessage, MethodCallMessage, MethodReturnMessage, SignalMessage, parseMessage

from fakedobby import wire, wirevalues
from fakedobby.messages import Call, Return, Signal, parse
from fakedobby.protocol import METHODS, SIGNALS

PATH, INTERFACE, NAME = "/org/rdk/dobby", "org.rdk.dobby.ctrl1", "org.rdk.dobby"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "u": st.integers(0, 2**32 - 1),
    "b": st.booleans(),
    "s": TEXTS,
    "ai": st.lists(st.integers(-(2**31), 2**31 - 1)),
    "as": st.lists(TEXTS),
    "ah": st.just([]),
}
COVERED = sorted(
    {signature for method in METHODS.values() for signature in (*(method.accepts or ()), method.returns)}
    | {signal.signature for signal in SIGNALS.values()}
)
ATTRIBUTES = ("path", "member", "interface", "destination", "sender", "signature", "reply_serial", "serial", "body")


def values_of(signature):
    types = []
    while signature:
        size = 2 if signature[0] == "a" else 1
        types.append(VALUES[signature[:size]])
        signature = signature[size:]
    return st.tuples(*types)


def shown(message):
    return {name: getattr(message, name, None) for name in ATTRIBUTES}


BODIES = st.one_of(st.tuples(st.just(signature), values_of(signature)) for signature in COVERED)


@given(BODIES)
def test_txdbus_reads_what_is_written(body):
    signature, values = body
    call = Call(PATH, "Anything", INTERFACE, NAME, signature, values)
    returned = Return(77, ":1.5", signature, values)
    signal = Signal(PATH, "Anything", INTERFACE, signature, values)
    for ours in (call, returned, signal):
        theirs = parseMessage(ours.rawMessage, [])
        assert type(theirs) is type(ours).__mro__[2]
        assert shown(theirs) == shown(ours)


@given(BODIES)
def test_what_txdbus_writes_is_read(body):
    signature, values = body
    messages = (
        MethodCallMessage(PATH, "Anything", INTERFACE, NAME, signature or None, list(values)),
        MethodCallMessage(PATH, "Anything", INTERFACE, NAME, signature or None, list(values), expectReply=False),
        MethodReturnMessage(77, list(values), ":1.5", signature or None),
        SignalMessage(PATH, "Anything", INTERFACE, signature=signature or None, body=list(values)),
    )
    for theirs in messages:
        read = parse(theirs.rawMessage)
        expected = parseMessage(theirs.rawMessage, [])
        assert type(read) is type(expected)
        assert shown(read) == shown(expected)
        assert read.expectReply == theirs.expectReply


@pytest.mark.parametrize(
    "message",
    [
        MethodCallMessage(PATH, "Anything", INTERFACE, NAME, "v", ["text"]),
        MethodCallMessage(PATH, "Anything", INTERFACE, NAME, "(is)", [[1, "text"]]),
        MethodCallMessage(PATH, "Anything", INTERFACE, NAME, "d", [1.5]),
        ErrorMessage("org.example.Error", 7),
    ],
    ids=["variant", "struct", "double", "error"],
)
def test_the_rest_is_left_to_txdbus(message):
    assert parse(message.rawMessage) is None


def test_file_descriptors_are_left_to_txdbus():
    call = MethodCallMessage(PATH, "Start", INTERFACE, NAME, "ssah", ["a", "b", [4]], oobFDs=[])
    assert parse(call.rawMessage) is None


def test_another_byte_order_is_left_to_txdbus():
    raw = bytearray(MethodCallMessage(PATH, "List", INTERFACE, NAME).rawMessage)
    raw[0:1] = b"B"
    assert parse(bytes(raw)) is None


def test_a_text_that_is_no_utf_8_is_left_to_txdbus():
    raw = Return(1, ":1.5", "s", ["text"]).rawMessage.replace(b"text", b"t\xff\xfet")
    assert parse(raw) is None


@pytest.mark.parametrize(
    ("signature", "value"), [("i", 2**31), ("u", -1), ("s", 5), ("as", [1]), ("ai", ["x"]), ("ah", ["x"])]
)
def test_values_that_do_not_fit_are_refused_as_txdbus_does(signature, value):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (it has several)
        MethodReturnMessage(1, [value], ":1.5", signature)
    with pytest.raises(theirs.type, match=re.escape(str(theirs.value))):
        Return(1, ":1.5", signature, [value])


MESSAGES = [
    Call(PATH, "Start", INTERFACE, NAME, "ssahssas", ("a", "b", [], "c", "d", ["e", "f"])).rawMessage,
    Return(7, ":1.5", "aias", ([1, 2], ["a", "b"])).rawMessage,
    Signal(PATH, "Started", INTERFACE, "is", (1, "a")).rawMessage,
]


@given(st.sampled_from(MESSAGES), st.integers(0, 200), st.binary(max_size=9))
def test_no_bytes_break_the_reading(raw, place, noise):
    changed = raw[:place] + noise + raw[place + len(noise) :]
    for bytes_ in (changed, raw[:place], noise):
        parse(bytes_)


def test_a_length_beyond_the_message_is_not_believed():
    raw = bytearray(Return(7, ":1.5", "as", (["a"],)).rawMessage)
    at = raw.index(b"\6\0\0\0\1\0\0\0a\0")
    raw[at : at + 4] = (100_000_000).to_bytes(4, "little")
    assert parse(bytes(raw)) is None


def test_what_is_remembered_of_headers_and_types_is_bounded():
    for number in range(2000):
        parse(
            Call(
                PATH, "x" * (number % 200 + 1), INTERFACE, f":1.{number}", "i" * (number % 250), [1] * (number % 250)
            ).rawMessage
        )
        parse(Return(1, f":1.{number}", "ai", ([1] * number,)).rawMessage)
    bounded = (wire.fields, wirevalues.types_of, wirevalues._int32s)
    assert all(cache.cache_info().currsize <= 512 for cache in bounded)
    assert len(wire._fields) <= 512
    parse(Call(PATH, "x" * 2000, INTERFACE, NAME).rawMessage)
    assert max(map(len, wire._fields)) <= 1024


def test_headers_that_differ_are_told_apart_however_many_there_are():
    for number in range(2_000):
        read = parse(Return(number + 1, f":1.{number}", "s", [str(number)]).rawMessage)
        assert (read.reply_serial, read.destination, read.body) == (number + 1, f":1.{number}", [str(number)])


def test_serials_go_on_beside_those_of_txdbus():
    first = Signal(PATH, "Anything", INTERFACE, "", ())
    second = MethodCallMessage(PATH, "List", INTERFACE, NAME)
    third = Call(PATH, "List", INTERFACE, NAME)
    assert [second.serial - first.serial, third.serial - second.serial] == [1, 1]


def test_a_long_answer_that_comes_again_is_read_and_written_once():
    values = (list(range(500)), [f"app{number}" for number in range(500)])
    first, second = (Return(serial, ":1.5", "aias", values) for serial in (1, 2))
    assert first.rawMessage[-4000:] == second.rawMessage[-4000:]
    read = [parse(message.rawMessage) for message in (first, second)]
    assert [message.reply_serial for message in read] == [1, 2]
    assert read[0].body == list(values)
    assert read[1].body is read[0].body
    other = parse(Return(3, ":1.5", "aias", (list(range(500)), ["app"] * 500)).rawMessage)
    assert other.body == [list(range(500)), ["app"] * 500]
    assert parse(second.rawMessage).body == list(values)


def test_what_is_equal_but_not_the_same_is_written_anew():
    names = ["x" * 20] * 100
    before = Return(1, ":1.5", "as", (names,)).rawMessage
    after = Return(1, ":1.5", "as", (["y" * 20] * 100,)).rawMessage
    assert parse(before).body == [names]
    assert parse(after).body == [["y" * 20] * 100]
