"""Tables of a run, for the terminal and for the page."""

from benchmarks.bars import BARS, PEER
from benchmarks.figures import against

HEAD = ("what", "median", "p50 ms", "p99 ms", "CPU µs", "to its floor", "C++ peer")


def number(value, digits=3):
    """Write a number with as many digits as say something; thousands are set apart."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def figure_rows(run, last=None):
    """Yield the cells of each figure; with a last run one more says how it compares, above 1 is better."""
    for figure in run.figures:
        cells = [
            f"{figure.what} ({figure.note})" if figure.note else figure.what,
            f"{number(figure.value)} {figure.unit}",
            number(figure.p50),
            number(figure.p99),
            number(figure.cpu),
            number(figure.ratio),
            number(PEER.get(figure.key)),
        ]
        if last is not None:
            cells.append(number(against(figure, last.figures)))
        yield cells


def bar_rows(run):
    """Yield the cells of each bar: the sentence, what was measured, and whether it holds."""
    words = {True: "holds", False: "does not hold", None: "not measured"}
    for bar in BARS:
        value, holds = bar.result(run.figures)
        yield [bar.sentence, number(value), words[holds]]


def plain(rows, *, head=None):
    """Return rows as aligned text; what is no first column is set to the right."""
    rows = [list(head), *rows] if head else list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(rows, head):
    """Return rows as a table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|---{'|--:' * (len(head) - 1)}|"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def report(run, last=None):
    """Return what the terminal shows."""
    head = HEAD if last is None else (*HEAD, "to last run")
    parts = [
        plain(figure_rows(run, last), head=head) if len(run.figures) else "nothing was measured",
        plain(bar_rows(run)),
    ]
    parts += [f"{part} could not be measured: {reason}" for part, reason in run.broken.items()]
    return "\n\n".join(parts)
