"""The part of docs/performance.md that is made from the run in the repository."""

from pathlib import Path

from benchmarks.errors import BadRun
from benchmarks.table import HEAD, bar_rows, figure_rows, markdown

PAGE = Path(__file__).parents[3] / "docs" / "performance.md"
BEGIN, END = "<!-- made by tests/bench from baseline.json -->", "<!-- end of what is made -->"


def made(run):
    """Return the part: how the run was made, the bars, the figures."""
    about = run.about
    where = ", ".join(f"{name} {value}" for name, value in about["machine"].items() if value is not None)
    before, after = about["load"]
    lines = [
        f"Made on {about['date']} in {about['seconds']:.0f} s, {about['rounds']} rounds.",
        f"Plain HTTP calls by: {about['client']}.",
        f"Machine: {where}.",
        f"Load average before: {before:g}; at the end, its own work included: {after:g}.",
        *([about["note"]] if about.get("note") else []),
        *(f"Not measured: {part} ({reason})" for part, reason in run.broken.items()),
        "",
        markdown(bar_rows(run), ("bar", "measured", "")),
        "",
        markdown(figure_rows(run), HEAD),
    ]
    return "\n".join(lines)


def current(text, run):
    """Return a page with the part as the run has it; raises BadRun when the page has no place for it."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadRun(path=PAGE, reason=f"the page has no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{made(run)}\n{END}{after}"


def write(run):
    """Bring the page up to date."""
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")
