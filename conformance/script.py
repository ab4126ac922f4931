"""A sequence of calls as a shell script of curl commands, which shows a difference again."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator

from conformance.curl import render
from conformance.difference import Call, Difference
from conformance.exchange import Request

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_DESCRIPTOR = r's/.*"descriptor" *: *\([0-9]*\).*/\1/p'


def script(differences: Iterable[Difference], prefix: str) -> str:
    """Return a script that shows the differences one after the other; its containers are ``prefix``1, 2 and so on.

    They must be ids that were never used on the target: a target that keeps containers, or refuses their ids later, is
    one of those that it has to show. A descriptor is taken from the answer to its start.
    """
    lines = ["#!/bin/sh"]
    used = 0
    for difference in differences:
        clause, sequence = difference.clause, _Sequence(difference, prefix, used)
        lines += ["", _comment(f"{clause.id} ({clause.level}): {clause.requirement} [{clause.source}]")]
        lines += sequence.lines()
        used += len(sequence.numbers)
    return "\n".join(lines) + "\n"


class _Sequence:
    """The part of a script that shows one difference; the parts before it have ``used`` so many containers."""

    def __init__(self, difference: Difference, prefix: str, used: int) -> None:
        self._difference = difference
        self._prefix = prefix
        ids = dict.fromkeys(call.life.id for call in difference.calls if call.life)
        self.numbers = {container_id: number for number, container_id in enumerate(ids, start=used + 1)}
        """The numbers of the containers in the script, by their ids in the sequence."""

    def lines(self) -> Iterator[str]:
        """Yield the lines: of each call what is expected of it, of the last what came instead, then the cleaning up."""
        calls = self._difference.calls
        started: dict[str, Call] = {}
        for number, call in enumerate(calls, start=1):
            last = number == len(calls)
            yield _comment(f"{number}. expected: {self._difference.finding.expected if last else call.expected}", self)
            if last:
                yield _comment(f"   came:     {self._difference.finding.got}", self)
            if call.step.call.startswith("startContainer") and call.life:
                started[call.life.id] = call
            yield self._line(call, calls[number:])
            if call.wait and not last:
                yield f"sleep {call.wait}  # a target may take its time"
        if started:
            yield "# nothing is left behind"
        for call in started.values():
            yield f"{self._stop(call)} > /dev/null 2>&1"

    def renamed(self, text: str) -> str:
        """Return a text with the ids of the script in place of those of the sequence."""
        for container_id in self.numbers:
            text = text.replace(container_id, self._name(container_id))
        return text

    def _name(self, container_id: str) -> str:
        return f"{self._prefix}{self.numbers[container_id]}"

    def _line(self, call: Call, later: Iterable[Call]) -> str:
        """Return the line of a call; a start whose descriptor is needed later keeps it in a variable."""
        assert call.step.request  # noqa: S101 - a call is an HTTP request
        line = self._curl(call.step.request, call)
        if not (call.step.call.startswith("startContainer") and call.life):
            return f"{line}; echo"
        if any(other.by_descriptor and other.life is call.life for other in later):
            return f"{self._variable(call)}=$({line} | tee /dev/stderr | sed -n {shlex.quote(_DESCRIPTOR)}); echo"
        return f"{line}; echo"

    def _curl(self, request: Request, call: Call) -> str:
        message = request.message()
        params = message.get("params", {})
        if call.by_descriptor:
            params["containerId"] = _MARK
        body = self.renamed(json.dumps(message))
        line = render(Request(request.url, request.headers, body.encode(), request.method))
        line = line.replace("curl ", "curl -sS ", 1)
        return line.replace(_MARK, f"'\"${self._variable(call)}\"'") if call.by_descriptor else line

    def _variable(self, call: Call) -> str:
        """Return the name of the shell variable for the descriptor of a container."""
        assert call.life  # noqa: S101 - a descriptor is somebody's
        return f"D{self.numbers[call.life.id]}"

    def _stop(self, call: Call) -> str:
        """Return a line that ends what a start has started."""
        assert call.step.request  # noqa: S101 - a call is an HTTP request
        assert call.life  # noqa: S101 - a start is somebody's
        message = call.step.request.message()
        message["method"] = message["method"].rpartition(".")[0] + ".stopContainer"
        message["params"] = {"containerId": self._name(call.life.id), "force": True}
        body = json.dumps(message).encode()
        return render(Request(call.step.request.url, call.step.request.headers, body)).replace("curl ", "curl -sS ", 1)


_MARK = "@descriptor@"
"""What stands for a descriptor until the line is quoted."""


def _comment(text: str, sequence: _Sequence | None = None) -> str:
    """Return a text as one line of comment: what a target says must not become a line that a shell runs."""
    return "# " + _CONTROL.sub(" ", sequence.renamed(text) if sequence else text)
