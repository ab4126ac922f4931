"""Replays a document: sends each of its curl commands to a target, and tells where the answers differ."""

import argparse
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twisted.internet import defer
from twisted.internet.task import deferLater, react

from conformance import replay_judge
from conformance.curl import split_url
from conformance.documented import Documented, called
from conformance.errors import (
    BadCurl,
    BadDocument,
    ConformanceError,
    SuiteError,
    TargetError,
    Unreachable,
    UserError,
    tell,
)
from conformance.exchange import Exchange, Request
from conformance.replay_order import Step
from conformance.replay_plan import Plan, headers, plan
from conformance.report.replay import Outcome, Report
from conformance.target import Target

_AS_DOCUMENTED, _DIFFERENT, _USAGE, _NO_VERDICT, _INTERRUPTED = 0, 1, 2, 3, 130
_PAUSE = 0.1
"""Seconds between two tries of a refused command."""
_PROBE = b'{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.listContainers"}'


def run(options: argparse.Namespace) -> int:
    """Replay the document that ``options`` name, write to standard output, and return the exit status.

    It is 0 when every answer is as documented, 1 when not, 2 usage, 3 when nothing answers or standard
    output can't be written, 130 interrupted.
    """
    try:
        replay = Replay(plan(options), options)
        status = replay.run()
        if options.json:
            _write(options.json, replay.report.as_json(status))
        if replay.report.lost:
            status = _NO_VERDICT
    except UserError as error:
        tell(error)
        return _USAGE
    except KeyboardInterrupt:
        tell("thunderoci: interrupted")
        return _INTERRUPTED
    except ConformanceError as error:
        tell(error)
        return _NO_VERDICT
    return status


