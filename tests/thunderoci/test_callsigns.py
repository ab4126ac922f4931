"""Which plugin a designator means, and in which order plugins stand (facts/thunder.md B)."""

import pytest
from hosting import EchoPlugin

from thunderoci.callsigns import Callsigns
from thunderoci.designator import parse_designator
from thunderoci.errors import Failed, Failure


class Named(EchoPlugin):
    def __init__(self, callsign):
        super().__init__()
        self.callsign = callsign


def callsigns(*names):
    return Callsigns(map(Named, names))


def names(plugins):
    return [service.plugin.callsign for service in plugins]


@pytest.mark.parametrize(
    ("method", "callsign", "version"),
    [
        ("echo", "First", None),
        ("2.echo", "First", 2),
        ("a.b.echo", "a.b", None),
        ("a.b.1.echo", "a.b", 1),
        ("a.b.3.1.echo", "a.b", 1),
    ],
)
def test_a_designator_means_the_plugin_of_its_callsign_and_the_first_without_one(method, callsign, version):
    service, asked_for = callsigns("First", "a.b").find(parse_designator(method))
    assert (service.plugin.callsign, asked_for) == (callsign, version)


@pytest.mark.parametrize(
    ("method", "failure"),
    [("a.b.c.echo", Failure.INVALID_SIGNATURE), ("a.bc.echo", Failure.UNKNOWN_CALLSIGN)],
)
def test_what_follows_a_callsign_is_a_number_and_what_only_begins_like_one_is_none(method, failure):
    with pytest.raises(Failed) as refused:
        callsigns("First", "a.b").find(parse_designator(method))
    assert refused.value.failure is failure


def test_plugins_keep_their_order_when_some_go_and_come():
    plugins = callsigns("First", "Second", "Third")
    gone = plugins.remove("Second")
    plugins.add(Named("Second"))
    assert names(plugins) == ["First", "Third", "Second"]
    assert plugins.at("Second") is not gone
    assert plugins.at("Fourth") is None
