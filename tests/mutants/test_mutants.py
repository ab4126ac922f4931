"""Every mutant is found by the case that is named for it, and no case accuses what is legal."""

import os
import sys
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import defer

sys.path.insert(0, str(Path(__file__).parent))

import faults  # noqa: F401 - it fills the table
from mutanttable import PAGE, rows
from mutation.bench import Bench, found
from mutation.mutant import LEGAL, MUTANTS, PROFILES, Mutant

from conformance import bundle, spec
from conformance.catalogue import catalogue
from conformance.verdict import Verdict

LEAST, LEAST_LEGAL = 120, 20
CASES = {case.id: case for case in catalogue()}
LONG = os.environ.get("MUTANTS") == "all"
"""Whether both profiles are run, and all cases on what is legal; else one of each, and the cases that see most."""
CONTROL = [case for case in catalogue() if not case.hazardous and "model" not in case.tags]
_MORE = {"ocicontainer/events/20", "ocicontainer/http/10", "ocicontainer/envelope/91"}
SHORT = [case for case in CONTROL if "documented" in case.tags or case.id in _MORE]


def each(entries):
    """Return a parameter for each entry and profile; in the short form profiles take turns."""
    return [
        pytest.param(entry, profile, id=f"{entry.id}-{profile}")
        for number, entry in enumerate(entries)
        for profile in (entry.profiles if LONG else [entry.profiles[number % len(entry.profiles)]])
    ]


@pytest.fixture(scope="module")
def benches(emulators, tmp_path_factory):
    """Return the bench of a profile; there is one of each."""
    made = {}

    async def bench_of(profile):
        if profile not in made:
            path = bundle.write(tmp_path_factory.mktemp("bundle"))
            made[profile] = Bench(emulators("--profile", profile).ready["url"], profile, path)
            await made[profile].start()
        return made[profile]

    yield bench_of
    for bench in made.values():
        pytest_twisted.blockon(defer.ensureDeferred(bench.stop()))


def test_there_are_enough_and_each_has_a_name():
    assert len(MUTANTS) >= LEAST
    assert len(LEGAL) >= LEAST_LEGAL
    names = [entry.id for entry in (*MUTANTS, *LEGAL)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("entry", "profile"), each(MUTANTS))
@pytest_twisted.ensureDeferred
async def test_each_mutant_is_found_by_its_case(entry, profile, benches, kept):
    bench = await benches(profile)
    (result,) = await bench.judge(entry.fault(), [CASES[entry.finds]], entry.timeout)
    (control,) = await bench.judge(Mutant(), [CASES[entry.finds]], 10.0)
    assert not found(control, entry.clause), "the case says so without the fault, too"
    kept.setdefault(entry.id, {})[profile] = str(result.verdict) if found(result, entry.clause) else "not found"
    assert found(result, entry.clause), (
        result.verdict,
        [(b.clause.id, b.quirk) for b in result.breaches],
        result.reason,
    )
    must = spec.clauses(profile)[entry.clause].level == "MUST"
    assert result.verdict is Verdict.FAIL if must else result.verdict in {Verdict.FAIL, Verdict.NON_STRICT}


@pytest.mark.parametrize("profile", PROFILES)
@pytest_twisted.ensureDeferred
async def test_without_a_fault_nothing_is_found(profile, benches):
    bench = await benches(profile)
    results = await bench.judge(Mutant(), [case for case in CONTROL if profile in case.profiles], 10.0)
    wrong = {result.id: result.verdict for result in results if result.verdict in {Verdict.FAIL, Verdict.ERROR}}
    assert wrong == {}


@pytest.mark.parametrize(("entry", "profile"), each(LEGAL))
@pytest_twisted.ensureDeferred
async def test_what_is_legal_is_accepted(entry, profile, benches):
    bench = await benches(profile)
    cases = [case for case in (CONTROL if LONG else SHORT) if profile in case.profiles]
    results = await bench.judge(entry.fault(), cases, 10.0)
    wrong = {
        result.id: [(breach.clause.id, breach.finding.got) for breach in result.breaches] or result.reason
        for result in results
        if result.verdict in {Verdict.FAIL, Verdict.ERROR}
    }
    assert wrong == {}


def test_the_table_is_of_these_mutants():
    text = PAGE.read_text(encoding="utf-8")
    assert f"**{len(MUTANTS)} of {len(MUTANTS)} mutants found.**" in text
    listed = [line.partition(" | ")[0] for line in text.splitlines() if line.startswith("| `")]
    assert listed == [f"| {cells[0]}" for _, cells in rows()]
