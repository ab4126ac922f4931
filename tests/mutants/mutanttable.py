"""Makes docs/mutants.md: every mutant, the case that has to find it, by which clause, and the score.

    python tests/mutants/mutanttable.py REPORT.json    writes the table of a run of `tox -e mutants`, and prints it
    python tests/mutants/mutanttable.py                the same from the table that is there, for a look at its score

The run writes REPORT.json (MUTANTS=all MUTANTS_REPORT=REPORT.json pytest tests/mutants).
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import faults  # noqa: F401 - it fills the table
from mutation.mutant import LEGAL, MUTANTS, UNFOUND

from conformance import spec

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"


def rows():
    """Yield the cells of each row but its verdicts."""
    for entry in MUTANTS:
        levels = " / ".join(dict.fromkeys(spec.clauses(profile)[entry.clause].level for profile in entry.profiles))
        profiles = "both" if len(entry.profiles) > 1 else entry.profiles[0]
        yield entry, [f"`{entry.id}`", _cell(entry.does), profiles, f"`{entry.finds}`", f"`{entry.clause}`", levels]


def _cell(text):
    return " ".join((text or "").split()).replace("|", "\\|").rstrip(".")


def page(verdicts):
    """Return the page; ``verdicts`` maps mutant ids to what their cases gave, a text for each profile."""
    found = [entry for entry in MUTANTS if verdicts.get(entry.id) and "not found" not in verdicts[entry.id]]
    lines = [
        "# Mutants",
        "",
        "Each mutant is a Thunder with one fault: an emulator behind a proxy that changes what goes by. The case that is named",
        "has to find it, at level MUST where the clause is one. Made by `tox -e mutants`.",
        "",
        f"**{len(found)} of {len(MUTANTS)} mutants found.** {len(LEGAL)} legal variations are accepted by every case.",
        "",
        "| mutant | what is wrong | profile | case | clause | level | verdict |",
        "|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(cells)} | {verdicts.get(entry.id, 'not run')} |" for entry, cells in rows()),
        "",
        "Faults that no case finds:",
        "",
        *(f"- `{name}`: {why}" for name, why in UNFOUND.items()),
        "",
        "Legal variations:",
        "",
        *(f"- `{entry.id}`: {_cell(entry.does)}" for entry in LEGAL),
    ]
    return "\n".join(lines) + "\n"


def verdicts_of(path):
    """Return the verdicts that a run has written."""
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return {name: " / ".join(dict.fromkeys(given.values())) for name, given in kept.items()}


def main(arguments):
    """Write the page of a run, and print its score."""
    if arguments:
        PAGE.write_text(page(verdicts_of(arguments[0])), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    sys.stdout.write(text)
    return 0 if "not found |" not in text and "not run |" not in text else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
