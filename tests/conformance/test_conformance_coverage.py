"""The catalogue against the specification: nothing that is described goes untried."""

import sys
from collections import Counter

import pytest

from conformance import offline, spec
from conformance.cases import NEEDS, TAGS
from conformance.catalogue import catalogue

LEAST = 250
ALL = catalogue()


def tried(profile):
    """Return how many cases of a profile are about each clause."""
    return Counter(clause for case in ALL if profile in case.profiles for clause in (case.clause, *case.also))


@pytest.mark.parametrize("profile", spec.PROFILES)
def test_each_method_param_result_field_error_and_event_has_a_case(profile, capsys):
    elements = spec.load(profile).elements()
    cases = tried(profile)
    missing = [(element, clause) for element, clause in elements if not cases[clause]]
    with capsys.disabled():
        # the figures are wanted in every log of the tests
        sys.stderr.write(f"\n{profile}: {len(elements) - len(missing)} of {len(elements)} elements have a case\n")
    assert missing == []


@pytest.mark.parametrize("profile", spec.PROFILES)
def test_each_clause_has_a_case(profile):
    cases = tried(profile)
    known = spec.load(profile).clauses.keys() - offline.CLAUSES
    assert [clause for clause in known if not cases[clause]] == []


def test_cases_name_what_there_is():
    for case in ALL:
        known = [spec.load(profile).clauses.keys() for profile in case.profiles]
        assert all(case.clause in clauses for clauses in known), case.id
        assert {*case.also} <= set().union(*known), case.id


def test_addresses_are_unique_and_enough():
    ids = [(case.id, profile) for case in ALL for profile in case.profiles]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    assert len({case.id for case in ALL}) >= LEAST


def test_every_tag_and_need_is_used():
    assert frozenset().union(*(case.tags for case in ALL)) == TAGS
    assert frozenset().union(*(case.needs for case in ALL)) == NEEDS
