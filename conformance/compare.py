"""What changed between two runs: cases that fail newly or no longer, changed verdicts, cases that came or went."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.errors import UserError, tell
from conformance.output import Output
from conformance.report import json as report_json
from conformance.report import markdown, tally
from conformance.report.printable import printable

_SAME, _DIFFERENT, _NO_VERDICT = 0, 1, 3
_FACTOR = 2.0
"""By how much an answering time has to change to be named."""
_ABSENT = "-"
# From good to bad. A case that is no longer judged is worse than one that keeps all MUSTs: nobody knows any more. One
# that starts to be waived is never worse, since the user has said that it is not.
_RANKS = {"pass": 0, "non-strict": 1, "known quirk": 2, "waived": 3, "skipped": 4, _ABSENT: 4, "fail": 5, "error": 6}
_KINDS = {
    "failing": "newly failing",
    "passing": "newly passing",
    "verdict": "changed verdict",
    "clauses": "other clauses broken",
    "appeared": "appeared",
    "gone": "gone",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one case: ``kind`` is one of newly failing, newly passing, ..., ``worse`` a regression."""

    kind: str
    id: str
    before: str
    after: str
    title: str
    clauses: tuple[str, ...]
    worse: bool


@dataclass(slots=True)
class TargetChanges:
    """What changed on one target; ``notes`` and ``latencies`` are for information, ``worse`` is the target's own."""

    name: str
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    latencies: list[str] = field(default_factory=list)
    differs: bool = False
    worse: bool = False


def compare(before: dict[str, Any], after: dict[str, Any], by: str = "position") -> list[TargetChanges]:
    """Return what changed on each target; ``by`` says what makes two targets the same: "position" or "url"."""
    return [_target(old, new) for old, new in _pairs(before["targets"], after["targets"], by)]


def run(
    before: str,
    after: str,
    *,
    by: str = "position",
    as_markdown: bool = False,
    ignore_latency: bool = False,
    regressions: bool = False,
) -> int:
    """Print what changed from the report file ``before`` to ``after``; return the exit status.

    0 nothing changed (with ``regressions``: nothing got worse), 1 something did, 3 a file is no report, or
    standard output can't be written.
    """
    try:
        found = compare(report_json.read(before), report_json.read(after), by)
    except UserError as problem:
        tell(f"thunderoci: {problem}")
        return _NO_VERDICT
    if regressions:
        for target in found:
            target.changes = [change for change in target.changes if change.worse]
            target.notes = target.notes if target.worse else []
            target.differs = target.worse or bool(target.changes)
    if ignore_latency or regressions:
        for target in found:
            target.latencies = []
    nothing = "nothing got worse" if regressions else "no difference"
    lines = list(_as_markdown(found, nothing) if as_markdown else _as_text(found, nothing))
    output = Output(sys.stdout)
    output.write("".join(f"{line}\n" for line in lines))
    if output.lost:
        return _NO_VERDICT
    return _DIFFERENT if any(target.differs for target in found) else _SAME


def _pairs(
    before: list[dict[str, Any]], after: list[dict[str, Any]], by: str
) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Yield each target before with the same target after, None for one that is missing there."""
    if by == "position":
        for index in range(max(len(before), len(after))):
            yield (*before[index : index + 1], None)[0], (*after[index : index + 1], None)[0]
        return
    rest = list(after)
    for old in before:
        new = next((target for target in rest if target["url"] == old["url"]), None)
        rest = [target for target in rest if target is not new]
        yield old, new
    for new in rest:
        yield None, new


def _target(old: dict[str, Any] | None, new: dict[str, Any] | None) -> TargetChanges:
    """Return what changed on one target."""
    present = new or old or {}
    found = TargetChanges(tally.label(present))
    if old is None or new is None:
        found.notes.append(
            "only the second report has this target" if old is None else "the second report lacks this target"
        )
        found.differs, found.worse = True, new is None
    else:
        found.notes += _notes(old, new)
        found.latencies = list(_latencies(old["latencies"], new["latencies"]))
        if new["problem"] != old["problem"]:
            found.differs, found.worse = True, bool(new["problem"])
    befores, afters = ({result["id"]: result for result in (target or {}).get("results", ())} for target in (old, new))
    for name in [*afters, *(name for name in befores if name not in afters)]:
        change = _change(befores.get(name), afters.get(name))
        if change is not None:
            found.changes.append(change)
            found.differs = True
    order = list(_KINDS.values())
    found.changes.sort(key=lambda change: order.index(change.kind))
    return found


def _notes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what else is different: it explains changes, but is none."""
    for name in ("url", "profile"):
        if old[name] != new[name]:
            yield f"{name}: {old[name]} -> {new[name]}"
    if new["problem"] != old["problem"]:
        yield f"problem: {old['problem'] or 'none'} -> {new['problem'] or 'none'}"


