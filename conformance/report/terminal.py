"""Results on a terminal or in a log: progress, one line a case, more where something is broken, and a summary."""

import os
from collections.abc import Iterator
from typing import Any, TextIO

from conformance.output import Output
from conformance.report import tally
from conformance.report.printable import printable

_ANSWER = 400
"""How many characters of an answer are shown."""
_COLOURS = {
    "pass": "32",
    "non-strict": "33",
    "fail": "31",
    "known quirk": "34",
    "waived": "36",
    "skipped": "36",
    "error": "35",
    "bold": "1",
    "dim": "2",
}
_SHORT = {"known quirk": "quirk"}
"""What verdicts are called in the heads of narrow columns."""


class Terminal:
    """Writes a run to ``stream``; on a terminal with a progress line, and with colours unless NO_COLOR is set."""

    def __init__(self, stream: TextIO | None) -> None:
        self._output = Output(stream)
        self._live = self._output.is_terminal and os.environ.get("TERM") != "dumb"
        self._colours = self._live and not os.environ.get("NO_COLOR")
        self._progress = False

    @property
    def lost(self) -> bool:
        """Whether something could not be written."""
        return self._output.lost

    def header(self, url: str, profile: str, remark: str = "") -> None:
        """Say what is tested, and what the user should know about it beforehand."""
        self._write(f"target {printable(url)}, profile {printable(profile)}")
        if remark:
            self._write(printable(remark))

    def running(self, case_id: str, done: int, total: int) -> None:
        """Show on a terminal which case runs, and how many of ``total`` are ``done``; elsewhere show nothing."""
        if self._live:
            line = f"{min(done + 1, total)} of {total}  {printable(case_id)}"[: self._output.columns - 1]
            self._output.write(f"\r\x1b[2K{self._coloured(line, 'dim')}")
            self._progress = True

    def case(self, result: dict[str, Any], target: str = "") -> None:
        """Write the line of a case, and what is broken under it; ``target`` names the one of several."""
        verdict = self._coloured(f"{result['verdict']:<11}", result["verdict"])
        text = printable(result["reason"] or result["title"])
        where = f"[{printable(target)}] " if target else ""
        self._write(f"{where}{verdict} {result['level']:<6} {printable(result['id']):<46} {text}")
        for line in describe(result):
            self._write(f"    {line}")

    def summary(self, target: dict[str, Any], code: int) -> None:
        """Write the summary of a target in which a case was judged: the counts a clause group, times, the verdict."""
        results = target["results"]
        if not results:
            self._clear()
            return
        self._write("")
        for line in self._groups(results):
            self._write(line)
        self._write("")
        for line in _latencies(target["latencies"]):
            self._write(line)
        for result in results:
            if result["waiver"] and result["verdict"] not in {"waived", *tally.BROKEN}:
                self._write(f"{result['id']}: {printable(tally.waiver(result))}")
        word = self._coloured(tally.word(code), "pass" if code == 0 else "fail")
        self._write(f"{word}: {tally.sentence(results)} in {target['seconds']:.1f} s")

    def matrix(self, report: dict[str, Any]) -> None:
        """Write for several targets the verdict on each, what does not pass on all, and the verdict at large."""
        targets = report["targets"]
        for number, target in enumerate(targets, start=1):
            word = self._coloured(tally.word(target["exit_status"]), "pass" if target["exit_status"] == 0 else "fail")
            self._write(f"[{number}] {printable(tally.label(target))}: {word}, {tally.sentence(target['results'])}")
            if target["problem"]:
                self._write(f"    {printable(target['problem'])}")
        found = [{result["id"]: result["verdict"] for result in target["results"]} for target in targets]
        ids = list(dict.fromkeys(name for verdicts in found for name in verdicts))
        same = [name for name in ids if all(verdicts.get(name) == "pass" for verdicts in found)]
        different = [name for name in ids if name not in set(same)]
        if different:
            self._write(f"{'':<46}" + "".join(f" {f'[{number}]':<10}" for number in range(1, len(targets) + 1)))
        for name in different:
            cells = [verdicts.get(name, "-") for verdicts in found]
            shown = "".join(
                " " + (self._coloured(f"{_SHORT.get(cell, cell):<10}", cell) if cell != "-" else f"{cell:<10}")
                for cell in cells
            )
            self._write(f"{printable(name):<46}{shown}".rstrip())
        self._write(f"{len(same)} of {len(ids)} cases pass on all {len(targets)} targets")
        code, good = report["exit_status"], sum(target["exit_status"] == 0 for target in targets)
        word = self._coloured(tally.word(code), "pass" if code == 0 else "fail")
        self._write(f"{word}: {good} of {len(targets)} targets are conformant")

    def _groups(self, results: list[dict[str, Any]]) -> Iterator[str]:
        """Yield the lines of the table of counts a clause group."""
        rows = [(name, tally.counts(members)) for name, members in tally.groups(results).items()]
        rows.append(("all", tally.counts(results)))
        width = max(len("clause group"), *(len(name) for name, _ in rows))
        heads = [f"{_SHORT.get(verdict, verdict):>12}" for verdict in tally.VERDICTS]
        yield self._coloured(f"{'clause group':<{width}}{''.join(heads)}", "bold")
        for name, number in rows:
            cells = [
                self._coloured(f"{number[verdict]:>12}", verdict) if number[verdict] else f"{'-':>12}"
                for verdict in tally.VERDICTS
            ]
            yield f"{printable(name):<{width}}{''.join(cells)}"

    def _coloured(self, text: str, colour: str) -> str:
        """Return ``text`` in the colour of a verdict."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self._colours else text

    def _clear(self) -> None:
        """Take the progress line away."""
        if self._progress:
            self._progress = False
            self._output.write("\r\x1b[2K")

    def _write(self, line: str) -> None:
        """Write one line that is seen at once."""
        self._clear()
        self._output.write(f"{line}\n")


def describe(result: dict[str, Any]) -> Iterator[str]:
    """Yield what a case found broken, with the evidence: nothing when it passed."""
    if result["waiver"] is not None:
        yield f"waiver    {printable(tally.waiver(result))}"
    shown: set[object] = set()
    findings = result["findings"]
    for index, finding in enumerate(findings):
        yield from _finding(finding)
        evidence = (finding["step"], finding["curl"])
        # several findings of one answer stand together, and what was answered under the last of them
        following = findings[index + 1] if index + 1 < len(findings) else None
        if following is None or (following["step"], following["curl"]) != evidence:
            if evidence not in shown:
                yield from _evidence(result, finding)
            shown.add(evidence)
    if result.get("script"):
        yield "script    shows it again:"
        yield from (f"  {printable(line)}" for line in result["script"].splitlines())


def _finding(finding: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one finding."""
    if finding["quirk"]:
        clause = f"{finding['clause']} ({finding['level']})"
        yield f"quirk     {finding['quirk']} explains {clause} at {printable(finding['path'])}"
        return
    yield f"broken    {finding['clause']} ({finding['level']}): {finding['requirement']} [{finding['source']}]"
    yield f"at        {printable(finding['path'])}"
    yield f"expected  {printable(finding['expected'])}"
    yield f"got       {printable(finding['got'])}"


