import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.embeddedbus.matchrule import MatchRuleInvalid, parse
from fakedobby.embeddedbus.message import SIGNAL, Message, with_body

OWNERS = {"x.service": ":1.1"}


def has_name(who, name):
    return who is not None and (who == name or OWNERS.get(who, who) == OWNERS.get(name, name))


MESSAGE = with_body(
    Message(SIGNAL, path="/a/b", interface="x.y", member="Z", sender=":1.1"), "sois", ["a.b", "/c/d", 5, "/e/"]
)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ("", True),
        ("type='signal'", True),
        ("type='method_call'", False),
        ("sender=':1.1'", True),
        ("sender='x.service'", True),
        ("sender=':1.2'", False),
        ("sender='x.other'", False),
        ("interface='x.y',member='Z',path='/a/b'", True),
        ("interface='x.y',member='Y'", False),
        ("path='/a'", False),
        ("path_namespace='/a'", True),
        ("path_namespace='/a/b'", True),
        ("path_namespace='/'", True),
        ("path_namespace='/a/bc'", False),
        ("destination=':1.1'", False),
        ("arg0='a.b'", True),
        ("arg0='a'", False),
        ("arg0namespace='a'", True),
        ("arg0namespace='a.b'", True),
        ("arg0namespace='a.b.c'", False),
        ("arg1='/c/d'", False),  # a path is no string
        ("arg1path='/c/d'", True),
        ("arg1path='/c/'", True),
        ("arg1path='/c'", False),
        ("arg2='5'", False),
        ("arg3path='/e/f'", True),
        ("arg3path='/ef'", False),
        ("arg4='x'", False),
        ("eavesdrop='true'", True),
        ("eavesdrop='false'", True),
    ],
)
def test_rules(rule, fits):
    assert parse(rule).fits(MESSAGE, has_name) is fits


def test_a_well_known_destination_is_whoever_owns_it():
    message = Message(SIGNAL, path="/a", interface="x.y", member="Z", destination="x.service")
    assert parse("destination=':1.1'").fits(message, has_name)
    assert not parse("destination=':1.2'").fits(message, has_name)


def test_equal_rules_are_equal_however_they_are_spelt():
    assert parse("type='signal',member='Z',arg0='a'") == parse(" arg00=a, member=Z,type=signal,")
    assert parse("member='Z'") != parse("member='Z',eavesdrop='true'")


@given(st.text(alphabet="argtypesnd=',\\ 0163path/.", max_size=60) | st.text())
def test_any_text_is_a_rule_or_invalid(text):
    with contextlib.suppress(MatchRuleInvalid):
        parse(text).fits(MESSAGE, has_name)
