"""The suite within one pytest session: which cases run, how each is run, and what is made of its outcome."""

import sys
from collections.abc import Generator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from conformance import spec
from conformance.cases import ATTRIBUTE, Case
from conformance.conversation import Conversation
from conformance.errors import BadTimeout, LeftBehind, NothingSelected, SuiteError, TargetError, UserError, tell
from conformance.loop import Loop
from conformance.report.plain import Terminal, describe
from conformance.run import Run
from conformance.target import Target
from conformance.verdict import CannotJudge, CaseResult, Nonconformance, Verdict, exit_code

_CASE = pytest.StashKey[Case]()
_USAGE, _NO_VERDICT, _INTERRUPTED = 2, 3, 130


def open_session(config: pytest.Config) -> "Session":
    """Return the suite's side of a pytest session, as the options in ``config`` ask. Raises pytest.UsageError."""
    timeout = config.getoption("thunder_timeout")
    try:
        if not 0 < timeout < float("inf"):
            raise BadTimeout(seconds=timeout)
        target = Target(config.getoption("thunder_url"), timeout)
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    report = Terminal(sys.stdout) if config.getoption("thunder_check") else None
    return Session(target, config.getoption("thunder_bundle_path"), config.getoption("thunder_select"), report)


class Session:
    """Hooks of a pytest session in which ``target`` is tested by the cases that match ``select``.

    With a ``report`` it speaks and exits as ``thunderoci check`` does, else it leaves both to pytest.
    """

    def __init__(self, target: Target, bundle_path: str, select: list[str], report: Terminal | None) -> None:
        self._target = target
        self._bundle_path = bundle_path
        self._select = select
        self._report = report
        self._run: Run | None = None
        self._results: list[CaseResult] = []
        self._ended: int | None = None

    def converse(self) -> Conversation:
        """Return a conversation for one case; before the first, the session ends when the plugin is not there."""
        if self._run is None:
            self._run = Run(self._target, self._bundle_path, Loop())
            try:
                self._run.loop.run(self._run.probe())
            except TargetError as error:
                pytest.exit(str(error), _NO_VERDICT)
        return Conversation(self._run)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Name the cases, and leave out those that were not selected."""
        kept: list[pytest.Item] = []
        left_out: list[pytest.Item] = []
        known: list[str] = []
        for item in items:
            case = _case_of(item)
            if case is not None:
                item.stash[_CASE] = case
                known.append(case.id)
            chosen = case is None or not self._select or any(fnmatchcase(case.id, pattern) for pattern in self._select)
            (kept if chosen else left_out).append(item)
        items[:] = kept
        if left_out:
            config.hook.pytest_deselected(items=left_out)
        if known and len(left_out) == len(known):
            sentence = NothingSelected(patterns=" ".join(self._select), known=", ".join(known))
            pytest.exit(str(sentence), _USAGE)

    def pytest_report_header(self) -> str:
        """Say what is tested."""
        return f"target: {self._target.url}, profile {spec.PROFILE}"

    def pytest_sessionstart(self) -> None:
        """Say what is tested."""
        if self._report:
            self._report.header(self._target.url, spec.PROFILE)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object:
        """Run a case, a coroutine, until it ends, is interrupted, or the target is lost."""
        if _CASE not in pyfuncitem.stash:
            return None
        names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 - pytest has no public way to ask what a test takes
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        thunder: Any = pyfuncitem.funcargs["thunder"]
        run = thunder.run
        try:
            run.loop.run(pyfuncitem.obj(**arguments))
        except (Nonconformance, CannotJudge) as outcome:
            if run.lost is None:
                run.loop.run(thunder.abandon())
            else:
                pyfuncitem.session.shouldstop = f"The run ends here, the target was lost: {run.lost}"
            if isinstance(outcome, CannotJudge):
                pytest.skip(str(outcome))
            raise
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a case into its result, and a failure's traceback into our text."""
        report = yield
        if _CASE not in item.stash or not (call.when == "call" or call.excinfo):
            return report
        result = _result_of(item, call)
        self._results.append(result)
        if result.verdict in {Verdict.FAIL, Verdict.NON_STRICT}:
            text = "\n".join(describe(result))
            if report.failed:
                report.longrepr = text
            else:
                report.sections.append(("Breaks recommendations", text))
        if self._report:
            self._report.case(result)
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note why the session ends before its end."""
        match excinfo.value:
            case pytest.exit.Exception() as early:
                self._ended, sentence = early.returncode or _NO_VERDICT, early.msg
            case pytest.Session.Interrupted() as early:
                self._ended, sentence = _NO_VERDICT, str(early)
            case _:
                self._ended, sentence = _INTERRUPTED, "interrupted"
        if self._report:
            tell(sentence)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Take the run's containers away, sum up, and set the exit status."""
        if self._run is not None:
            self._leave(self._run)
        if self._report is None:
            return
        code = self._ended
        if code is None:
            broken = exitstatus in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
            code = _NO_VERDICT if broken else exit_code(self._results)
            if {result.verdict for result in self._results} == {Verdict.SKIPPED}:
                tell("No case could be judged: all were skipped.")
        session.exitstatus = code
        self._report.summary(self._results, code)

    def _leave(self, run: Run) -> None:
        """Leave the target as it was found, or say what could not be taken away; a signal does not cut this short."""
        run.loop.shielded = True
        interrupted_before = run.loop.interrupted
        try:
            run.loop.run(run.containers.clean_up(run.target))
        except LeftBehind as error:
            tell(error)
        run.loop.run(run.target.close())
        if run.loop.interrupted and not interrupted_before:
            self._ended = _INTERRUPTED
        run.loop.close()


def _case_of(item: pytest.Item) -> Case | None:
    """Return which case a pytest item is, None when it is somebody else's test."""
    case: Case | None = getattr(getattr(item, "obj", None), ATTRIBUTE, None)
    if case is None or not isinstance(item, pytest.Function):
        return None
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    attributes = {name: getattr(item.cls, name) for name in dir(item.cls)} if item.cls else {}
    return case.filled({**attributes, **parameters})


def _result_of(item: pytest.Item, call: pytest.CallInfo[None]) -> CaseResult:
    """Return what came out of a case."""
    case = item.stash[_CASE]
    thunder: Conversation | None = getattr(item, "funcargs", {}).get("thunder")
    breaches = list(thunder.breaches) if thunder else []
    verdict, reason = Verdict.NON_STRICT if breaches else Verdict.PASS, ""
    if call.excinfo is not None:
        match call.excinfo.value:
            case Nonconformance() as breach:
                verdict, breaches = Verdict.FAIL, [breach, *breaches]
            case pytest.skip.Exception() as skipped:
                verdict, reason = Verdict.SKIPPED, str(skipped.msg)
            case fault:
                where = call.excinfo.traceback[-1]
                why = f"{type(fault).__name__}: {fault} ({where.path}, line {where.lineno + 1})"
                verdict, reason = Verdict.ERROR, str(SuiteError(why=why))
    level = spec.clauses()[case.clause].level
    return CaseResult(case.id, case.title, level, verdict, reason, breaches)
