import pytest

from fakedobby.embeddedbus.names import (
    ALLOW_REPLACEMENT,
    ALREADY_OWNER,
    DO_NOT_QUEUE,
    EXISTS,
    IN_QUEUE,
    NON_EXISTENT,
    NOT_OWNER,
    PRIMARY_OWNER,
    RELEASED,
    REPLACE_EXISTING,
    Change,
    Names,
)


@pytest.fixture
def names():
    names = Names()
    assert names.request("x.y", ":1", 0) == (PRIMARY_OWNER, Change("x.y", "", ":1"))
    return names


def test_the_first_owns_and_the_others_wait(names):
    assert names.request("x.y", ":1", 0) == (ALREADY_OWNER, None)
    assert names.request("x.y", ":2", 0) == (IN_QUEUE, None)
    assert names.request("x.y", ":3", REPLACE_EXISTING) == (IN_QUEUE, None)
    assert names.request("x.y", ":4", DO_NOT_QUEUE) == (EXISTS, None)
    assert names.queue("x.y") == [":1", ":3", ":2"]
    assert names.owned(":2") == ["x.y"]
    assert names.request("x.y", ":2", DO_NOT_QUEUE) == (EXISTS, None)
    assert names.queue("x.y") == [":1", ":3"]


def test_an_owner_that_allows_it_is_replaced(names):
    names.request("x.y", ":1", ALLOW_REPLACEMENT)
    assert names.request("x.y", ":2", REPLACE_EXISTING) == (PRIMARY_OWNER, Change("x.y", ":1", ":2"))
    assert names.queue("x.y") == [":2", ":1"]
    names.request("x.y", ":2", ALLOW_REPLACEMENT | DO_NOT_QUEUE)
    assert names.request("x.y", ":1", REPLACE_EXISTING) == (PRIMARY_OWNER, Change("x.y", ":2", ":1"))
    assert names.queue("x.y") == [":1"]


def test_a_released_name_goes_to_the_next_in_the_queue(names):
    names.request("x.y", ":2", 0)
    assert names.release("x.y", ":3") == (NOT_OWNER, None)
    assert names.release("x.y", ":1") == (RELEASED, Change("x.y", ":1", ":2"))
    assert names.owner("x.y") == ":2"
    assert names.release("x.y", ":2") == (RELEASED, Change("x.y", ":2", ""))
    assert names.release("x.y", ":2") == (NON_EXISTENT, None)
    assert names.names() == []


def test_who_waits_can_give_up(names):
    names.request("x.y", ":2", 0)
    assert names.release("x.y", ":2") == (RELEASED, None)
    assert names.queue("x.y") == [":1"]
