"""The report as one HTML file that needs nothing beside it: with filters, and the whole exchange of each case."""

import base64
import hashlib
import os
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.report import files, htmlcase, tally

_HERE = Path(__file__).parent
_BAR = 1000
"""The width of a bar in its own units."""


def write(report: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a report to a file as HTML. Raises ReportUnwritable."""
    files.write(path, render(report))


def render(report: dict[str, Any]) -> str:
    """Return the HTML page; what targets answered is text in it, and its policy allows no code but its own."""
    style, script = _part("page.css"), _part("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:"
    code = report["exit_status"]
    colour = {0: "2e7d32", 1: "c62828"}.get(code, "5f6368")
    circle = f"<svg xmlns='http://www.w3.org/2000/svg'><circle cx='8' cy='8' r='8' fill='#{colour}'/></svg>"
    icon = f"data:image/svg+xml,{quote(circle)}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}; base-uri 'none'; form-action 'none'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(tally.word(code))}: conformance report</title>",
            f'<link rel="icon" href="{icon}">',
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#results">Skip to the results</a>',
            *_top(report),
            "<main>",
            *(_matrix(report["targets"]) if len(report["targets"]) > 1 else ()),
            *_filters(report["targets"]),
            *_results(report["targets"]),
            *_latencies(report["targets"]),
            "</main>",
            f"<footer>Made by the conformance suite {escape(report['suite'])}. {_STATUSES}</footer>",
            '<p class="sr" id="said" role="status"></p>',
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


_STATUSES = (
    "Exit status 0: conformant, 1: a case failed, for a strict run also where it is non-strict, or a waiver ended, "
    "2: bad usage, 3: no verdict, 130: interrupted."
)


@cache
def _part(name: str) -> str:
    """Return a part of the page that stands in a file of its own."""
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source expression by which a Content-Security-Policy allows exactly this inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _top(report: dict[str, Any]) -> Iterator[str]:
    """Yield the header: a card with totals for each target, and the facts of the run."""
    targets = report["targets"]
    name = targets[0]["url"] if len(targets) == 1 else f"{len(targets)} targets"
    yield '<header class="top"><p class="eyebrow">Conformance of org.rdk.OCIContainer</p>'
    yield f"<h1>{htmlcase.text(name)}</h1>"
    for target in targets:
        yield from _card(target, named=len(targets) > 1)
    yield '<dl class="facts">'
    facts = {
        "started": report["started"],
        "took": f"{report['seconds']:.1f} s",
        "exit status": report["exit_status"],
        "seed": report["seed"],
        "suite": report["suite"],
        **({"strict": "yes: what is non-strict is a failure"} if report.get("strict") else {}),
    }
    for term, value in facts.items():
        yield f"<div><dt>{term}</dt><dd>{htmlcase.text(str(value))}</dd></div>"
    yield "</dl></header>"


def _card(target: dict[str, Any], *, named: bool) -> Iterator[str]:
    """Yield the card of one target."""
    code, results = target["exit_status"], target["results"]
    kind = {0: "pass", 1: "fail"}.get(code, "skipped")
    yield '<section class="card"><p class="verdict-line">'
    yield f'<span class="pill big v-{kind}">{tally.word(code)}</span>'
    if named:
        yield f'<span class="target-name">{htmlcase.text(target["url"])}</span>'
    if target["profile"]:
        yield f"<span>profile <b>{htmlcase.text(target['profile'])}</b></span>"
    yield f"<span>{len(results)} cases in {target['seconds']:.1f} s</span></p>"
    if target["problem"]:
        yield f'<p class="problem">{htmlcase.text(target["problem"])}</p>'
    if target["left_behind"]:
        names = ", ".join(f"<code>{htmlcase.text(name)}</code>" for name in target["left_behind"])
        yield f'<p class="problem">Containers left behind: {names}</p>'
    if results:
        yield from _bar(results)
    yield "</section>"


def _bar(results: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the counts as a bar and as a list."""
    number = tally.counts(results)
    there = [verdict for verdict in tally.VERDICTS if number[verdict]]
    yield f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
    start = 0.0
    for verdict in there:
        width = _BAR * number[verdict] / len(results)
        yield f'<rect class="f-{htmlcase.slug(verdict)}" x="{start:.2f}" width="{width:.2f}" height="10"/>'
        start += width
    yield '</svg><ul class="legend">'
    for verdict in there:
        yield f'<li><span class="dot v-{htmlcase.slug(verdict)}"></span><b>{number[verdict]}</b> {verdict}</li>'
    yield "</ul>"


def _matrix(targets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the table of cases and targets, whose cells lead to the cases."""
    found = [{result["id"]: result for result in target["results"]} for target in targets]
    titles = {name: result["title"] for results in reversed(found) for name, result in results.items()}
    ids = list(dict.fromkeys(name for results in found for name in results))
    yield '<h2 id="matrix">Cases and targets</h2>'
    yield '<div class="card scroll" tabindex="0" role="region" aria-labelledby="matrix">'
    yield '<table class="matrix"><thead><tr><th scope="col">case</th>'
    yield from (f'<th scope="col">{htmlcase.text(tally.label(target))}</th>' for target in targets)
    yield "</tr></thead><tbody>"
    for name in ids:
        yield f'<tr><th scope="row" title="{htmlcase.text(titles[name])}"><code>{htmlcase.text(name)}</code></th>'
        for number, results in enumerate(found):
            if name not in results:
                yield '<td aria-label="not run">-</td>'
                continue
            verdict = results[name]["verdict"]
            href = escape(htmlcase.anchor(number, name))
            yield f'<td><a class="pill v-{htmlcase.slug(verdict)}" href="#{href}">{verdict}</a></td>'
        yield "</tr>"
    yield "</tbody></table></div>"


def _filters(targets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the filters; they are hidden until the script that they need runs."""
    results = [result for target in targets for result in target["results"]]
    number = tally.counts(results)
    yield '<h2 id="results">Results</h2>'
    yield '<div class="card filters" id="filters" role="search" aria-label="Filter the cases" hidden>'
    yield '<div class="row"><fieldset><legend class="sr">Verdict</legend>'
    for verdict in (verdict for verdict in tally.VERDICTS if number[verdict]):
        yield (
            f'<label class="chip v-{htmlcase.slug(verdict)}"><input type="checkbox" name="verdict" value="{verdict}">'
            f"<span>{verdict}</span> <output>{number[verdict]}</output></label>"
        )
    yield "</fieldset>"
    yield (
        '<label class="check"><input type="checkbox" id="broken"> '
        '<span>only what is not a pass</span> <output id="broken-count"></output></label></div>'
    )
    yield '<div class="row">'
    yield from _select("level", "all levels", [(name, name) for name in ("MUST", "SHOULD", "MAY")], results)
    tags = sorted({tag for result in results for tag in result["tags"]})
    yield from _select("tag", "all tags", [(tag, tag) for tag in tags], results)
    yield from _select("group", "all clause groups", [(name, name) for name in tally.groups(results)], results)
    if len(targets) > 1:
        named = [(str(index), tally.label(target)) for index, target in enumerate(targets)]
        yield from _select("target", "all targets", named, results)
    yield '<label class="sr" for="search">Search</label>'
    yield '<input type="search" id="search" placeholder="Search ids, titles, findings, traffic" autocomplete="off">'
    yield "</div>"
    yield (
        '<div class="row"><button type="button" id="expand">Expand shown</button>'
        '<button type="button" id="collapse">Collapse all</button>'
        '<button type="button" id="reset">Reset filters</button>'
        '<span class="shown" id="shown" role="status"></span></div></div>'
    )
    yield '<p id="none" hidden>No case matches the filters.</p>'


def _select(name: str, everything: str, options: list[tuple[str, str]], results: list[dict[str, Any]]) -> Iterator[str]:
    """Yield one drop-down list, with what it filters by as its label."""
    if name == "level":
        options = [option for option in options if option[0] in {result["level"] for result in results}]
    yield f'<label class="sr" for="{name}">{name.capitalize()}</label><select id="{name}">'
    yield f'<option value="">{everything}</option>'
    for value, shown in options:
        told = htmlcase.text(shown)
        yield f'<option value="{htmlcase.text(value)}" data-name="{told}">{told}</option>'
    yield "</select>"


def _results(targets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield all cases, by target and clause group."""
    for number, target in enumerate(targets):
        for name, members in tally.groups(target["results"]).items():
            of = f" on {htmlcase.text(tally.label(target))}" if len(targets) > 1 else ""
            yield f'<section class="group"><h3><span>{htmlcase.text(name)}{of}</span>'
            yield f'<span class="count">{len(members)}</span></h3>'
            yield '<div class="cases">'
            for result in members:
                yield from htmlcase.case(number, result)
            yield "</div></section>"


def _latencies(targets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the tables of answering times."""
    for number, target in enumerate(target for target in targets if target["latencies"]):
        of = f" of {htmlcase.text(tally.label(target))}" if len(targets) > 1 else ""
        longest = max(times["p99"] for times in target["latencies"].values()) or 1
        yield f'<h2 id="latency-{number}">Answering times{of}</h2>'
        yield f'<div class="card scroll" tabindex="0" role="region" aria-labelledby="latency-{number}">'
        yield "<table><thead><tr>"
        yield '<th scope="col">method</th><th scope="col" class="n">answers</th><th scope="col" class="n">p50 ms</th>'
        yield '<th scope="col" class="n">p99 ms</th><th scope="col" aria-label="as a bar"></th></tr></thead><tbody>'
        for method, times in target["latencies"].items():
            numbers = (times["count"], tally.milliseconds(times["p50"]), tally.milliseconds(times["p99"]))
            cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
            bars = "".join(
                f'<rect class="f-{kind}" width="{_BAR * times[name] / longest:.1f}" height="8"/>'
                for kind, name in (("tail", "p99"), ("time", "p50"))
            )
            yield (
                f'<tr><th scope="row"><code>{htmlcase.text(method)}</code></th>{cells}'
                f'<td><svg class="spark" viewBox="0 0 {_BAR} 8" preserveAspectRatio="none" aria-hidden="true">'
                f"{bars}</svg></td></tr>"
            )
        yield "</tbody></table></div>"
