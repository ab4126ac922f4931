"""Waivers: what they make of results, when they expire, and the mistakes in their file."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UserError
from conformance.waivers import Applied, Waiver, Waivers

TODAY = dt.date(2027, 3, 1)
CASES = [
    f"ocicontainer/{method}/{number}" for method in ("pauseContainer", "getContainerInfo") for number in range(1, 6)
]
CLAUSES = ["pauseContainer.success", "pauseContainer.refusal", "envelope.id", "events.once"]


def finding(clause: str, level: str = "MUST", quirk: str = "") -> dict[str, Any]:
    return {"clause": clause, "level": level, "quirk": quirk, "path": "$"}


def result(verdict: str, *findings: dict[str, Any], number: int = 1, clause: str = CLAUSES[0]) -> dict[str, Any]:
    return {
        "id": f"ocicontainer/pauseContainer/{number}",
        "clause": clause,
        "verdict": verdict,
        "reason": "",
        "findings": list(findings),
        "waiver": None,
    }


def waiver(pattern: str, expires: dt.date = TODAY, reason: str = "known") -> Waiver:
    return Waiver("case" if "/" in pattern else "clause", pattern, reason, "", expires, 3)


def applied(given_waivers: list[Waiver], *results: dict[str, Any], strict: bool = False) -> Applied:
    return Waivers(given_waivers, TODAY).apply(list(results), strict=strict)


MUST, SHOULD = finding(CLAUSES[0]), finding("events.once", "SHOULD")
CASE, GLOB, CLAUSE = "ocicontainer/pauseContainer/1", "ocicontainer/pause*", CLAUSES[0]


@pytest.mark.parametrize(
    ("patterns", "before", "after"),
    [
        ([CASE], result("fail", MUST), "waived"),
        ([GLOB], result("fail", MUST), "waived"),
        ([CLAUSE], result("fail", MUST), "waived"),
        (["pauseContainer.*"], result("fail", MUST), "waived"),
        ([CASE], result("fail", MUST, SHOULD, finding("envelope.id")), "waived"),
        ([CLAUSE], result("fail", MUST, SHOULD), "waived"),
        ([CLAUSE], result("fail", MUST, finding("envelope.id")), "fail"),
        ([CLAUSE, "envelope.id"], result("fail", MUST, finding("envelope.id")), "waived"),
        ([CLAUSE], result("fail", MUST, finding("envelope.id", quirk="T-silence")), "waived"),
        (["ocicontainer/pauseContainer/2", "envelope.id"], result("fail", MUST), "fail"),
        ([CASE], result("fail"), "waived"),
        ([CLAUSE], result("fail"), "fail"),
        ([CASE], result("non-strict", SHOULD), "waived"),
        (["events.once"], result("non-strict", SHOULD), "waived"),
        ([CLAUSE], result("non-strict", SHOULD), "non-strict"),
        ([CASE], result("error"), "error"),
        ([CASE], result("skipped"), "skipped"),
        ([CASE], result("known quirk", finding("envelope.id", quirk="T-silence")), "known quirk"),
        ([CASE], result("pass"), "pass"),
    ],
)
def test_what_is_waived(patterns: list[str], before: dict[str, Any], after: str) -> None:
    kept = dict(before)
    outcome = applied([waiver(pattern) for pattern in patterns], before)
    (found,) = outcome.results
    assert found["verdict"] == after
    assert found["findings"] == before["findings"]
    assert before == kept
    expected = {"reason": "known", "link": "", "expires": "2027-03-01"} if after == "waived" else None
    assert found["waiver"] == expected


def test_strict_wants_the_shoulds_waived_too() -> None:
    both = result("fail", MUST, SHOULD)
    assert applied([waiver(CLAUSE)], both, strict=True).results[0]["verdict"] == "fail"
    assert applied([waiver(CLAUSE), waiver("events.once")], both, strict=True).results[0]["verdict"] == "waived"


def test_an_expired_waiver_waives_nothing_and_is_named() -> None:
    late = waiver(CASE, TODAY - dt.timedelta(days=1))
    outcome = applied([late], result("fail", MUST))
    assert outcome.results[0]["verdict"] == "fail"
    assert outcome.results[0]["reason"] == f"the waiver for case {CASE} (line 3: known) expired on 2027-02-28"
    assert (outcome.expired, outcome.waived, outcome.unused) == ([late], [], [])
    assert outcome.sentences() == [f"expired on 2027-02-28: the waiver for case {CASE} (line 3: known)"]
    assert applied([late], result("pass")).expired == [late]  # whether it is still needed or not
    assert applied([late, waiver(CLAUSE)], result("fail", MUST)).results[0]["verdict"] == "waived"


def test_the_one_that_expires_first_is_shown() -> None:
    soon, later = waiver(CASE, TODAY, "soon"), waiver(CLAUSE, TODAY.replace(year=2028), "later")
    outcome = applied([later, soon], result("fail", MUST))
    assert outcome.results[0]["reason"] == "soon"
    assert outcome.waived == [later, soon]


def test_unexpected_passes_and_waivers_of_nothing() -> None:
    passes, other = result("pass"), result("fail", MUST, number=2)
    assert applied([waiver(CASE)], passes, other).unexpected == [waiver(CASE)]
    assert applied([waiver(GLOB)], passes, other).unexpected == []
    assert applied([waiver(GLOB)], passes, other).waived == [waiver(GLOB)]
    assert applied([waiver(CLAUSE)], passes).unexpected == [waiver(CLAUSE)]
    assert applied([waiver("envelope.id")], passes).unused == [waiver("envelope.id")]
    assert applied([waiver(CASE)], result("skipped")).unused == [waiver(CASE)]
    assert applied([waiver(CASE), waiver("envelope.id")], passes).sentences() == [
        f"unexpected pass: the waiver for case {CASE} (line 3: known) is not needed",
        "unused: the waiver for clause envelope.id (line 3: known) is about nothing that was tested",
    ]


def load(tmp_path: Path, text: str, cases: list[str] = CASES) -> Waivers:
    (tmp_path / "w.toml").write_text(text, encoding="utf-8")
    return Waivers.load(tmp_path / "w.toml", TODAY, cases, CLAUSES)


WHOLE = 'reason = "broken\\n since spring"\nlink = "https://t.example/1"\nexpires = 2027-03-01\n'


def test_a_whole_file(tmp_path: Path) -> None:
    first = f'# ours\n[[waiver]]\ncase = "{GLOB}"\n{WHOLE}\n'
    loaded = load(tmp_path, f'{first}[[waiver]]\nclause = "envelope.id"\nreason="r"\nexpires=2027-02-01\n')
    assert loaded.valid == [Waiver("case", GLOB, "broken since spring", "https://t.example/1", TODAY, 2)]
    assert loaded.expired == [Waiver("clause", "envelope.id", "r", "", dt.date(2027, 2, 1), 8)]
    assert load(tmp_path, "").valid == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1, waiver 1: it has neither case nor clause; give one of them, an id or a glob."),
        (f'case = "{CASE}"\nclause = "envelope.id"', "line 3, waiver 1: it has both case and clause; give one of them"),
        ("case = 3", "line 2, waiver 1: case is 3; say an id or a glob, as a text in quotes."),
        (
            f'case = "{CASE}"\nexpires = 2027-03-01',
            "line 1, waiver 1: it has no reason; say why this is known and left",
        ),
        (f'case = "{CASE}"\nreason = " "', "line 3, waiver 1: reason is ' '; say why this is known"),
        (f'case = "{CASE}"\nreason = "r"', "line 1, waiver 1: it never expires; give a date without quotes, like"),
        (f'case = "{CASE}"\nreason = "r"\nexpires = "2027-03-01"', "line 4, waiver 1: '2027-03-01' is no date; give a"),
        (
            f'case = "{CASE}"\nreason = "r"\nexpires = 2027-03-01T00:00:00',
            "line 4, waiver 1: 2027-03-01 00:00:00 is no",
        ),
        (f'case = "{CASE}"\nreason = "r"\nexpires = 2027-02-30', "line 4: this is not TOML: "),
        (
            f'case = "{CASE}"\n{WHOLE}[[waiver]]\ncase = "{CASE}"\n{WHOLE}',
            "waiver 2: there is one for this in line 1; keep",
        ),
        (
            f'case = "{CASE}"\nreason = "r"\nlink = "javascript:x"',
            "line 4, waiver 1: 'javascript:x' is no link; give a",
        ),
        (
            f'case = "{CASE}"\nuntil = 1',
            "line 3: there is no key 'until'; a waiver has case, clause, reason, link, expires",
        ),
        (
            'case = "ocicontainer/pauseContainer/9"',
            "no case is called 'ocicontainer/pauseContainer/9'; of 10 known ones",
        ),
        (
            'case = "?"',
            "no case is called '?'; there are ocicontainer/getContainerInfo/*, ocicontainer/pauseContainer/*.",
        ),
        ('clause = "envelop.id"', f"no clause is called 'envelop.id'; there are {', '.join(sorted(CLAUSES))}."),
    ],
)
def test_mistakes_in_a_waiver_file(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, f"[[waiver]]\n{text}")
    assert str(caught.value).startswith(f"{tmp_path}/w.toml, line ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("waiver = 1", "line 1, key 'waiver': it is no array of tables; give each waiver as a [[waiver]] table"),
        ("[waiver]\n", "line 1, key 'waiver': it is no array of tables"),
        ("[[waivers]]\n", "line 1: there is no key 'waivers'; only [[waiver]] tables have a place here."),
    ],
)
def test_other_things_in_a_waiver_file(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    assert sentence in str(caught.value)


def test_the_documented_file(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(# waivers.toml\n.*?)```", page, re.DOTALL)
    loaded = load(tmp_path, text)
    assert [(one.kind, one.pattern) for one in loaded.valid] == [
        ("case", "ocicontainer/pauseContainer/*"),
        ("clause", "envelope.*"),
    ]


VERDICTS = st.sampled_from(["pass", "fail", "non-strict", "known quirk", "skipped", "error"])
FINDINGS = st.builds(
    finding, st.sampled_from(CLAUSES), st.sampled_from(["MUST", "SHOULD", "MAY"]), st.sampled_from(["", "T-silence"])
)
RESULTS = st.lists(
    st.builds(
        lambda verdict, findings, number: result(verdict, *findings, number=number),
        VERDICTS,
        st.lists(FINDINGS, max_size=3),
        st.integers(1, 4),
    ),
    max_size=4,
)
WAIVERS = st.lists(
    st.builds(waiver, st.sampled_from([CASE, GLOB, *CLAUSES]), st.dates(dt.date(2027, 2, 27), dt.date(2027, 3, 3))),
    unique_by=lambda one: one.pattern,
    max_size=4,
)


@given(WAIVERS, RESULTS)
def test_each_waiver_is_told_of_once_and_only_failures_change(
    waivers: list[Waiver], results: list[dict[str, Any]]
) -> None:
    outcome = applied(waivers, *results)
    told = [*outcome.waived, *outcome.expired, *outcome.unexpected, *outcome.unused]
    assert sorted(map(str, told)) == sorted(map(str, waivers))
    assert len(outcome.results) == len(results)
    for before, after in zip(results, outcome.results, strict=True):
        if after["verdict"] != before["verdict"]:
            assert before["verdict"] in {"fail", "non-strict"}
            assert (after["verdict"], after["findings"]) == ("waived", before["findings"])