def _change(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change | None:
    """Return what became of a case, None when nothing did."""
    before, after = (result["verdict"] if result else _ABSENT for result in (old, new))
    broken = tuple(dict.fromkeys(finding["clause"] for finding in (new or {}).get("findings", ())))
    was_broken = {finding["clause"] for finding in (old or {}).get("findings", ())}
    worse = _RANKS[after] > _RANKS[before] and after != "waived"
    if before == after:
        if set(broken) == was_broken:
            return None
        kind, worse = "clauses", after != "waived" and not set(broken) <= was_broken
    elif after in tally.BROKEN and before not in tally.BROKEN:
        kind = "failing"
    elif after == "pass" and before != _ABSENT:
        kind = "passing"
    elif _ABSENT in {before, after}:
        kind = "gone" if after == _ABSENT else "appeared"
    else:
        kind = "verdict"
    result = new or old or {}
    return Change(_KINDS[kind], result["id"], before, after, result["title"], broken, worse)


def _latencies(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the answering times that are more than twice or less than half what they were."""
    for method in (method for method in new if method in old):
        for name in ("p50", "p99"):
            before, after = old[method][name], new[method][name]
            if before > 0 and after > 0 and not 1 / _FACTOR <= after / before <= _FACTOR:
                times = f"{tally.milliseconds(before)} ms -> {tally.milliseconds(after)} ms"
                yield f"{method} {name}: {times} ({after / before:.1f} times)"


def _as_text(found: list[TargetChanges], nothing: str) -> Iterator[str]:
    """Yield the lines for a terminal."""
    for target in found:
        if target.changes or target.notes or target.latencies:
            yield f"target {printable(target.name)}"
        for note in target.notes:
            yield f"  {printable(note)}"
        for change in target.changes:
            verdicts = f"{change.before} -> {change.after}"
            yield f"  {change.kind:<20} {verdicts:<26} {printable(change.id)}  {printable(change.title)}"
            if change.clauses and change.kind != _KINDS["passing"]:
                yield f"  {'':<20} {'':<26} breaks {', '.join(change.clauses)}"
        for line in target.latencies:
            yield f"  {'latency':<20} {printable(line)}"
    yield _closing(found, nothing)


def _as_markdown(found: list[TargetChanges], nothing: str) -> Iterator[str]:
    """Yield the lines for a pull request."""
    yield "# Conformance: what changed"
    for target in found:
        if not (target.changes or target.notes or target.latencies):
            continue
        yield f"\n## {markdown.text(target.name)}\n"
        yield from (f"- {markdown.text(note)}" for note in target.notes)
        if target.changes:
            yield ""
            rows = [
                [
                    change.kind,
                    markdown.code(change.id, cell=True),
                    f"{change.before} → {change.after}",
                    ", ".join(markdown.code(clause, cell=True) for clause in change.clauses),
                    markdown.text(change.title),
                ]
                for change in target.changes
            ]
            yield from markdown.table(["change", "case", "verdict", "clauses broken", "title"], rows, numbers_from=5)
        if target.latencies:
            yield "\nLatency, for information:\n"
            yield from (f"- {markdown.text(line)}" for line in target.latencies)
    yield f"\n**{_closing(found, nothing)}**"


def _closing(found: list[TargetChanges], nothing: str) -> str:
    """Return how much of what changed, as one line."""
    number = Counter(change.kind for target in found for change in target.changes)
    own = sum(target.differs for target in found if not target.changes)
    parts = [f"{number[kind]} {kind}" for kind in _KINDS.values() if number[kind]]
    parts += [f"{own} target{'s' if own > 1 else ''} changed"] if own else []
    return ", ".join(parts) or nothing
