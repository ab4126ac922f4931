"""The report as a badge for a README: an SVG, or the JSON that a badge service makes one of."""

import json
import os
from html import escape
from pathlib import Path
from typing import Any

from conformance.report import files, tally

_LABEL = "conformance"
_GREEN, _YELLOW, _RED, _GREY = "#2e7d32", "#8d6708", "#c62828", "#5f6368"
"""White text has a contrast of at least 4.5 on each of these."""
_NAMES = {_GREEN: "brightgreen", _YELLOW: "yellow", _RED: "red", _GREY: "lightgrey"}
_NARROW, _WIDE = frozenset("iIjl.,:;|!'()[]/ frt1"), frozenset("mwMW%@")


def write(report: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a report's badge to a file, JSON when the file's name ends in .json. Raises ReportUnwritable."""
    files.write(path, endpoint(report) if Path(path).suffix == ".json" else render(report))


def message(report: dict[str, Any]) -> tuple[str, str]:
    """Return what the badge says and its colour."""
    results = [result for target in report["targets"] for result in target["results"]]
    number = tally.counts(results)
    judged = len(results) - number["skipped"]
    if report["exit_status"] == 0:
        clean = number["pass"] == judged
        return f"{number['pass']}/{judged}", _GREEN if clean else _YELLOW
    if report["exit_status"] == 1:
        failed = sum(number[verdict] for verdict in tally.broken(report) - {"error"})
        return (f"{failed} failed" if failed else "not conformant"), _RED
    return tally.word(report["exit_status"]), _GREY


def endpoint(report: dict[str, Any]) -> str:
    """Return the badge in the JSON form of shields' endpoint badges."""
    text, colour = message(report)
    content = {"schemaVersion": 1, "label": _LABEL, "message": text, "color": _NAMES[colour]}
    return json.dumps(content, indent=1) + "\n"


def render(report: dict[str, Any]) -> str:
    """Return the badge as SVG."""
    text, colour = message(report)
    left, right = _width(_LABEL), _width(text)
    whole = left + right
    title = escape(f"{_LABEL}: {text}")
    shadow = 'fill="#010101" fill-opacity=".3" aria-hidden="true"'
    labels = "".join(
        f'<text x="{middle}" y="15" textLength="{room}" {shadow}>{shown}</text>'
        f'<text x="{middle}" y="14" textLength="{room}">{shown}</text>'
        for middle, room, shown in (
            (left / 2, left - 10, _LABEL),
            (left + right / 2, right - 10, escape(text)),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        '<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/>'
        '<stop offset="1" stop-opacity=".1"/></linearGradient>'
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3" fill="#fff"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        f'<rect width="{whole}" height="20" fill="url(#s)"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">'
        f"{labels}</g></svg>\n"
    )


def _width(text: str) -> int:
    """Return about how many pixels a text takes in the badge's font, with a margin of 5 on both sides."""
    return 10 + round(sum(4 if sign in _NARROW else 10 if sign in _WIDE else 7 for sign in text))
