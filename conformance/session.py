"""The suite within one pytest session: which cases run on which target, and what is made of their outcome."""

import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance import __version__, preflight, spec
from conformance.bench import Bench, target_of
from conformance.cases import Case
from conformance.catalogue import chosen
from conformance.errors import SuiteError, UserError, tell
from conformance.loop import Loop
from conformance.pytestoptions import of_pytest
from conformance.report.build import FORMAT, latencies
from conformance.report.redact import Redactor
from conformance.report.terminal import Terminal, describe
from conformance.settings import REPORTS, Settings, redacted_url
from conformance.targets import endpoints
from conformance.verdict import CaseResult, Verdict, exit_code
from conformance.waivers import Applied

_RESULT = "conformance"
_USAGE, _NO_VERDICT, _INTERRUPTED = 2, 3, 130

Assignment = tuple[int, Case]
"""The number of a target, and a case to run on it."""


def open_session(config: pytest.Config) -> "Session":
    """Return the suite's side of a pytest session, as the options in ``config`` ask. Raises pytest.UsageError."""
    given = config.getoption("thunder_settings")
    try:
        settings = (Settings.from_json(given) if given else of_pytest(config)).seeded()
        return Session(config, settings, speaks=bool(given))
    except UserError as error:
        raise pytest.UsageError(str(error)) from None


