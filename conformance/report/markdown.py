"""The report as Markdown: a summary for a pull request, with what failed and how to see it again."""

import os
import re
from collections.abc import Iterator
from typing import Any

from conformance.report import files, tally
from conformance.report.printable import printable

_SIGNS = {
    "pass": "✅",
    "non-strict": "🟡",
    "fail": "❌",
    "known quirk": "🔵",
    "waived": "⚪",
    "skipped": "⏭️",
    "error": "💥",
}
_MOST = 50
"""How many broken cases of a target are shown in full; comments of pull requests have a limit."""


def write(report: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a report to a file as Markdown. Raises ReportUnwritable."""
    files.write(path, render(report))


def render(report: dict[str, Any]) -> str:
    """Return a summary of the report in GitHub's Markdown."""
    lines = ["# Conformance", ""]
    for target in report["targets"]:
        lines += [*_target(target, tally.broken(report)), ""]
    strict = ", strict: what is non-strict is a failure" if report.get("strict") else ""
    lines.append(
        f"Suite {text(report['suite'])}, started {text(report['started'])}, seed {report['seed']}, "
        f"{report['seconds']:.1f} s, exit status {report['exit_status']}{strict}."
    )
    return "\n".join(lines) + "\n"


def text(content: str) -> str:
    """Return ``content`` as text in which nothing is Markdown or HTML, and which stays in a table's cell."""
    line = printable(content)
    return re.sub(r"[\\`*_{}\[\]<>#|~&@$^]", lambda found: f"&#{ord(found[0])};", line)


def code(content: str, *, cell: bool = False) -> str:
    """Return ``content`` as code within a line, or within a table's ``cell``, whatever backticks are in it."""
    line = printable(content)
    runs = [len(run) for run in re.findall("`+", line)]
    fence = "`" * next(size for size in range(1, len(runs) + 2) if size not in runs)
    blank = " " if line.startswith("`") or line.endswith("`") or line.strip(" ") != line or not line else ""
    span = f"{fence}{blank}{line}{blank}{fence}"
    return span.replace("|", "\\|") if cell else span


def fenced(content: str, language: str = "") -> str:
    """Return ``content`` as a block of code, whatever backticks are in it."""
    lines = printable(content, keep="\n\t")
    longest = max((len(run) for run in re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"


def table(head: list[str], rows: list[list[str]], numbers_from: int = 1) -> list[str]:
    """Return the lines of a table; columns from ``numbers_from`` on are to the right."""
    ruler = ["---" if column < numbers_from else "--:" for column in range(len(head))]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]


def _target(target: dict[str, Any], broken_by: frozenset[str]) -> Iterator[str]:
    """Yield the lines of one target, which the verdicts ``broken_by`` keep from being conformant."""
    results = target["results"]
    sign = {0: "✅", 1: "❌"}.get(target["exit_status"], "⚠️")
    verdict = tally.word(target["exit_status"])
    profile = f", profile {text(target['profile'])}" if target["profile"] else ""
    yield f"## {sign} {code(target['url'])}{profile}"
    yield ""
    yield f"**{verdict}**: {tally.sentence(results)} in {target['seconds']:.1f} s"
    if target["problem"]:
        yield f"\n> {text(target['problem'])}"
    if target["left_behind"]:
        yield f"\n> Containers left behind: {', '.join(code(name) for name in target['left_behind'])}"
    if results:
        yield ""
        yield from _groups(results)
    broken = [result for result in results if result["verdict"] in broken_by]
    if broken:
        yield f"\n### Failures ({len(broken)})"
        for result in broken[:_MOST]:
            yield from _failure(result)
        if len(broken) > _MOST:
            yield f"\n… and {len(broken) - _MOST} more, see the other reports."
    yield from _short("Waivers", [(result, text(tally.waiver(result))) for result in results if result["waiver"]])
    quirks = [(result, ", ".join(code(quirk) for quirk in result["quirks"])) for result in results if result["quirks"]]
    yield from _short("Known quirks", quirks)
    if "non-strict" not in broken_by:
        members = [(result, _clauses(result)) for result in results if result["verdict"] == "non-strict"]
        yield from _short("Recommendations that are not kept", members)


def _groups(results: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the table of counts a clause group, with the columns that have a number."""
    columns = [verdict for verdict in tally.VERDICTS if verdict in {result["verdict"] for result in results}]
    rows = []
    for group, members in tally.groups(results).items():
        number = tally.counts(members)
        rows.append([code(group, cell=True), *(str(number[verdict] or "") for verdict in columns), str(len(members))])
    number = tally.counts(results)
    rows.append(["**all**", *(f"**{number[verdict]}**" for verdict in columns), f"**{len(results)}**"])
    yield from table(["clause group", *(f"{_SIGNS[verdict]} {verdict}" for verdict in columns), "cases"], rows)


def _failure(result: dict[str, Any]) -> Iterator[str]:
    """Yield what is broken in one case."""
    head = f"{_SIGNS[result['verdict']]} <code>{text(result['id'])}</code> {text(result['title'])}"
    yield f"\n<details><summary>{head}</summary>\n"
    for remark in (result["reason"], tally.waiver(result)):
        if remark:
            yield f"{text(remark)}\n"
    for finding in result["findings"]:
        source = f"\\[{text(finding['source'])}\\]"
        yield f"- {code(finding['clause'])} ({finding['level']}): {text(finding['requirement'])} {source}"
        yield f"  - at {code(finding['path'])}"
        yield f"  - expected {code(finding['expected'])}"
        yield f"  - got {code(finding['got'])}"
    for line in tally.reproduction(result):
        yield "\n" + fenced(line, "sh")
    if result.get("script"):
        yield "\n" + fenced(result["script"].rstrip("\n"), "sh")
    yield "\n</details>"


def _short(heading: str, members: list[tuple[dict[str, Any], str]]) -> Iterator[str]:
    """Yield a list of cases with a remark each, or nothing when there are none."""
    if members:
        yield f"\n<details><summary>{heading} ({len(members)})</summary>\n"
        for result, remark in members:
            yield f"- {code(result['id'])}: {remark}"
        yield "\n</details>"


def _clauses(result: dict[str, Any]) -> str:
    """Return the clauses that a case found broken."""
    return ", ".join(code(clause) for clause in dict.fromkeys(finding["clause"] for finding in result["findings"]))
