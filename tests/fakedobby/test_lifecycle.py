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
    (State.RUNNING, Input.TERMINATE, State.RUNNING, []),
    (State.RUNNING, Input.KILL, State.RUNNING, []),
    (State.PAUSED, Input.KILL, State.RUNNING, []),
    (State.RUNNING, Input.EXEC, State.RUNNING, []),
    (State.RUNNING, Input.REAPED, State.GONE, ["StoppedWithStatus", "Stopped"]),
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
    assert {signal for transition in TRANSITIONS.values() for signal in transition.signals} == set(SIGNALS)


def test_state_numbers_are_those_of_get_state():
    assert [state.value for state in (State.GONE, State.STARTING, State.RUNNING, State.PAUSED)] == [
        WireState.INVALID,
        WireState.STARTING,
        WireState.RUNNING,
        WireState.PAUSED,
    ]
    assert State.PAUSED.info_name == "paused"
