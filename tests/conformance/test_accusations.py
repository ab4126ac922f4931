"""What becomes of findings over a session: which message shows them, and when a doubt is one."""

import pytest

from conformance import spec
from conformance.accusations import Accusations
from conformance.announced import Known
from conformance.lifecycle import Life
from conformance.verdict import Finding


@pytest.fixture
def accusations():
    return Accusations(spec.load("rdkservices"))


@pytest.fixture
def known():
    return Known(Life("a"), born=1)


def finding(got="got"):
    return Finding("listContainers.containers", "$", "expected", got)


def found(accusations):
    return [breach.finding for breach in accusations.breaches]


def test_a_finding_is_kept_at_once_and_a_doubt_when_the_container_is_there_after_all(accusations, known):
    accusations.note(finding())
    accusations.doubt(known, finding("gone"), 7)
    assert found(accusations) == [finding()]
    accusations.alive(known)
    assert found(accusations) == [finding(), finding("gone")]
    accusations.alive(known)
    assert len(found(accusations)) == 2


def test_the_first_doubt_counts_with_the_message_that_showed_it(accusations, known):
    accusations.shown_by("said", "came")
    accusations.doubt(known, finding("first"), 7)
    accusations.shown_by("later", None)
    accusations.doubt(known, finding("second"), 8)
    assert known.doubted == 7
    assert (known.doubt.finding.got, known.doubt.said, known.doubt.came) == ("first", "said", "came")
