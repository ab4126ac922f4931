"""The recorded HTTP exchanges and WebSocket transcripts: same bytes, same calls to Dobby, same silence."""

import pytest
from recorded import TRAFFIC
from touched import TOUCHED
from traffic import check, differs

from thunderoci.quirks import NONE, chosen

FAITHFUL = chosen([], faithful=True)
ALL = [(pair, name) for pair, items in TRAFFIC.items() for name in items]


def each(pairs_and_names):
    return pytest.mark.parametrize(
        ("pair", "name"), [pytest.param(pair, name, id=f"{pair}-{name}") for pair, name in pairs_and_names]
    )


@each(ALL)
def test_with_all_deterministic_quirks_everything_is_as_recorded(pair, name):
    check(pair, TRAFFIC[pair][name], FAITHFUL)


@each(item for item in ALL if item not in TOUCHED)
def test_without_quirks_everything_is_as_recorded_that_no_quirk_touches(pair, name):
    check(pair, TRAFFIC[pair][name], NONE)


@each(TOUCHED)
def test_what_is_listed_is_touched_by_just_these_quirks(pair, name):
    item, quirks = TRAFFIC[pair][name], TOUCHED[pair, name]
    check(pair, item, quirks)
    assert differs(pair, item, NONE)
    for quirk in quirks:
        assert differs(pair, item, quirks - {quirk})


def test_nothing_was_lost():
    assert {pair: (len(items), sum(name.startswith("ws/") for name in items)) for pair, items in TRAFFIC.items()} == {
        "rdkservices@r4.4.1-rdk": (646, 96),
        "entservices@r4.4.1-rdk": (646, 96),
        "rdkservices@r4.4.7": (646, 96),
        "rdkservices@r4.4.1": (156, 23),
        "entservices@r4.4.7": (94, 23),
    }