class Replay:
    """One replay, on the reactor. Raises BadHeader."""

    def __init__(self, what: Plan, options: argparse.Namespace) -> None:
        self._plan, self._options = what, options
        self._given = headers(options.headers)
        if options.token:
            self._given.append(("Authorization", f"Bearer {options.token}"))
        secrets = [value for _, value in headers(options.headers)] + [options.token or ""]
        self.report = Report(sys.stdout, what.source, what.url, secrets)
        self._targets: dict[str, Target] = {}
        self._reactor: Any = None
        self._answered = self._lost = False
        self._judged_as = ""
        self._settled_at = 0.0
        """When what the last change began should be over."""

    def run(self) -> int:
        """Run the reactor until everything is sent, and return the exit status.

        Raises KeyboardInterrupt, and SuiteError when the replay itself failed.
        """
        ended: list[BaseException | None] = []

        async def main(reactor: Any) -> None:
            self._reactor = reactor
            try:
                await self._all()
            except defer.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - shown as what it is, the suite's own fault
                ended.append(error)
            else:
                ended.append(None)
            finally:
                for target in self._targets.values():
                    await target.close()

        with contextlib.suppress(SystemExit):  # react's way to return
            react(lambda reactor: defer.ensureDeferred(main(reactor)))
        if not ended:
            raise KeyboardInterrupt
        if isinstance(ended[0], ConformanceError):
            raise ended[0]
        if ended[0] is not None:
            raise SuiteError(why=f"{type(ended[0]).__name__}: {ended[0]}")
        return self._status()

    def _status(self) -> int:
        """Write the summary and return the exit status."""
        failed = any(outcome.counts for outcome in self.report.outcomes)
        silent = bool(self._plan.steps) and not self._answered
        status = _NO_VERDICT if self._lost or silent else _DIFFERENT if failed else _AS_DOCUMENTED
        self.report.summary(status)
        return status

    async def _all(self) -> None:
        """Tell what is not sent, and send the rest."""
        self._judged_as = await self._profile()
        self.report.header(self._judged_as)
        for problem in sorted(self._plan.problems, key=_line):
            self.report.outcome(Outcome("", _line(problem), "", "not sent", str(problem)))
        for found, lacking in self._plan.unset:
            names = ", ".join(place.text for place in lacking)
            reason = f"no value for {names}; give it with --set '{lacking[0].name}=VALUE'"
            self.report.outcome(
                self._outcome(found, "not sent", reason, counts=not self._options.skip_unset), found.command.request
            )
        for step in self._plan.steps:
            await self._step(step)

    async def _profile(self) -> str:
        """Return the profile: the given one, or the one that the target's answers show; "" when it does not matter."""
        known = [step for step in self._plan.steps if replay_judge.plugin_method(step.documented)]
        if self._options.profile != "auto" or not known:
            return "" if self._options.profile == "auto" else str(self._options.profile)
        try:
            request = self._request(known[0].documented)
            exchange = await self._target(request.url).post(replace(request, body=_PROBE, method="POST"))
            result = json.loads(exchange.body)["result"]
        except (ConformanceError, ValueError, LookupError, TypeError, RecursionError):
            return "unknown"
        return "entservices" if isinstance(result, Mapping) and "errorReason" in result else "rdkservices"

    async def _step(self, step: Step) -> None:
        """Send one command, judge what comes back, and tell it."""
        found = step.documented
        if self._lost:
            self.report.outcome(self._outcome(found, "not sent", "the target cannot be reached", why=step.why))
            return
        try:
            request = self._request(found)
            target = self._target(request.url)
        except UserError as error:
            self.report.outcome(self._outcome(found, "not sent", str(error), why=step.why))
            return
        outcome = self._outcome(found, "fail", why=step.why)
        try:
            exchange, outcome.tries = await self._settled(target, request, found)
        except TargetError as error:
            self._lost = isinstance(error, Unreachable)
            outcome.reason = str(error)
        else:
            self._answered = True
            outcome.exchange = exchange
            outcome.differences = replay_judge.assess(
                exchange, found, profile=self._judged_as, strict=self._options.strict
            )
            if not any(difference.counts for difference in outcome.differences):
                outcome.verdict = "pass"
            if step.changes and not replay_judge.refused(exchange):
                self._settled_at = self._reactor.seconds() + self._options.settle
        self.report.outcome(outcome, request)

    async def _settled(self, target: Target, request: Request, found: Documented) -> tuple[Exchange, int]:
        """Send a request, and again as long as it is refused because of what may still be under way."""
        may_fail = found.answer is not None and replay_judge.refuses(found.answer.value)
        tries = 1
        exchange = await target.post(request)
        while replay_judge.refused(exchange) and not may_fail and self._reactor.seconds() < self._settled_at:
            await deferLater(self._reactor, _PAUSE)
            exchange = await target.post(request)
            tries += 1
        return exchange, tries

    def _request(self, found: Documented) -> Request:
        """Return the request of a command as it goes to the target. Raises BadCurl."""
        request = found.command.request
        url = request.url
        if self._plan.url:
            target, rest = urlsplit(self._plan.url), split_url(url)[2]
            joint = "&" if "?" in rest else "?"
            url = f"{target.scheme}://{target.netloc}{rest}{joint + target.query if target.query else ''}"
        names = {name.lower() for name, _ in self._given}
        kept = tuple(header for header in request.headers if header[0].lower() not in names)
        return replace(request, url=url, headers=(*kept, *self._given))

    def _target(self, url: str) -> Target:
        """Return the target of a URL. Raises BadURL."""
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}/jsonrpc"
        if base not in self._targets:
            self._targets[base] = Target(base, timeout=self._options.timeout)
        return self._targets[base]

    def _outcome(
        self, found: Documented, verdict: str, reason: str = "", *, why: str = "", counts: bool = True
    ) -> Outcome:
        command = found.command
        return Outcome(command.title, command.line, called(command.body), verdict, reason, why=why, problem=counts)


def _line(problem: BadCurl) -> int:
    line = problem.facts["line"]
    return line if isinstance(line, int) else 0


def _write(file: str, results: dict[str, Any]) -> None:
    """Write the results. Raises BadDocument."""
    try:
        Path(file).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadDocument(source=file, why=f"it cannot be written, {error.strerror or error}") from None
