"""Annotate and RemoveAnnotation (facts/dobby.md 1, 4 and 5)."""

import json

import pytest

from bench import Bench
from fakedobby.timings import IMMEDIATE


@pytest.fixture
def bench():
    bench = Bench(timings=IMMEDIATE)
    bench.start()
    bench.take()
    return bench


def annotations(bench):
    return json.loads(bench.ask("GetInfo", 734)).get("annotations")


@pytest.mark.fact("D1-annotate-true", "D1-unannotate-true", "D2-silent-annotate", "D4-annotations")
def test_a_key_is_set_replaced_and_removed(bench):
    assert annotations(bench) is None
    assert bench.ask("Annotate", 734, "key", "old") is True
    assert bench.ask("Annotate", 734, "key", "new") is True
    assert annotations(bench) == {"key": "new"}
    assert bench.ask("RemoveAnnotation", 734, "key") is True
    assert annotations(bench) is None
    assert bench.take() == []


@pytest.mark.fact("D1-annotate-unknown", "D1-unannotate-unknown", "D1-unannotate-absent")
def test_what_is_not_there(bench):
    assert bench.ask("Annotate", 99, "key", "value") is False
    assert bench.ask("RemoveAnnotation", 99, "key") is False
    assert bench.ask("RemoveAnnotation", 734, "key") is False


@pytest.mark.fact("D5-annotate-any")
def test_any_text_will_do(bench):
    given = {"": "", "ü": "\n", 'a "quote"': "x" * 10_000}
    for key, value in given.items():
        assert bench.ask("Annotate", 734, key, value) is True
    assert annotations(bench) == given


@pytest.mark.fact("D2-paused-annotate", "D5-annotate-state")
def test_in_every_state(bench):
    bench.ask("Pause", 734)
    assert bench.ask("Annotate", 734, "while", "paused") is True
    bench.ask("Resume", 734)
    bench.ask("Hibernate", 734, "")
    assert bench.ask("Annotate", 734, "while", "hibernating") is True
    bench.clock.advance(0)
    assert bench.ask("Annotate", 734, "while", "hibernated") is True
    assert annotations(bench) == {"while": "hibernated"}


@pytest.mark.fact("D5-annotate-lost")
def test_they_end_with_their_container(bench):
    bench.ask("Annotate", 734, "key", "value")
    bench.ask("Stop", 734, True)
    assert bench.start() == 879
    assert "annotations" not in json.loads(bench.ask("GetInfo", 879))


@pytest.mark.fact("D4-annotations-here-only")
def test_the_configuration_has_none(bench):
    before = bench.ask("GetOCIConfig", 734)
    bench.ask("Annotate", 734, "key", "value")
    assert bench.ask("GetOCIConfig", 734) == before
