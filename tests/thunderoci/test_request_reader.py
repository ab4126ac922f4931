"""Requests out of the bytes of a connection, without one (facts/thunder.md A.2, A.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.requesthead import Malformed
from thunderoci.requestreader import BodyTooLarge, HeadTooLarge, RequestReader

CHUNKED = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def reader(most_head=2**16, most_body=2**20, *, is_box=False):
    return RequestReader(most_head, lambda _: most_body, lambda: is_box)


def requests(data, size=None, **options):
    """Return targets and bodies of the requests that come in pieces of a size, and the refusal that ends them."""
    found = []
    one = reader(**options)
    try:
        for at in range(0, len(data), size or len(data)):
            one.feed(data[at : at + (size or len(data))])
            while (request := one.next()) is not None:
                found.append((request[0].target, request[1]))
    except (Malformed, HeadTooLarge, BodyTooLarge) as refusal:
        found.append(type(refusal))
    return found


MIXED = (
    b"GET /bare HTTP/1.1\r\n\r\n\r\nPOST /sized HTTP/1.1\r\nContent-Length: 6\r\n\r\n{\r\n\r\n}"
    + CHUNKED
    + b"2\r\n{\r\r\n4;a=b\r\n\r\n\n}\r\n0\r\nX: y\r\n\r\nGET /last HTTP/1.1\r\nX: y\r\n\r\n"
)


@pytest.mark.parametrize("size", [*range(1, 40), None])
def test_requests_in_pieces(size):
    bodies = [(b"/bare", b""), (b"/sized", b"{\r\n\r\n}"), (b"/a", b"{\r\r\n\n}"), (b"/last", b"")]
    assert requests(MIXED, size) == bodies


def test_what_has_come_is_not_copied_for_each_request():
    one = reader()
    one.feed(b"GET / HTTP/1.1\r\n\r\n" * 100_000)  # 90 GB, if it were
    for _ in range(100_000):
        assert one.next() is not None
    assert one.next() is None
    assert not one.begun


def test_what_is_left():
    one = reader()
    one.feed(b"GET / HTTP/1.1\r\n\r\nabc")
    assert (one.left, one.begun) == (21, True)
    one.next()
    assert one.rest() == b"abc"
    assert (one.left, one.begun) == (0, False)
    one.feed(b"GET / HTTP/1.1\r\n")
    one.next()
    assert (one.left, one.begun) == (0, True)


@pytest.mark.parametrize(
    "chunks",
    [
        *(b"5\nhello\n0\n\n", b"5\r\nhello\n", b"5\r\nhello\n0\r\n\r\n", b"0\n", b"0\r\n\n", b"5\r\nhello\r\n0\n\r\n"),
        *(b"5", b"x\r\n", b"\r\n", b"-1\r\n", b"0x5\r\n", b"5 \r\n", b"5;\x01\r\n", b"5\r\nhello!\r\n"),
        *(b"5" * 1025 + b"\r\n", b"0\r\n" + b"X: y\r\n" * 20_000, b"0\r\n" + b"x" * 70_000),
    ],
)
@pytest.mark.parametrize("size", [1, None])
def test_chunks_that_are_none(chunks, size):
    expected = [] if chunks == b"5" else [Malformed]
    assert requests(CHUNKED + chunks, None if len(chunks) > 5000 else size) == expected


def test_the_largest_lines_of_chunks():
    assert requests(CHUNKED + b"0" * 1023 + b"1\r\na\r\n0\r\n" + b"x" * 65_533 + b"\r\n\r\n") == [(b"/a", b"a")]


@given(st.binary(max_size=60), st.integers(1, 30))
def test_any_bytes_in_chunks(body, size):
    chunks = b"".join(b"%X\r\n%b\r\n" % (len(body[at : at + size]), body[at : at + size]) for at in range(0, 60, size))
    data = CHUNKED + chunks.partition(b"0\r\n\r\n")[0] if not body else CHUNKED + chunks
    assert requests(data + b"0\r\n\r\n", size, most_body=60)[:1] == [(b"/a", body)]


@given(st.lists(st.sampled_from([b"5", b"\r\n", b"hello", b"0", b";a", b"\n", b"\r", b"x"]), max_size=12))
def test_chunks_are_the_same_however_they_come(pieces):
    data = CHUNKED + b"".join(pieces)
    assert requests(data, 1) == requests(data)


HEADS = [b"GET / HTTP/1.1", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"A: b", b"\x16", b"BREW / HTTP/1.1\r\n", b"x" * 20]


@given(st.lists(st.sampled_from(HEADS), max_size=12), st.integers(1, 30), st.booleans())
def test_heads_are_the_same_however_they_come(pieces, size, is_box):
    data = b"".join(pieces) or b"G"
    assert requests(data, size, most_head=50, is_box=is_box) == requests(data, most_head=50, is_box=is_box)


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 100),
        (b"GET / HTTP/1.1\nA: b\r\n\r\n", 100),
        (b"GET / HTTP/1.1\r\nA: b\r\n\n\r\n\r\n", 100),
        (b"\r\nGET / HTTP/1.1\r\nA: \nC: d\r\n\r\n", 100),
        (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 21),
        (b"\x16\x03" + b"x" * 50 + b"\r\n\r\n", 30),
        (b"\r" + b"x" * 50 + b"\r\n\r\n", 30),
        (CHUNKED + b"0\r\nA: b\nC: d\r\n\r\n", 100),
    ],
)
def test_a_bare_line_feed_is_refused_wherever_the_bytes_are_cut(data, most):
    assert requests(data, most_head=most) == [Malformed]
    for cut in range(1, len(data)):
        one = reader(most)
        with pytest.raises(Malformed):  # noqa: PT012 (it does not matter in which of them)
            for piece in (data[:cut], data[cut:]):
                one.feed(piece)
                assert one.next() is None


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\nA: bcd\nC: d\r\n\r\n", b"x" * 30 + b"\r\n\r\n"])
@pytest.mark.parametrize("size", [1, 21, 22, 23, None])
def test_a_head_is_too_large_at_the_byte_that_makes_it_so(data, size):
    assert requests(data, size, most_head=22) == [HeadTooLarge]


def test_bodies_beyond_the_limit():
    assert requests(CHUNKED + b"5\r\nhello\r\n1\r\n!\r\n", most_body=5) == [BodyTooLarge]
    assert requests(b"GET / HTTP/1.1\r\nContent-Length: 6\r\n\r\n", most_body=5) == [BodyTooLarge]


def test_a_box_knows_no_empty_lines_and_no_other_verbs():
    for data in (b"\r\nGET / HTTP/1.1\r\n\r\n", b"BREW / HTTP/1.1\r\n"):
        assert requests(data, is_box=True) == [Malformed]
    assert requests(b"\r\nBREW / HTTP/1.1\r\n\r\n") == [(b"/", b"")]
