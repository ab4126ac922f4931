"""Results as lines of text: one a case, more where something is broken, and a summary."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from conformance import curl, spec
from conformance.verdict import CaseResult, Finding, Nonconformance, Verdict

_ANSWER = 400
"""How many characters of an answer are shown."""
_COLOURS = {
    Verdict.PASS: "32",
    Verdict.NON_STRICT: "33",
    Verdict.FAIL: "31",
    Verdict.SKIPPED: "36",
    Verdict.ERROR: "35",
}
_WORDS = {0: "conformant", 1: "NOT conformant", 130: "interrupted"}


class Terminal:
    """Writes a run to ``stream`` line by line, in colours when it is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours = stream.isatty()
        self._began = time.monotonic()

    def header(self, url: str, profile: str) -> None:
        """Say what is tested."""
        self._write(f"target {url}, profile {profile}")

    def case(self, result: CaseResult) -> None:
        """Write the line of a case, and what is broken under it."""
        verdict = self._coloured(f"{result.verdict:<11}", result.verdict)
        self._write(f"{verdict} {result.level:<6} {result.id:<46} {result.reason or result.title}")
        for line in describe(result):
            self._write(f"    {line}")

    def summary(self, results: list[CaseResult], code: int) -> None:
        """Write the last line, if any case was judged: the verdict over all cases, and how many there were of each."""
        if not results:
            return
        counts = Counter(result.verdict for result in results)
        parts = [
            f"{counts[Verdict.PASS]} passed",
            f"{counts[Verdict.FAIL]} failed",
            f"{counts[Verdict.SKIPPED]} skipped",
            *(f"{counts[verdict]} {verdict}" for verdict in (Verdict.NON_STRICT, Verdict.ERROR) if counts[verdict]),
        ]
        word = _WORDS.get(code, "no verdict")
        verdict = Verdict.PASS if code == 0 else Verdict.FAIL
        seconds = time.monotonic() - self._began
        self._write(f"{self._coloured(word, verdict)}: {', '.join(parts)} in {seconds:.1f} s")

    def _coloured(self, text: str, verdict: Verdict) -> str:
        """Return ``text`` in the colour of ``verdict``."""
        return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if self._colours else text

    def _write(self, line: str) -> None:
        """Write one line that is seen at once; when nobody reads any more, the run goes on in silence."""
        try:
            print(line, file=self._stream, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def describe(result: CaseResult) -> Iterator[str]:
    """Yield what a case found broken, and the evidence: nothing when it passed."""
    for breach in result.breaches:
        for finding in breach.findings:
            yield from _finding(finding)
        yield from _evidence(breach)


def _finding(finding: Finding) -> Iterator[str]:
    """Yield the lines of one finding."""
    clause = spec.clauses()[finding.clause]
    yield f"broken    {clause.id} ({clause.level}): {clause.requirement} [{clause.source}]"
    yield f"at        {finding.path}"
    yield f"expected  {finding.expected}"
    yield f"got       {finding.got}"


def _evidence(breach: Nonconformance) -> Iterator[str]:
    """Yield the answer, and how to get it again."""
    if breach.exchange is not None:
        body = ascii(breach.exchange.body.decode("utf-8", "backslashreplace"))[1:-1]
        shown = body if len(body) <= _ANSWER else f"{body[:_ANSWER]}... ({len(body)} characters)"
        yield f"answer    HTTP {breach.exchange.status} {ascii(breach.exchange.reason)[1:-1]}: {shown}"
    yield f"again     {curl.render(breach.request)}"
