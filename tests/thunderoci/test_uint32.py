"""Numbers of 32 bits as Thunder reads them (facts/thunder.md A.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.uint32 import NotNumber, Uint32Reader


def read(text, *, wraps=True):
    """Return what is read of a text that a comma ends, None where it is refused or goes on."""
    reader = Uint32Reader(wraps=wraps)
    try:
        end = reader.feed(text.encode() + b",", 0)
    except NotNumber:
        return None
    return None if end is None else (reader.value, end)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        *(("0", 0), ("1", 1), ("null", 0), ("-1", 4294967295), ("2147483648", 2147483648), ("-0", 0)),
        *(("4294967295", 4294967295), ("4294967296", 0), ("4294967297", 1), ("1e3", 303), ("12abc", 51900)),
        *(("123456789012345678901234567890", 1312754386), ("010", 10), ("-", 0), ("1E3", 303), ('"-10"', 2**32 - 10)),
        *(('""', 0), ('"7"', 7), ('"-5"', 4294967291), ('"0x1F"', 31), ('"0X1f"', 31), ('"-0x1F"', 4294967265)),
        *(('"010"', 8), ('"00"', 0), ('"007"', 7), ('"-010"', 8 - 2 * 8 + 2**32), ('"-"', 0), ('"0"', 0)),
    ],
)
def test_what_is_read(raw, number):
    assert read(raw) == (number, len(raw))


@pytest.mark.parametrize(
    "raw",
    ["1.5", "1.0", '"abc"', '"1-2"', "true", "[1]", "{}", "+5", "0x10", '"', '" 7"', "nul", "nil", "--1", '"1', "x"],
)
def test_what_is_refused_or_goes_on(raw):
    assert read(raw) is None


@pytest.mark.parametrize("end", [" ", "\t", "\n", "\v", "\f", "\r", "\0", ",", "}", "]"])
def test_what_ends_a_number(end):
    assert read(f"12{end}x") == (12, 2)


def test_overflow_on_the_newer_parser():
    assert read("4294967295", wraps=False) == (4294967295, 10)
    assert read("4294967296", wraps=False) is None
    assert read("1" * 3000, wraps=False) is None
    assert read("-1", wraps=False) == (4294967295, 2)


@given(st.integers(0))
def test_every_number_wraps(number):
    assert read(str(number)) == (number % 2**32, len(str(number)))
    assert read(str(-number)) == (-number % 2**32, len(str(-number)))
    assert read(f'"0x{number:x}"')[0] == number % 2**32


@given(st.text(alphabet='"-0178xXnulabf9 ,', max_size=8), st.integers(0, 8))
def test_every_split_reads_the_same(text, at):
    data = text.encode() + b","
    reader = Uint32Reader(wraps=True)
    try:
        end = reader.feed(data[:at], 0)
        if end is None:
            rest = reader.feed(data[at:], 0)
            end = None if rest is None else at + rest if at < len(data) else rest
        pieces = None if end is None else (reader.value, end)
    except NotNumber:
        pieces = None
    assert pieces == read(text)