def _evidence(result: dict[str, Any], finding: dict[str, Any]) -> Iterator[str]:
    """Yield the answer, and how to get it again."""
    if finding["step"] is not None and finding["step"] < len(result["steps"]):
        step = result["steps"][finding["step"]]
        if step["kind"] != "http":
            yield f"{step['kind']:<9} {_cut(step['text'])}"
        elif step["status"] is not None:
            yield f"answer    HTTP {step['status']} {printable(step['reason'])}: {_cut(step['answer'])}"
        elif step["error"]:
            yield f"answer    none: {printable(step['error'])}"
    if finding["curl"]:
        yield f"again     {printable(finding['curl'])}"


def _cut(text: str) -> str:
    """Return the beginning of a text, and how long it is when that is not all."""
    line = printable(text)
    return line if len(line) <= _ANSWER else f"{line[:_ANSWER]}... ({len(line)} characters)"


def _latencies(latencies: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the table of answering times, and a blank one, or nothing when no time was taken."""
    if latencies:
        width = max(len("method"), *(len(method) for method in latencies))
        yield f"{'method':<{width}}{'answers':>10}{'p50 ms':>10}{'p99 ms':>10}"
        for method, times in latencies.items():
            p50, p99 = tally.milliseconds(times["p50"]), tally.milliseconds(times["p99"])
            yield f"{printable(method):<{width}}{times['count']:>10}{p50:>10}{p99:>10}"
        yield ""