class Session:
    """Hooks of a pytest session in which the targets of ``settings`` are tested.

    If it ``speaks`` it reports and exits as ``thunderoci check`` does, else it leaves both to pytest. With
    pytest-xdist a worker runs the cases of whole targets, and the controller makes the report (see spread.py).
    Raises UserError.
    """

    def __init__(self, config: pytest.Config, settings: Settings, *, speaks: bool) -> None:
        self.settings = settings
        named = endpoints(settings, Path.cwd())
        self._targets = [endpoint.settings for endpoint in named]
        self._names = [endpoint.name for endpoint in named]
        for target in self._targets:
            target_of(target)
        self._cases = chosen(settings)
        self._waivers = preflight.waivers(settings)
        self._clean = Redactor({secret for target in self._targets for secret in target.secret_texts})
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._controller: Any = None
        if speaks and config.getoption("numprocesses", None):
            self._controller = importlib.import_module("conformance.spread").Controller()  # it needs pytest-xdist
            config.pluginmanager.register(self._controller)
        self._terminal = Terminal(sys.stdout) if speaks and not self._worker else None
        self._results: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(self._targets))}
        self._facts: dict[int, dict[str, Any]] = {}
        self._bench: tuple[int, Bench] | None = None
        self._loop: Loop | None = None
        self._ended: int | None = None
        self._headed = False
        self._began = datetime.now(UTC)
        self.broke = ""
        """What went wrong in the suite itself, outside of any case."""

    def assignments(self) -> list[Any]:
        """Return a pytest parameter for each case on each target."""
        several = len(self._targets) > 1
        return [
            pytest.param((number, case), id=f"{number + 1}-{case.id}" if several else case.id)
            for number in range(len(self._targets))
            for case in self._cases
        ]

    def judge(self, assignment: Assignment, item: pytest.Item) -> None:
        """Run a case on a target, keep the result with the pytest item, and end as pytest expects."""
        number, case = assignment
        try:
            outcome = self._outcome(number, case)
        except KeyboardInterrupt:
            if not self._worker:
                raise
            self._leave_bench()  # what is left of the run is for the controller to hear of
            pytest.skip("interrupted")
        bench = self._bench_of(number)
        if bench.problem and len(self._targets) == 1 and outcome is None:
            item.session.shouldstop = bench.problem
        if outcome is None:
            pytest.skip("not for this target")
        plain = self._clean.value(outcome.as_json(self._clean.text))
        item.user_properties.append((_RESULT, json.dumps([number, bench.facts(), plain])))
        (result,) = self._waived([plain]).results
        text = "\n".join(describe(result))
        if result["verdict"] in {Verdict.FAIL, Verdict.ERROR}:
            pytest.fail(text or result["reason"], pytrace=False)
        if result["verdict"] == Verdict.SKIPPED:
            pytest.skip(result["reason"])
        if text:
            item.add_report_section("call", str(result["verdict"]), text)

    def pytest_sessionstart(self) -> None:
        """Take the signals from now on where the controller leaves them to us."""
        if self._worker:
            self._loop = Loop(raises=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object:
        """Run a case here, not where pytest-twisted runs its tests: in there nobody may wait for the reactor."""
        if pyfuncitem.module.__name__ != "conformance.test_catalogue":
            return None
        assignment: Any = pyfuncitem.funcargs["assignment"]
        self.judge(assignment, pyfuncitem)
        return True

    def pytest_report_header(self) -> list[str]:
        """Say what is tested."""
        return [f"target: {name}" for name in self._names]

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result out of a test's report, wherever it was made."""
        kept = [value for name, value in report.user_properties if name == _RESULT]
        if report.failed and not kept:
            self.broke = self.broke or str(SuiteError(why=report.longreprtext))
        if report.when != "call":
            return
        for value in kept:
            number, facts, result = json.loads(str(value))
            self._facts[number] = facts
            self._results[number].append(result)
            self._show(number, result)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker says of its targets at its end."""
        for number, facts in json.loads(getattr(node, "workeroutput", {}).get(_RESULT, "{}")).items():
            self._facts[int(number)] = facts

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note why the session ends before its end."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._ended, sentence = excinfo.value.returncode or _NO_VERDICT, excinfo.value.msg
        elif isinstance(excinfo.value, pytest.Session.Interrupted):
            return  # the target was lost, which its facts tell
        else:
            self._ended, sentence = _INTERRUPTED, "interrupted"
        if self._terminal:
            tell(sentence)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Take the run's containers away, sum up, write the reports, and set the exit status."""
        self._leave()
        if self._controller and self._controller.interrupted:
            self._ended = _INTERRUPTED
            tell("interrupted")
        if self._worker:
            self._config.workeroutput[_RESULT] = json.dumps(self._facts)  # type: ignore[attr-defined]  # pytest-xdist's
            return
        broken = self.broke or exitstatus in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
        if self.broke:
            tell(self.broke)
        report = self._report(_NO_VERDICT if broken else None)
        if self._terminal:
            self._sum_up(self._terminal, report)
            session.exitstatus = report["exit_status"]
            if self._terminal.lost:
                session.exitstatus = max(_NO_VERDICT, report["exit_status"])
        for name in REPORTS:
            path = getattr(self.settings, name)
            if not path:
                continue
            try:
                importlib.import_module(f"conformance.report.{name}").write(report, path)
            except UserError as problem:
                tell(problem)
                session.exitstatus = max(_USAGE, session.exitstatus)

    def _outcome(self, number: int, case: Case) -> CaseResult | None:
        """Run a case on a target. Raises KeyboardInterrupt."""
        if self._loop is not None and self._loop.interrupted:
            raise KeyboardInterrupt
        return self._bench_of(number).judge(case)

    def _bench_of(self, number: int) -> Bench:
        """Return the bench of a target; the one before has to be left first."""
        if self._loop is None:
            self._loop = Loop()
        if self._bench is None or self._bench[0] != number:
            self._leave_bench()
            self._bench = (number, Bench(self._targets[number], self._loop))
        return self._bench[1]

    def _leave_bench(self) -> None:
        if self._bench is None:
            return
        number, bench = self._bench
        self._bench = None
        interrupted_before = bench.interrupted
        bench.leave()
        self._facts[number] = bench.facts()
        if bench.interrupted and not interrupted_before:
            self._ended = _INTERRUPTED

    def _leave(self) -> None:
        self._leave_bench()
        if self._loop is not None:
            self._loop.close()

    def _show(self, number: int, result: dict[str, Any]) -> None:
        """Show a result at once."""
        if self._terminal is None:
            return
        if not self._headed and len(self._targets) == 1:
            self._head(number)
        self._terminal.case(
            self._waived([result]).results[0], target=self._names[number] if len(self._targets) > 1 else ""
        )

    def _head(self, number: int) -> None:
        self._headed = True
        facts = self._facts.get(number, {})
        if self._terminal:
            self._terminal.header(
                facts.get("url") or redacted_url(self._targets[number].urls[0]), facts.get("profile", "")
            )

    def _waived(self, results: list[dict[str, Any]]) -> Applied:
        """Return what the user's waivers make of results as they came."""
        return self._waivers.apply(results, strict=self.settings.strict)

    def _report(self, code: int | None) -> dict[str, Any]:
        """Return the report of the whole run, without secrets."""
        targets = [self._target_report(number) for number in self._results]
        ended = self._ended if code is None else code
        status = max(target["exit_status"] for target in targets) if ended is None else ended
        return {
            "format": FORMAT,
            "suite": __version__,
            "started": self._began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": (datetime.now(UTC) - self._began).total_seconds(),
            "exit_status": status,
            "seed": self.settings.seed,
            "strict": self.settings.strict,
            "targets": targets,
        }

    def _target_report(self, number: int) -> dict[str, Any]:
        """Return what a report says of one target."""
        results = self._waived(self._results[number]).results
        facts = self._facts.get(number) or {
            "url": redacted_url(self._targets[number].urls[0]),
            "profile": "",
            "run": "",
            "problem": "it was not reached before the run ended",
            "left_behind": [],
            "seconds": 0.0,
        }
        verdicts = [result["verdict"] for result in results]
        code = exit_code(verdicts, strict=self.settings.strict, expired=bool(self._waivers.expired))
        if code == 0 and facts["problem"]:
            code = _NO_VERDICT
        facts = self._clean.value(facts)
        return {
            **facts,
            "exit_status": code,
            "results": results,
            "latencies": latencies(results, {name for profile in spec.PROFILES for name in spec.load(profile).methods}),
        }

    def _sum_up(self, terminal: Terminal, report: dict[str, Any]) -> None:
        """Write what comes after the last case."""
        for number, target in enumerate(report["targets"]):
            if len(self._targets) == 1 and not self._headed:
                self._head(number)
            if target["problem"]:
                tell(target["problem"])
            if target["results"] and {result["verdict"] for result in target["results"]} == {Verdict.SKIPPED}:
                tell("No case could be judged: all were skipped.")
        for sentence in self._waived([result for results in self._results.values() for result in results]).sentences():
            tell(sentence)
        several = len(report["targets"]) > 1
        for target in report["targets"]:
            terminal.summary(target, target["exit_status"] if several else report["exit_status"])
        if several:
            terminal.matrix(report)
