"""What the suite's judge says of everything that was recorded: a table of all that is no pass, and docs/judged.md.

    python tests/golden/judged.py               writes both anew
    python tests/golden/judged.py --data DIR    judges other recordings of the same form, and writes nothing

DIR has folders exchanges, ws and sessions with files PROFILE@FLAVOUR.jsonl or .jsonl.xz. What is no pass is printed;
the exit status is 1 when something fails. PYTHONPATH has to hold the repository.
"""

import argparse
import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

from judging import judged
from recorded import PAIRS, STORIES, TRAFFIC, read

from conformance import quirks, spec

_HERE = Path(__file__).parent
TABLE = _HERE / "judged.toml"
PAGE = _HERE.parent.parent / "docs" / "judged.md"
_KINDS = {"exchanges": "HTTP exchanges", "ws": "WebSocket transcripts", "sessions": "sessions"}
_HEAD = """# What the judge says of recorded items that it does not simply pass, by profile@flavour and id.
# Written by: python tests/golden/judged.py
"""


def kind(item):
    """Return the folder that an item comes from."""
    return "sessions" if "files" in item else "ws" if "steps" in item else "exchanges"


def everything():
    """Return all recorded items by profile@flavour and id."""
    return {pair: TRAFFIC[pair] | STORIES.get(pair, {}) for pair in PAIRS}


def verdicts(items):
    """Return verdict, clauses and quirks by profile@flavour and id, passes too."""
    return {
        pair: {name: _row(*judged(pair.partition("@")[0], item)) for name, item in items[pair].items()}
        for pair in items
    }


def _row(verdict, breaches):
    return {
        "verdict": str(verdict),
        "clauses": sorted({breach.clause.id for breach in breaches}),
        "quirks": sorted({breach.quirk for breach in breaches} - {""}),
    }


def table(rows):
    """Return the table of what is no pass, as TOML."""
    lines = [_HEAD]
    for pair, found in rows.items():
        lines.append(f'["{pair}"]')
        for name, row in found.items():
            if row["verdict"] != "pass":
                fields = ", ".join(f"{field} = {json.dumps(value)}" for field, value in row.items() if value)
                lines.append(f"{json.dumps(name)} = {{ {fields} }}")
        lines.append("")
    return "\n".join(lines)


def listed():
    """Return the committed table."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def page(items, rows):
    """Return the page about what the judge says, in Markdown."""
    all_rows = [row for found in rows.values() for row in found.values()]
    totals = Counter(row["verdict"] for row in all_rows)
    said = ", ".join(
        [
            f"{totals['pass']} pass",
            f"{totals['non-strict']} are non-strict (a SHOULD is broken)",
            f"{totals['known quirk']} show a known quirk and break nothing else",
            f"{totals['fail']} fail",
        ]
    )
    lines = [
        "# The judge on the real programs",
        "",
        f"All {len(all_rows)} recorded items of the real programs (tests/golden) were fed to the judge of targets:",
        f"{said}.",
        "What does not pass stands in `tests/golden/judged.toml`. `python tests/golden/judged.py` writes this page,",
        "and a test keeps it current.",
        "",
        "In exchanges and transcripts Dobby is scripted: whether a start succeeds there, and what stands in the info",
        "of a container, is not judged. In sessions Dobby and its containers are real.",
        "",
        "| recorded | of | items | pass | non-strict | known quirk | fail |",
        "|---|---|---|---|---|---|---|",
    ]
    for pair in items:
        for folder, title in _KINDS.items():
            found = Counter(rows[pair][name]["verdict"] for name, item in items[pair].items() if kind(item) == folder)
            if found:
                numbers = [
                    sum(found.values()),
                    *(found[verdict] for verdict in ("pass", "non-strict", "known quirk", "fail")),
                ]
                lines.append(f"| {title} | `{pair}` | {' | '.join(map(str, numbers))} |")
    lines += ["", "## Known quirks that are seen", "", "| quirk | items | what a real box does |", "|---|---|---|"]
    seen = Counter(quirk for row in all_rows for quirk in row["quirks"])
    lines += [
        f"| {quirk} | {seen[quirk]} | {quirks.known()[quirk].sentence} |" for quirk in quirks.known() if seen[quirk]
    ]
    lines += [
        "",
        "## Clauses that are broken",
        "",
        "MUSTs are among them only where a known quirk explains each case.",
        "",
        "| clause | level | items | requirement |",
        "|---|---|---|---|",
    ]
    broken = Counter()
    levels = {}
    for pair, found in rows.items():
        for row in found.values():
            for clause in row["clauses"]:
                broken[clause] += 1
                levels[clause] = spec.clauses(pair.partition("@")[0])[clause]
    for clause, entry in sorted(levels.items()):
        lines.append(f"| `{clause}` | {entry.level} | {broken[clause]} | {entry.requirement} |")
    return "\n".join([*lines, ""])


def _given(folder):
    """Return the recordings below a folder by profile@flavour and id."""
    found = {}
    for path in sorted(folder.glob("*/*.jsonl*")):
        found.setdefault(path.name.partition(".jsonl")[0], {}).update(read(path))
    return found


def main(arguments):
    """Write table and page anew, or judge other recordings."""
    parser = argparse.ArgumentParser(description="Judges what was recorded.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="judge these recordings, and write nothing")
    data = parser.parse_args(arguments).data
    items = _given(data) if data else everything()
    rows = verdicts(items)
    text = table(rows)
    if data:
        sys.stdout.write(text)
    else:
        TABLE.write_text(text, encoding="utf-8")
        PAGE.write_text(page(items, rows), encoding="utf-8")
    totals = Counter(row["verdict"] for found in rows.values() for row in found.values())
    sys.stdout.write(f"{sum(totals.values())} items: {', '.join(f'{n} {verdict}' for verdict, n in totals.items())}\n")
    return 1 if totals["fail"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
