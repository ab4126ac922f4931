"""What one odd request does to later answers (facts/thunder.md A.4)."""

from random import Random

import pytest

from thunderoci.message import Rejected, parse_request
from thunderoci.messagepool import MessagePool
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import NULL_ANSWERS, VERSION_NUMBER

ANSWER = b'{"jsonrpc":"2.0","id":1,"result":null}'
OLD, NEW = FLAVOURS["r4.4.1"], FLAVOURS["r4.4.7"]
BOTH = {VERSION_NUMBER, NULL_ANSWERS}
NULL_VERSION = b'{"jsonrpc":null,"id":1,"method":"m"}'


def share(quirk, body):
    pool = MessagePool(Random(1))  # noqa: S311 (no secret)
    pool.spoil(quirk)
    sent = [pool.send(ANSWER) for _ in range(1000)]
    assert set(sent) == {ANSWER, body}
    return sent.count(body) / 1000


def test_one_in_five():
    assert 0.15 < share(VERSION_NUMBER, b'{"jsonrpc":2.0,"id":1,"result":null}') < 0.25
    assert 0.15 < share(NULL_ANSWERS, b"null") < 0.25


def test_nothing_is_spoilt_by_itself():
    pool = MessagePool(Random(1))  # noqa: S311 (no secret)
    pool.spoil(None)
    assert {pool.send(ANSWER) for _ in range(100)} == {ANSWER}


def spoils(body, flavour):
    try:
        return parse_request(body, flavour).spoils
    except Rejected as rejected:
        return rejected.spoils


@pytest.mark.parametrize("flavour", [OLD, NEW])
def test_what_spoils_the_version(flavour):
    assert spoils(NULL_VERSION, flavour) is VERSION_NUMBER
    assert spoils(b'{"jsonrpc":2.0,"id":1,"method":"m"}', flavour) is None


def test_what_spoils_the_whole_answer():
    assert spoils(b"null", NEW) is NULL_ANSWERS
    assert spoils(b"null", OLD) is None
    assert spoils(b"[]", NEW) is None
