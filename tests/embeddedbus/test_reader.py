import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from txdbus import marshal

from fakedobby.embeddedbus.grammar import (
    Malformed,
    complete_types,
    is_bus_name,
    is_interface,
    is_member,
    is_namespace,
    is_path,
)
from fakedobby.embeddedbus.reader import read_body


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_path, ["/", "/a", "/a/b_1"], ["", "a", "//", "/a/", "/a//b", "/a-b", "/é", "/a\n"]),
        (is_interface, ["a.b", "a._1"], ["a", "a.", ".a", "a..b", "a.1", "a.b-c", "a.b\n", "a." + "b" * 254]),
        (is_member, ["a", "_1"], ["", "1", "a.b", "a-b", "é"]),
        (is_bus_name, ["a.b", "a-b.c", ":1.2", ":1"], ["a", "a.1", ":", ":1.", ":1..2", "a b.c", ""]),
        (is_namespace, ["a", "a.b"], ["", "a.", "1"]),
    ],
)
def test_names_and_paths(check, good, bad):
    assert [text for text in good if not check(text)] == []
    assert [text for text in bad if check(text)] == []


@pytest.mark.parametrize(
    ("signature", "types"),
    [("", ()), ("sa{sv}(i(ss))aai", ("s", "a{sv}", "(i(ss))", "aai")), ("a" * 32 + "y", ("a" * 32 + "y",))],
)
def test_signatures(signature, types):
    assert complete_types(signature) == types


@pytest.mark.parametrize(
    "signature",
    [
        "a",
        "()",
        "(",
        "(i",
        ")",
        "{sv}",
        "a{vs}",
        "a{s}",
        "a{svs}",
        "a{sv",
        "z",
        "é",
        "a" * 33 + "y",
        "y" * 256,
        "(" * 33 + "y" + ")" * 33,
        "a{(s)s}",
        "a()",
        "(a{)",
    ],
)
def test_what_is_no_signature(signature):
    with pytest.raises(Malformed):
        complete_types(signature)


@pytest.mark.parametrize("little", [True, False])
@pytest.mark.parametrize(
    ("signature", "values"),
    [
        ("ybnqiuxtd", [1, True, -2, 3, -4, 5, -6, 7, 0.5]),
        ("sog", ["é", "/a", "a{sv}"]),
        ("a{sv}", [{"a": 1, "b": "c"}]),
        ("aas", [[["a", "b"], [], ["c"]]]),
        ("(y(sx))v", [[1, ["a", 2]], [1, 2]]),
        ("ayaxai", [[1, 2, 3], [], [4]]),
    ],
)
def test_what_txdbus_writes_is_valid(signature, values, little):
    body = b"".join(marshal.marshal(signature, values, lendian=little)[1])
    read_body(signature, body, little=little)
    with pytest.raises(Malformed):
        read_body(signature, body + b"\0", little=little)
    for end in range(len(body)):
        with pytest.raises(Malformed):
            read_body(signature, body[:end], little=little)


def test_strings_and_paths_can_be_matched():
    body = b"".join(marshal.marshal("siogs", ["a", 1, "/b", "g", "c"])[1])
    assert read_body("siogs", body, little=True) == (("s", "a"), None, ("o", "/b"), None, ("s", "c"))


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("b", struct.pack("<I", 2)),
        ("s", b"\x01\0\0\0ab"),  # no NUL
        ("s", b"\x02\0\0\0a\0\0"),  # a NUL inside
        ("s", b"\x01\0\0\0\xff\0"),
        ("s", b"\xff\xff\xff\xff"),
        ("o", b"\x01\0\0\0a\0"),
        ("g", b"\x01z\0"),
        ("v", b"\0\0"),  # nothing in it
        ("v", b"\x02yy\0\0\0"),  # two values in it
        ("yi", b"\x01\x01\0\0\0\0\0\0"),  # padding
        ("ai", b"\x03\0\0\0\0\0\0\0"),
        ("as", b"\x04\0\0\0\0\0\0\0\0"),  # the string goes on behind the array
        ("ay", struct.pack("<I", (64 << 20) + 1) + bytes((64 << 20) + 1)),
        ("v", b"\x01v\0" * 65 + b"\x01y\0\0"),
    ],
)
def test_invalid_bodies(signature, body):
    with pytest.raises(Malformed):
        read_body(signature, body, little=True)


@given(st.text(alphabet="ybnqiuxtdsogvah(){}", max_size=12), st.binary(max_size=64), st.booleans())
def test_random_bodies_are_valid_or_malformed(signature, body, little):
    try:
        read_body(signature, body, little=little)
    except Malformed:
        pass
    else:
        marshal.unmarshal(signature, body, 0, little, [])
