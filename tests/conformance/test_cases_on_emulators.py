"""The whole catalogue on emulators of both profiles and several flavours, faithful to real devices and not."""

from types import SimpleNamespace

import pytest
import pytest_twisted

from conformance import bundle
from conformance.catalogue import catalogue
from conformance.engine import run_case
from conformance.run import Run
from conformance.settings import Settings
from conformance.target import Target
from conformance.verdict import Verdict

CASES = [case for case in catalogue() if "model" not in case.tags and not case.hazardous]
MOUNTS = ("ocicontainer/mount/", "ocicontainer/unmount/")


async def verdicts(url, profile, directory):
    """Return what each case for a profile gives on a target, with its reason or its findings."""
    settings = Settings(urls=(url,), profile=profile, bundle_path=str(bundle.write(directory)), seed=1)
    target = Target(url, timeout=settings.timeout)
    run = Run(target, settings, SimpleNamespace(interrupted=False))
    await run.probe()
    results = [await run_case(case, run) for case in CASES if profile in case.profiles]
    await run.containers.clean_up(run)
    await target.close()
    return results


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest.mark.parametrize(
    "options",
    [("--flavour", "r4.4.1-rdk", "--faithful"), ("--flavour", "r4.4.7"), ("--flavour", "r4.4.1", "--faithful")],
    ids=" ".join,
)
@pytest_twisted.ensureDeferred
async def test_no_case_fails(emulators, profile, options, tmp_path):
    url = emulators("--profile", profile, *options).ready["url"]
    results = await verdicts(url, profile, tmp_path)
    wrong = {
        result.id: result.reason or [(breach.clause.id, breach.finding.got) for breach in result.breaches]
        for result in results
        if result.verdict in {Verdict.FAIL, Verdict.ERROR}
    }
    assert wrong == {}
    skipped = {result.id: result.reason for result in results if result.verdict is Verdict.SKIPPED}
    assert {name: why for name, why in skipped.items() if not name.startswith(MOUNTS)} == {}
    quirks = {breach.quirk for result in results for breach in result.breaches} - {""}
    assert ("T-silence" in quirks) is ("--faithful" in options)


@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest_twisted.ensureDeferred
async def test_what_touches_nothing_asks_for_no_start(emulators, profile):
    target = Target(emulators("--profile", profile).ready["url"], timeout=10.0)
    run = Run(target, Settings(urls=(target.url,), profile=profile, read_only=True), SimpleNamespace(interrupted=False))
    await run.probe()
    chosen = [case for case in CASES if profile in case.profiles and "read-only" in case.tags]
    called = {step.call for case in chosen for step in (await run_case(case, run)).steps}
    await target.close()
    assert called
    assert not called & {"startContainer", "startContainerFromDobbySpec"}


@pytest_twisted.ensureDeferred
async def test_in_real_time(spawn, tmp_path):
    url = spawn("thunderoci", "up", "--port", "0").ready["url"]
    settings = Settings(urls=(url,), profile="rdkservices", bundle_path=str(bundle.write(tmp_path)), seed=1)
    target = Target(url, timeout=settings.timeout)
    run = Run(target, settings, SimpleNamespace(interrupted=False))
    await run.probe()
    chosen = [case for case in CASES if "documented" in case.tags and "rdkservices" in case.profiles]
    chosen += [case for case in CASES if case.id.partition("/")[2] in {"onContainerStarted/1", "onContainerStopped/1"}]
    results = [await run_case(case, run) for case in chosen]
    await run.containers.clean_up(run)
    await target.close()
    assert {result.id: result.verdict for result in results} == dict.fromkeys(
        (case.id for case in chosen), Verdict.PASS
    )
