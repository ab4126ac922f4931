"""Every fact has its test, and the tables in docs/ say which."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from table import ROOT, Catalogue, Collector, Fact, complaints, render, unknown_marks


def catalogue(**members):
    fact = Fact(**{"id": "D0-a", "section": "0", "sentence": "It is <so>."} | members)
    return Catalogue("dobby", "facts/dobby.md", "The facts", "fakedobby.quirks", {"0": "Names", "1": "Methods"}, [fact])


TESTS = {"D0-a": [("tests/x/test_x.py", "test_it")]}


def test_the_tables_are_current_and_every_fact_has_its_test():
    done = subprocess.run(
        [sys.executable, ROOT / "tests/facts/table.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("members", "tests", "awaiting", "complaint"),
    [
        ({}, TESTS, False, None),
        ({}, {}, True, "D0-a has no test: It is <so>."),
        ({"awaits": True}, {}, True, None),
        ({"awaits": True}, {}, False, "D0-a awaits a test"),
        ({"awaits": True}, TESTS, False, "D0-a awaits a test that it has: say so no longer"),
        ({"quirk": "D-call-slots"}, {}, True, "D0-a has no test: It is <so>."),
        ({"quirk": "D-call-slots"}, TESTS, False, None),
        ({"quirk": "D-none"}, TESTS, True, "D0-a names the quirk D-none, which fakedobby.quirks does not have"),
        ({"left_out": "no"}, {}, False, None),
        ({"left_out": "no"}, TESTS, True, "D0-a is left out, and yet has a test, a quirk, or awaits one"),
    ],
)
def test_complaints(members, tests, awaiting, complaint):
    assert list(complaints(catalogue(**members), tests, awaiting=awaiting)) == ([complaint] if complaint else [])


def test_complaints_about_the_catalogue_itself():
    twice = catalogue(section="1")
    twice.facts.append(Fact("D0-a", "0", "It is."))
    assert list(complaints(twice, TESTS)) == [
        "dobby.toml: the facts are not in the order of the sections",
        "D0-a is there twice",
    ]


def test_a_mark_that_names_no_fact():
    assert unknown_marks([catalogue()], TESTS) == []
    assert unknown_marks([catalogue()], {"D0-b": [("tests/x/test_x.py", "test_it")]}) == [
        "tests/x/test_x.py::test_it is marked with D0-b, which no catalogue has"
    ]


@pytest.mark.parametrize(
    ("members", "tests", "row"),
    [
        ({}, TESTS, "| `D0-a` | It is &lt;so>. | [x/test_x.py::test_it](../tests/x/test_x.py) |"),
        ({"left_out": "a|b"}, {}, "| `D0-a` | It is &lt;so>. | *left out:* a\\|b |"),
        (
            {"quirk": "D-call-slots", "observed": False},
            TESTS,
            "| `D0-a` | It is &lt;so>. *(read in its source, not observed)* | *quirk* `D-call-slots`<br>[x/test_x.py::test_it](../tests/x/test_x.py) |",  # noqa: E501 (one line of the table)
        ),
    ],
)
def test_a_row(members, tests, row):
    text = render(catalogue(**members), tests)
    assert row in text.splitlines()
    assert f"| **All** | **1** | **{len(tests)}** |" in text


def test_only_tests_that_must_pass_are_collected():
    def item(name, *marks):
        return SimpleNamespace(
            path=ROOT / "tests/x/test_x.py",
            nodeid=f"tests/x/test_x.py::{name}",
            iter_markers=lambda kind: [mark for mark in marks if mark.name == kind],
            get_closest_marker=lambda kind: next((mark for mark in marks if mark.name == kind), None),
        )

    fact = pytest.mark.fact("D0-a", "D0-b").mark
    broken = pytest.mark.xfail(reason="not yet").mark  # what the collector must not count; no test of ours has it
    items = [item("test_it[1]", fact), item("test_it[2]", fact), item("test_c"), item("test_d", fact, broken)]
    collector = Collector()
    collector.pytest_collection_finish(SimpleNamespace(items=items))
    assert collector.tests == {fact: {("tests/x/test_x.py", "test_it")} for fact in ("D0-a", "D0-b")}
