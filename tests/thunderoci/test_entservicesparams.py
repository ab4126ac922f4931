"""The params of a call as the profile entservices reads them (facts/thunder.md D.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.entservicesparams import EntservicesParams
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import CATALOGUE

OLD = FLAVOURS["r4.4.1-rdk"].dialect(frozenset(CATALOGUE))
NEW = FLAVOURS["r4.4.7"].dialect(frozenset(CATALOGUE))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        *(("91", "91"), ("91.0", "91.0"), ("true", "true"), ("{}", "{}"), ("null", ""), ('"x"', "x"), ('""', "")),
        *(('["ls","-l"]', '["ls","-l"]'), ('"\\u00e9"', "é"), ('"a\\u0000b"', "a"), ("word", "word"), ("1e10", "1e10")),
    ],
)
def test_everything_is_a_text(raw, text):
    params = EntservicesParams(f'{{"a":{raw}}}', OLD)
    assert params.text("a") == text
    assert params.problem is None


@pytest.mark.parametrize("params", [None, "null", "{}", "[]", '"text"', "5", "word"])
def test_nothing_is_required(params):
    assert EntservicesParams(params).text("a") == ""
    assert EntservicesParams(params).flag("a") is False


def test_the_text_null():
    assert EntservicesParams('{"a":"null"}').text("a") == "null"
    assert EntservicesParams('{"a":"null"}', NEW).text("a") == "null"
    assert EntservicesParams('{"a":"null"}', OLD).text("a") == ""


@pytest.mark.parametrize("raw", ["true", "1"])
def test_true(raw):
    assert EntservicesParams(f'{{"force":{raw}}}', booleans={"force"}).flag("force") is True


@pytest.mark.parametrize("raw", ["false", "0", "null", "tru", "f"])
def test_false(raw):
    params = EntservicesParams(f'{{"a":"b","force":{raw}}}', booleans={"force"})
    assert params.flag("force") is False
    assert params.text("a") == "b"


@pytest.mark.parametrize("raw", ['"true"', '"false"', '"1"', "2", '""', "{}", "[true]", "1.5", "10", "TRUE", "truex"])
def test_one_bad_boolean_spoils_all(raw):
    params = EntservicesParams(f'{{"a":"b","force":{raw}}}', booleans={"force"})
    assert params.text("a") == ""
    assert params.flag("force") is False
    assert "force" in params.problem
    assert EntservicesParams(f'{{"a":"b","force":{raw}}}').text("a") == "b", "only where it is a boolean"


@pytest.mark.parametrize("text", ['{"a":"b","c":"\\x"}', '{"a":"b","c":"\t"}', '{"a":"b",}', '{"a":"b"'])
def test_one_broken_member_spoils_all(text):
    params = EntservicesParams(text)
    assert params.text("a") == ""
    assert params.problem


def test_raw_utf8_spoils_all_on_the_old_parser():
    text = '{"a":"b","c":"é"}'
    assert EntservicesParams(text, NEW).text("c") == "é"
    assert EntservicesParams(text, OLD).text("a") == ""


@given(st.none() | st.text())
def test_any_params_can_be_read(text):
    params = EntservicesParams(text, OLD, {"force"})
    assert isinstance(params.text("a"), str)
    assert isinstance(params.flag("force"), bool)
