"""The results of a replay as lines of text, and as JSON."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

from conformance.curl import render
from conformance.exchange import Exchange, Request
from conformance.output import Output
from conformance.shape import Difference

REDACTED = "<redacted>"
_ANSWER = 400
"""How many characters of an answer are shown."""
_SECRET = 4
"""How many characters a value must have to be looked for in answers; shorter ones are everywhere."""
_COLOURS = {"pass": "32", "fail": "31", "not sent": "33"}
_WORDS = {0: "as documented", 1: "NOT as documented"}


@dataclass(slots=True)
class Outcome:
    """How one command fared: "pass", "fail" or "not sent", the last with a ``reason``."""

    title: str
    line: int
    method: str
    verdict: str
    reason: str = ""
    why: str = ""
    """Why it was sent beside its turn."""
    problem: bool = True
    """Whether not being sent counts as a difference."""
    differences: list[Difference] = field(default_factory=list)
    exchange: Exchange | None = None
    tries: int = 1
    curl: str = ""

    @property
    def counts(self) -> bool:
        """Whether the document was not replayed completely because of it."""
        return self.verdict == "fail" or (self.verdict == "not sent" and self.problem)


class Report:
    """Writes a replay to ``stream``, in colours on a terminal, without the values in ``secrets``."""

    def __init__(self, stream: TextIO | None, document: str, url: str, secrets: Sequence[str] = ()) -> None:
        self.outcomes: list[Outcome] = []
        self._output, self._document, self._url = Output(stream), document, url
        self._write = self._output.write_line
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._colours = self._output.is_terminal
        self._profile = ""
        self._began = time.monotonic()

    @property
    def lost(self) -> bool:
        """Whether something could not be written."""
        return self._output.lost

    def header(self, profile: str) -> None:
        """Say what is replayed where."""
        self._profile = profile
        where = self._url or "where each command says"
        self._write(f"document {self._document}, target {where}{f', profile {profile}' if profile else ''}")

    def outcome(self, outcome: Outcome, request: Request | None = None) -> None:
        """Write the lines of a command."""
        if request is not None:
            outcome.curl = render(self._without_secrets(request))
        self.outcomes.append(outcome)
        verdict = f"{outcome.verdict:<8}"
        if self._colours:
            verdict = f"\x1b[{_COLOURS[outcome.verdict]}m{verdict}\x1b[0m"
        self._write(f"{verdict} line {outcome.line:<4} {outcome.method or '-':<54} {outcome.title}".rstrip())
        for line in self._details(outcome):
            self._write(f"    {line}")

    def summary(self, status: int) -> None:
        """Write the last line."""
        counts = Counter(outcome.verdict for outcome in self.outcomes)
        seconds = time.monotonic() - self._began
        self._write(
            f"{_WORDS.get(status, 'no verdict')}: {counts['pass']} passed, {counts['fail']} failed,"
            f" {counts['not sent']} not sent in {seconds:.1f} s"
        )

    def as_json(self, status: int) -> dict[str, Any]:
        """Return the whole replay."""
        return {
            "format": "thunderoci-replay/1",
            "document": self._document,
            "url": self._url,
            "profile": self._profile,
            "exit_status": status,
            "commands": [self._as_json(outcome) for outcome in self.outcomes],
        }

    def _as_json(self, outcome: Outcome) -> dict[str, Any]:
        answer = outcome.exchange
        return {
            "title": outcome.title,
            "line": outcome.line,
            "method": outcome.method,
            "verdict": outcome.verdict,
            "reason": self._redacted(outcome.reason),
            "why": outcome.why,
            "counts": outcome.counts,
            "tries": outcome.tries,
            "differences": [
                {
                    "path": found.path,
                    "expected": found.expected,
                    "got": self._redacted(found.got),
                    "clause": found.clause,
                    "counts": found.counts,
                }
                for found in outcome.differences
            ],
            "curl": outcome.curl,
            "status": answer.status if answer else None,
            "answer": self._redacted(answer.body.decode("utf-8", "backslashreplace")) if answer else "",
            "seconds": answer.seconds if answer else None,
        }

    def _details(self, outcome: Outcome) -> Iterator[str]:
        """Yield what is to be said of a command below its line."""
        if outcome.why:
            yield f"again     sent here {outcome.why}"
        if outcome.reason:
            yield f"reason    {self._redacted(outcome.reason)}"
        if outcome.tries > 1:
            yield f"tries     {outcome.tries}: it was refused while the command before was still at work"
        for found in outcome.differences:
            clause = f" ({found.clause})" if found.clause else ""
            yield f"{'differs' if found.counts else 'note':<9} {found.path}{clause}"
            yield f"expected  {found.expected}"
            yield f"got       {ascii(self._redacted(found.got))[1:-1]}"
        if answer := outcome.exchange:
            body = ascii(self._redacted(answer.body.decode("utf-8", "backslashreplace")))[1:-1]
            shown = body if len(body) <= _ANSWER else f"{body[:_ANSWER]}... ({len(body)} characters)"
            yield f"answer    HTTP {answer.status} {ascii(answer.reason)[1:-1]}: {shown}"
        if outcome.curl:
            yield f"curl      {outcome.curl}"

    def _without_secrets(self, request: Request) -> Request:
        headers = tuple((name, self._hidden(value)) for name, value in request.headers)
        return replace(request, headers=headers)

    def _hidden(self, value: str) -> str:
        """Return a header's value without a secret; a short one is hidden only where it is the whole value."""
        return REDACTED if value in self._secrets else self._redacted(value)

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            if len(secret) >= _SECRET:
                text = text.replace(secret, REDACTED)
        return text
