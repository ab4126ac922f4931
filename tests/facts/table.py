"""Makes docs/facts-*.md: every fact of a catalogue beside this file, and the tests that show it.

    python tests/facts/table.py            writes the tables
    python tests/facts/table.py --check    only tells whether they are what it would write

Tests name facts by `@pytest.mark.fact("D0-one-object", ...)`. Exit status: 0, or 1 with one line for each complaint: a
mark that names no fact, a fact without a test, a table that is not current.
"""

import contextlib
import importlib
import io
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AWAITING_IS_ALLOWED = False
"""Whether a catalogue may have facts that await their test."""


@dataclass(frozen=True)
class Fact:
    """An entry of a catalogue; what its members mean is said at the top of the catalogue."""

    id: str
    section: str
    sentence: str
    observed: bool = True
    quirk: str = ""
    left_out: str = ""
    awaits: bool = False


@dataclass(frozen=True)
class Catalogue:
    """The facts of one page of notes."""

    name: str
    page: str
    title: str
    quirks: str
    sections: dict[str, str]
    facts: list[Fact] = field(default_factory=list)


def load(file):
    """Read a catalogue; a key that is none raises TypeError."""
    members = tomllib.loads(file.read_text(encoding="utf-8"))
    facts = [Fact(**entry) for entry in members.pop("fact")]
    return Catalogue(name=file.stem, facts=facts, **members)


class Collector:
    """A pytest plugin that notes which facts each test is marked with."""

    def __init__(self):
        self.tests = defaultdict(set)

    def pytest_collection_finish(self, session):
        for item in session.items:
            # one name for all the cases of a parametrised test
            test = (item.path.relative_to(ROOT).as_posix(), item.nodeid.partition("[")[0].partition("::")[2])
            if item.get_closest_marker("xfail"):
                continue  # what is expected to fail shows nothing
            for mark in item.iter_markers("fact"):
                for fact in mark.args:
                    self.tests[fact].add(test)


def collect():
    """Return the tests of each marked id, as (path, name); raises RuntimeError when pytest can't collect them."""
    collector = Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), str(ROOT / "tests")],
            plugins=[collector],
        )
    if status != pytest.ExitCode.OK:
        raise RuntimeError(output.getvalue()[-2000:])
    return {fact: sorted(tests) for fact, tests in collector.tests.items()}


def unknown_marks(catalogues, tests):
    """Complain of marks that name no fact."""
    known = {fact.id for catalogue in catalogues for fact in catalogue.facts}
    return [
        f"{path}::{name} is marked with {fact}, which no catalogue has"
        for fact in sorted(set(tests) - known)
        for path, name in tests[fact]
    ]


def complaints(catalogue, tests, *, awaiting=AWAITING_IS_ALLOWED):
    """Complain of what is wrong with a catalogue, or not shown by a test."""
    quirks = {quirk.id for quirk in importlib.import_module(catalogue.quirks).CATALOGUE}
    order = list(catalogue.sections)
    places = [order.index(fact.section) for fact in catalogue.facts]
    if places != sorted(places):
        yield f"{catalogue.name}.toml: the facts are not in the order of the sections"
    seen = set()
    for fact in catalogue.facts:
        if fact.id in seen:
            yield f"{fact.id} is there twice"
        seen.add(fact.id)
        if fact.quirk and fact.quirk not in quirks:
            yield f"{fact.id} names the quirk {fact.quirk}, which {catalogue.quirks} does not have"
        if fact.left_out:
            if fact.id in tests or fact.quirk or fact.awaits:
                yield f"{fact.id} is left out, and yet has a test, a quirk, or awaits one"
        elif fact.awaits and not awaiting:
            yield f"{fact.id} awaits a test" + (" that it has: say so no longer" if fact.id in tests else "")
        elif fact.id not in tests and not fact.awaits:
            yield f"{fact.id} has no test: {fact.sentence}"


def render(catalogue, tests):
    """Return the table as Markdown."""
    lines = [
        f"# {catalogue.title}",
        "",
        f"Each row is one fact of {catalogue.page}, and the tests that are marked with it.",
        "A fact with a quirk is misbehaviour that its tests switch on; most of it is off by default.",
        "What is left out has its reason in place of tests.",
        "",
        "Made by `python tests/facts/table.py`; not to be edited.",
        f"The facts are in `tests/facts/{catalogue.name}.toml`, the tests name them by `@pytest.mark.fact(...)`.",
        "",
        "| Section | Facts | Shown by tests | of these, quirks | Left out | Awaiting |",
        "|---|--:|--:|--:|--:|--:|",
        *_summary(catalogue, tests),
    ]
    for section, title in catalogue.sections.items():
        lines += ["", f"## {section}. {title}", "", "| Fact | What the real program does | Shown by |", "|---|---|---|"]
        lines += [
            f"| `{fact.id}` | {_sentence(fact)} | {_shown(fact, tests.get(fact.id, []))} |"
            for fact in catalogue.facts
            if fact.section == section
        ]
    return "\n".join(lines) + "\n"


def _summary(catalogue, tests):
    total = [0] * 5
    for section, title in catalogue.sections.items():
        facts = [fact for fact in catalogue.facts if fact.section == section]
        shown = [fact for fact in facts if fact.id in tests]
        quirks = sum(bool(fact.quirk) for fact in shown)
        left_out = sum(bool(fact.left_out) for fact in facts)
        counts = [len(facts), len(shown), quirks, left_out, len(facts) - len(shown) - left_out]
        total = [old + new for old, new in zip(total, counts, strict=True)]
        yield f"| {section}. {title} | " + " | ".join(map(str, counts)) + " |"
    yield "| **All** | " + " | ".join(f"**{count}**" for count in total) + " |"


def _sentence(fact):
    return _text(fact.sentence) + ("" if fact.observed else " *(read in its source, not observed)*")


def _shown(fact, tests):
    if fact.left_out:
        return f"*left out:* {_text(fact.left_out)}"
    quirk = [f"*quirk* `{fact.quirk}`"] if fact.quirk else []
    links = [f"[{path.removeprefix('tests/')}::{name}](../{path})" for path, name in tests]
    return "<br>".join([*quirk, *(links or ["*awaits its test*"])])


def _text(sentence):
    for character, escape in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("*", "\\*")):
        sentence = sentence.replace(character, escape)
    return sentence


def main(arguments):
    """Write the tables, or with --check only look at them; return the exit status."""
    catalogues = [load(file) for file in sorted(HERE.glob("*.toml"))]
    tests = collect()
    wrong = unknown_marks(catalogues, tests)
    for catalogue in catalogues:
        wrong += complaints(catalogue, tests)
        table = ROOT / "docs" / f"facts-{catalogue.name}.md"
        text = render(catalogue, tests)
        if "--check" not in arguments:
            table.write_text(text, encoding="utf-8")
        elif not table.exists() or table.read_text(encoding="utf-8") != text:
            wrong.append(f"docs/{table.name} is not current: run python tests/facts/table.py")
    sys.stderr.writelines(f"{complaint}\n" for complaint in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
