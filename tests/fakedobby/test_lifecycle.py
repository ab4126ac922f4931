"""The transition table, row by row (facts/dobby.md 2)."""

import itertools

import pytest

from fakedobby.lifecycle import TRANSITIONS, Input, State, Transition, advance
from fakedobby.protocol import SIGNALS, WireState

OBSERVED = [
    (State.STARTING, Input.CREATED, State.RUNNING, ["Started"]),
    (State.STARTING, Input.FAILED, State.GONE, []),
    (State.RUNNING, Input.PAUSE, State.PAUSED, []),
    (State.PAUSED, Input.RESUME, State.RUNNING, []),
    (State.RUNNING, Input.HIBERNATE, State.HIBERNATING, []),
    (State.HIBERNATING, Input.CHECKPOINTED, State.HIBERNATED, ["Hibernated"]),
    (State.HIBERNATING, Input.NOT_CHECKPOINTED, State.RUNNING, []),
    (State.HIBERNATING, Input.WAKEUP, State.AWAKENING, []),
    (State.HIBERNATED, Input.WAKEUP, State.AWAKENING, []),
    (State.AWAKENING, Input.RESTORED, State.RUNNING, ["Awoken"]),
    (State.RUNNING, Input.TERMINATE, State.RUNNING, []),
    (State.RUNNING, Input.KILL, State.RUNNING, []),
    (State.PAUSED, Input.KILL, State.RUNNING, []),
    (State.RUNNING, Input.EXEC, State.RUNNING, []),
    *[
        (state, event, state, [])
        for state in (State.HIBERNATED, State.STOPPING)
        for event in (Input.TERMINATE, Input.KILL)
    ],
    *[
        (state, event, State.STOPPING, [])
        for state in (State.HIBERNATING, State.AWAKENING)
        for event in (Input.TERMINATE, Input.KILL)
    ],
    *[
        (state, Input.REAPED, State.GONE, ["StoppedWithStatus", "Stopped"])
        for state in (State.RUNNING, State.STOPPING, State.HIBERNATING, State.HIBERNATED, State.AWAKENING)
    ],
    *[
        (state, Input.CRASHED, State.STARTING, ["StoppedWithStatus", "Stopped"])
        for state in (State.RUNNING, State.HIBERNATING, State.AWAKENING)
    ],
    *[
        (state, Input.CRASHED_TWICE, State.RUNNING, ["Started", "Started"])
        for state in (State.RUNNING, State.HIBERNATING, State.AWAKENING)
    ],
]


@pytest.mark.parametrize(("state", "event", "after", "signals"), OBSERVED)
def test_observed_transition(state, event, after, signals):
    assert advance(state, event) == Transition(after, tuple(signals))


def test_everything_else_is_refused():
    listed = {(state, event) for state, event, _, _ in OBSERVED}
    assert set(TRANSITIONS) == listed
    for state, event in set(itertools.product(State, Input)) - listed:
        assert advance(state, event) is None


def test_no_way_leads_back_from_gone():
    assert not [key for key in TRANSITIONS if key[0] is State.GONE]


def test_every_signal_has_a_signature():
    told = {signal for transition in TRANSITIONS.values() for signal in transition.signals}
    assert told == set(SIGNALS) - {"Ready"}


def test_state_numbers_are_those_of_get_state():
    assert {state.name: state.value for state in State} == {
        "GONE": 0,
        "STARTING": 1,
        "RUNNING": 2,
        "STOPPING": 3,
        "PAUSED": 4,
        "HIBERNATING": 5,
        "HIBERNATED": 6,
        "AWAKENING": 7,
    }
    assert {State(number) for number in WireState} == set(State)
    assert State.PAUSED.info_name == "paused"
