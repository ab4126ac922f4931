"""Compares two endpoints, or an endpoint and a recording, by what they do at the same calls."""

import argparse
import os
import secrets
import sys
from collections.abc import Iterable

from conformance.diff_live import LiveSide
from conformance.diff_plain import Plain
from conformance.diff_report import Report, compare
from conformance.diff_step import Step
from conformance.diff_tour import Tour
from conformance.errors import ConformanceError, UserError, tell
from conformance.lease import Leases, state_directory
from conformance.loop_once import Loop
from conformance.replay_plan import headers
from conformance.settings import AUTO, Settings, redacted_url
from conformance.target import Target

_USAGE, _NO_VERDICT, _INTERRUPTED = 2, 3, 130


def run(options: argparse.Namespace) -> int:
    """Compare what ``options`` name, write to standard output, and return the exit status.

    It is 0 without differences, 1 with some, 2 usage, 3 when there is no verdict, 130 interrupted.
    """
    try:
        report = Diff(options).run()
    except UserError as problem:
        tell(f"thunderoci: {problem}")
        return _USAGE
    except KeyboardInterrupt:
        tell("thunderoci: interrupted")
        return _INTERRUPTED
    except ConformanceError as problem:
        tell(f"thunderoci: {problem}")
        return _NO_VERDICT
    sys.stdout.write(report.as_json() if options.json else report.as_text())
    return report.status


class Diff:
    """One diff. Raises UserError."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._run_id = secrets.token_hex(4)
        self._loop = Loop()
        self._settings = Settings(
            profile=AUTO, callsign=options.callsign, timeout=options.timeout, headers=tuple(headers(options.headers))
        )
        self._targets = [self._target(url) for url in (options.before, options.after)]

    def run(self) -> Report:
        """Compare; raises ConformanceError and KeyboardInterrupt."""
        return self._loop.run(self._compared)

    def _target(self, url: str) -> Target:
        options = self._options
        return Target(
            url,
            timeout=options.timeout,
            headers=self._settings.headers,
            token=options.token or None,
            insecure=options.insecure,
        )

    async def _compared(self) -> Report:
        sides = [await self._live(target) for target in self._targets]
        names = [
            f"{redacted_url(target.url)} ({side.profile})" for target, side in zip(self._targets, sides, strict=True)
        ]
        a, b = (side.transcript for side in sides)
        return Report((names[0], names[1]), compare(a, b), len({**a, **b}))

    async def _live(self, target: Target) -> LiveSide:
        """Make the tour at an endpoint."""
        side = LiveSide(target, self._settings, self._loop, self._run_id, Plain())
        steps = Tour(self._run_id, self._options.callsign, self._options.bundle_path).steps()
        await self._with_lease(side, target, steps)
        return side

    async def _with_lease(self, side: LiveSide, target: Target, steps: Iterable[Step]) -> None:
        """Make steps, and take away what they left; a run that is killed is known by its lease to later ones."""
        await side.begin()
        with Leases(state_directory(os.environ)).take(self._run_id, target.url) as lease:
            try:
                for step in steps:
                    await side.make(step)
            finally:
                await side.clean_up()
            lease.end()
