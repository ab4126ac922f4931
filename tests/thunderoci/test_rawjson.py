"""JSON text, one level at a time (facts/thunder.md A.4 and D.1)."""

import json
import string
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import CATALOGUE
from thunderoci.rawjson import (
    NotJSON,
    compact,
    decode_string,
    members_of,
    option_of,
    quote,
    rewrite_object,
    text_of,
    write_object,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


def test_values_keep_their_text():
    text = '{"a":18446744073709551615,"b":1e10,"c":100.0,"d":{"x" : [1, 2]},"e":"\\u00e9"}'
    assert members_of(text) == {
        "a": "18446744073709551615",
        "b": "1e10",
        "c": "100.0",
        "d": '{"x" : [1, 2]}',
        "e": '"\\u00e9"',
    }


def test_megabytes_are_taken_without_hoarding():
    text = '{"a":"' + "x" * 5_000_000 + '" , "b":[ 1 ]}'
    tracemalloc.start()
    try:
        assert len(compact(text)) == len(text) - 4
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(text)


def test_order_is_kept_and_the_last_of_two_counts():
    assert list(members_of('{"z":1,"a":2,"m":3}')) == ["z", "a", "m"]
    assert members_of('{"a":1,"a":2}') == {"a": "2"}


def test_escaped_names_are_decoded():
    assert members_of('{"\\u0069d":1}') == {"id": "1"}


def test_blanks_around_everything():
    assert members_of(' \r\n\t{ "a" :\n1 , "b" : [ ] } ') == {"a": "1", "b": "[ ]"}


def test_null_has_no_members():
    assert members_of(" null ") == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "1", '"a"', "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{a:1}", "{'a':1}"),
        *('{"a" 1}', '{"a":1 "b":2}', '{"a":"\t"}', '{"a":"\\x"}', '{"a":"x', "{,}"),
        *('{"a":1}}', '{"a":1} x', '{"a":[1}}', pytest.param('{"a":' * 100_000, id="deep")),
    ],
)
def test_what_can_not_be_read(text):
    with pytest.raises(NotJSON):
        members_of(text)


names = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.dictionaries(names, json_values, max_size=5))
def test_agrees_with_json(value):
    members = members_of(json.dumps(value, indent=1))
    assert {name: json.loads(raw) for name, raw in members.items()} == value


@given(json_values)
def test_compact_changes_no_value(value):
    assert compact(json.dumps(value, indent=2)) == json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize("levels", [31, 32])
def test_depth(levels):
    text = '{"a":' + "[" * levels + "]" * levels + "}"
    if levels == 31:
        assert members_of(text) == {"a": "[" * 31 + "]" * 31}
    else:
        with pytest.raises(NotJSON):
            members_of(text)


def test_brackets_in_strings_nest_nothing():
    assert members_of('{"a":["]]\\"}{", "[" ]}') == {"a": '["]]\\"}{", "[" ]'}


def test_quote_writes_as_thunder_does():
    assert quote('é日😀"\\/\n\t\x01\x7f') == r'"\u00E9\u65E5\uD83D\uDE00\"\\\/\n\t\u0001\u007F"'


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_quote_is_json_and_ascii(text):
    assert json.loads(quote(text)) == text
    assert set(quote(text)) <= set(string.printable) - set("\t\n\r\x0b\x0c")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('"a\\u0000b"', "a"),
        ('"\\ud83d"', ""),
        ('"\\ud83d\\ude00"', "😀"),
        ('"a\\/b"', "a/b"),
    ],
)
def test_decoded_strings(raw, text):
    assert decode_string(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [('"x"', "x"), ("null", ""), ("5", "5"), ("1.50", "1.50"), ("true", "true"), ('{"a":1}', '{"a":1}')],
)
def test_text_of_any_value(raw, text):
    assert text_of(raw) == text


OLD = FLAVOURS["r4.4.1"].dialect(frozenset(CATALOGUE))
NEW = FLAVOURS["r4.4.7"].dialect(frozenset(CATALOGUE))


def test_the_text_null():
    assert text_of('"null"') == text_of('"null"', NEW) == option_of('"null"') == "null"
    assert text_of('"null"', OLD) == option_of('"null"', OLD) == '"null"'
    assert option_of('"null"', NEW) == option_of(None, NEW) == option_of("null") == ""
    assert rewrite_object({"a": '"null"'}, OLD) == '{"a":null}'
    assert rewrite_object({"a": '"null"'}, NEW) == '{"a":"null"}'


def test_raw_utf8_on_the_old_parser():
    assert members_of('{"a":"é"}', NEW) == {"a": '"é"'}
    assert members_of('{"a":["é"]}', OLD) == {"a": '["é"]'}
    for text in ('{"a":"é"}', '{"é":1}'):
        with pytest.raises(NotJSON):
            members_of(text, OLD)


def test_escaped_quotes_are_no_trouble_one_level_further_down():
    text = r'{"a":{"b":"\" }\""}}'
    assert members_of(text, OLD) == {"a": r'{"b":"\" }\""}'}


def test_rewritten_object():
    assert rewrite_object({"a": '"\\u00e9/"', "b": "1.0"}) == r'{"a":"\u00E9\/","b":1.0}'
    assert write_object({"a/b": "1", "c": '"x"'}) == r'{"a\/b":1,"c":"x"}'
