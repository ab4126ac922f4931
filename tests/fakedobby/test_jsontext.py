"""JSON that could hurt a daemon."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.config import Config
from fakedobby.errors import Refused
from fakedobby.jsontext import LARGEST, compact, load_object
from fakedobby.spec import read_spec


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("{} x", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ('{"a":NaN}', "NaN is no number"),
        ('{"a":-Infinity}', "Infinity is no number"),
        ('{"a":1e999}', "no number that a double holds"),
        ('{"a":["\\ud800"]}', "not JSON"),
        ('{"\\udc00":1}', "not JSON"),
        ('{"a":"\ud800"}', "not JSON"),
        ("[]", "not a JSON object"),
        ('{"a":' * 201 + "1" + "}" * 201, "200 levels"),
        pytest.param('{"a":' * 10**5, "200 levels", id="deep"),
        pytest.param('{"a":"' + "x" * LARGEST + '"}', "larger than", id="large"),
    ],
)
def test_refused(text, reason):
    with pytest.raises(Refused, match=f"the text .*{reason}"):
        load_object(text, "the text")


def test_of_a_key_that_comes_twice_the_last_counts():
    assert load_object('{"a":1,"a":2}', "the text") == {"a": 2}


def test_brackets_in_strings_are_no_levels():
    assert load_object(json.dumps({"a": '[\\"{' * 1000}), "the text")


def test_200_levels_are_read_and_written():
    text = '{"a":' * 200 + "1" + "}" * 200
    assert compact(load_object(text, "the text")) == text


def test_keys_are_in_byte_order():
    assert compact({"é": 1, "z": 2, "Z": 3, "\U0001f600": 4, "\uff5e": 5}) == (
        '{"Z":3,"z":2,"\\u00e9":1,"\\uff5e":5,"\\ud83d\\ude00":4}'
    )


@pytest.mark.parametrize(("number", "text"), [(1.0, "1.0"), (0.1, "0.10000000000000001"), (1e30, "1e+30")])
def test_numbers_as_jsoncpp_writes_them(number, text):
    assert compact(number) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "1.0", "nat", "\ud800", "system"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["uid", "gid", "shares", "cores", "path", "enable", "system", "data", "type", "logging"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
GOOD = {"version": "1.0", "cwd": "/", "args": ["x"], "user": {"uid": 1, "gid": 1}, "memLimit": 5}
KEYS = (
    "args capabilities console cpu cwd dbus devices env etc gpu memLimit mounts network plugins rdkPlugins "
    "restartOnCrash rtPriority seccomp swapLimit syslog user userNs version vpu"
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS.split(), VALUES)))
def test_any_spec_gives_a_configuration_or_a_reason(changes):
    judge(json.dumps(GOOD | changes))


@given(st.text() | st.text(alphabet='{}[]",:\\ud8019eE+-. ').map(lambda text: '{"a":' + text))
def test_any_text_gives_a_configuration_or_a_reason(text):
    judge(text)


def judge(text):
    try:
        config = read_spec(text)
    except Refused as reason:
        str(reason)
    else:
        assert isinstance(config, Config)
        json.loads(config.spec_text)
        json.loads(config.oci_text)
        config.oci_text.encode()
