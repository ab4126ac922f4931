"""The parsers on what Hypothesis makes of good input: the short form of the fuzzing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targets import TARGETS


def spoiled(target):
    """Return pieces of good input, of worthwhile words and of chance, one behind another."""
    seeds = st.sampled_from(target.seeds)
    cut = st.builds(lambda seed, a, b: seed[min(a, b) : max(a, b)], seeds, st.integers(0, 400), st.integers(0, 400))
    begun = st.builds(lambda seed, end: seed[:end], seeds, st.integers(0, 400))
    ended = st.builds(lambda seed, start: seed[start:], seeds, st.integers(0, 400))
    middle = st.lists(st.one_of(st.sampled_from(target.words), st.binary(max_size=6), cut, st.just(b"")), max_size=6)
    return st.builds(lambda head, parts, tail: head + b"".join(parts) + tail, st.one_of(seeds, begun), middle, ended)


@pytest.mark.parametrize("name", TARGETS)
def test_any_input(name):
    target = TARGETS[name]
    for seed in target.seeds:
        target.run(seed)

    @settings(max_examples=target.examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(spoiled(target))
    def holds(data):
        target.run(data)

    holds()
