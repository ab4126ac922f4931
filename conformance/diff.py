"""Compares two endpoints, two recordings, or one of each, by what they do at the same calls."""

import argparse
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from conformance import recording
from conformance.diff_live import LiveSide
from conformance.diff_plain import Plain
from conformance.diff_recorded import AWAITED, RecordedSide, Script, events_of_each
from conformance.diff_report import Report, compare
from conformance.diff_step import Transcript
from conformance.diff_tour import Tour
from conformance.engine import where
from conformance.errors import BadOption, ConformanceError, UserError, tell
from conformance.lease import Leases, state_directory
from conformance.loop_once import Loop
from conformance.output import Output
from conformance.profile_differences import explained
from conformance.recording import Recording
from conformance.replay_plan import headers
from conformance.settings import AUTO, Settings, redacted_url
from conformance.target import Target

_USAGE, _NO_VERDICT, _INTERRUPTED = 2, 3, 130
_RECORDING = ".jsonl"
"""How a file ends that can be nothing but a recording, whether it is there or not."""


def run(options: argparse.Namespace) -> int:
    """Compare what ``options`` name, write to standard output, and return the exit status.

    It is 0 without differences, 1 with some, 2 usage, 3 when there is no verdict, 130 interrupted.
    """
    try:
        report = Diff(options).run()
        text = report.as_json() if options.json else report.as_text()
    except UserError as problem:
        tell(f"thunderoci: {problem}")
        return _USAGE
    except KeyboardInterrupt:
        tell("thunderoci: interrupted")
        return _INTERRUPTED
    except ConformanceError as problem:
        tell(f"thunderoci: {problem}")
        return _NO_VERDICT
    except Exception as fault:  # noqa: BLE001 (a defect must not look like a difference, which is status 1)
        tell(f"thunderoci: this is a defect of ours, please report it: {where(fault)}")
        return _NO_VERDICT
    output = Output(sys.stdout)
    output.write(text)
    return _NO_VERDICT if output.lost else report.status


class Diff:
    """One diff. Raises UserError, also for options that have no meaning for these sides."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._run_id = secrets.token_hex(4)
        self._loop = Loop()
        self._settings = Settings(
            profile=AUTO, callsign=options.callsign, timeout=options.timeout, headers=tuple(headers(options.headers))
        )
        self._sides = (self._side(options.before), self._side(options.after))
        if options.ignore_profiles and any(isinstance(side, Recording) for side in self._sides):
            why = "what is known to differ between the profiles is known of two endpoints, not of recordings"
            raise BadOption(option="--ignore-profiles", why=why, expected="it with two endpoints only")

    def run(self) -> Report:
        """Compare; raises ConformanceError and KeyboardInterrupt."""
        missing = [lines for side in self._sides if isinstance(side, Recording) for lines in side.lost]
        return replace(self._compared(), missing=missing)

    def _compared(self) -> Report:
        a, b = self._sides
        if isinstance(a, Recording) and isinstance(b, Recording):
            one, other = RecordedSide(a), RecordedSide(b)
            return self._report((a.file, b.file), ("", ""), one.transcript(), other.as_asked_in(one))
        if isinstance(a, Target) and isinstance(b, Target):
            return self._loop.run(lambda: self._live(a, b))
        if isinstance(a, Recording) and isinstance(b, Target):
            return self._loop.run(lambda: self._with_recording(a, b))
        assert isinstance(a, Target)  # noqa: S101 (only these are left)
        assert isinstance(b, Recording)  # noqa: S101
        return self._loop.run(lambda: self._with_recording(b, a)).turned()

    def _side(self, given: str) -> Target | Recording:
        """Return what was named: a file that is there is a recording, all else an endpoint."""
        if given.endswith(_RECORDING) or Path(given).is_file():
            return recording.load(given)
        options = self._options
        return Target(
            given,
            timeout=options.timeout,
            headers=self._settings.headers,
            token=options.token or None,
            insecure=options.insecure,
        )

    async def _live(self, a: Target, b: Target) -> Report:
        """Make the tour at both, one after the other."""
        sides = []
        for target in (a, b):
            async with self._at(target, Plain()) as side:
                for step in Tour(self._run_id, self._options.callsign, self._options.bundle_path).steps():
                    await side.make(step)
            sides.append(side)
        one, other = sides
        names = f"{_name(a)} ({one.profile})", f"{_name(b)} ({other.profile})"
        return self._report(names, (one.profile, other.profile), one.transcript, other.transcript)

    async def _with_recording(self, recorded: Recording, target: Target) -> Report:
        """Make a recording's calls at an endpoint."""
        script = Script(recorded, self._run_id, self._options.callsign)
        async with self._at(target, script.plain) as side:
            for step, connection, heard in script.steps():
                await side.make(step, connection)
                await side.pause_until(lambda heard=heard: _heard(side) >= heard)
        before = RecordedSide(recorded).transcript()
        after = side.transcript | events_of_each(side.streams(), side.plain)
        asked = {
            subject: said for subject, said in before.items() if subject in after or not subject.startswith("line ")
        }
        report = self._report((recorded.file, f"{_name(target)} ({side.profile})"), ("", ""), asked, after)
        return replace(report, not_sent=script.not_sent)

    @asynccontextmanager
    async def _at(self, target: Target, plain: Plain) -> AsyncIterator[LiveSide]:
        """Be at an endpoint, and leave it as it was; if that is not possible, a later run knows it by the lease."""
        side = LiveSide(target, self._settings, self._loop, self._run_id, plain)
        await side.begin()
        with Leases(state_directory(os.environ)).take(self._run_id, target.url) as lease:
            try:
                yield side
            finally:
                await side.clean_up()
                lease.end()

    def _report(self, names: tuple[str, str], profiles: tuple[str, str], a: Transcript, b: Transcript) -> Report:
        differences = [replace(each, known=explained(each, profiles)) for each in compare(a, b)]
        if self._options.ignore_profiles:
            differences = [each for each in differences if not each.known]
        return Report(names, differences, len({**a, **b}))


def _name(target: Target) -> str:
    return redacted_url(target.url)


def _heard(side: LiveSide) -> int:
    """Return how many of the awaited events one WebSocket has heard, at most."""
    return max((sum(name in AWAITED for name, _ in stream) for stream in side.streams()), default=0)
