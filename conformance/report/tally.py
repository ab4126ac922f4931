"""What all reports count and say in the same words: verdicts in order, clause groups, the verdict over a target."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

VERDICTS = ("pass", "non-strict", "fail", "known quirk", "waived", "skipped", "error")
"""All verdicts, in the order of tables."""
BROKEN = frozenset({"fail", "error"})
"""The verdicts that no run can be conformant with."""
WORDS = {0: "conformant", 1: "NOT conformant", 130: "interrupted"}
"""What the exit statuses that have a word mean; all others are "no verdict"."""

_ALWAYS = {"pass": "passed", "fail": "failed", "skipped": "skipped"}
_NOUNS = {
    "non-strict": ("non-strict", "non-strict"),
    "known quirk": ("known quirk", "known quirks"),
    "waived": ("waived", "waived"),
    "error": ("error", "errors"),
}


def word(code: int) -> str:
    """Return what the exit status ``code`` says of a target."""
    return WORDS.get(code, "no verdict")


def broken(report: dict[str, Any]) -> frozenset[str]:
    """Return the verdicts that the run of a report can't be conformant with: for a strict one non-strict is one."""
    return BROKEN | {"non-strict"} if report.get("strict") else BROKEN


def counts(results: Iterable[dict[str, Any]]) -> Counter[str]:
    """Return how many cases got each verdict."""
    return Counter(result["verdict"] for result in results)


def sentence(results: Iterable[dict[str, Any]]) -> str:
    """Return the counts as text: passed, failed and skipped always, the other verdicts where there are any."""
    number = counts(results)
    return ", ".join(
        [
            *(f"{number[verdict]} {name}" for verdict, name in _ALWAYS.items()),
            *(
                f"{number[verdict]} {nouns[number[verdict] > 1]}"
                for verdict, nouns in _NOUNS.items()
                if number[verdict]
            ),
        ]
    )


def group(result: dict[str, Any]) -> str:
    """Return the clause group of a case: a method, an event, or a topic."""
    return str(result["clause"].partition(".")[0])


def groups(results: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the cases of each clause group, groups and cases in the order in which they come."""
    found: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        found.setdefault(group(result), []).append(result)
    return found


def label(target: dict[str, Any]) -> str:
    """Return what a target is called where there are several: its URL and profile."""
    return f"{target['url']} ({target['profile']})" if target["profile"] else str(target["url"])


def waiver(result: dict[str, Any]) -> str:
    """Return what is to be said of a case's waiver: nothing without one.

    A waiver that comes with a pass is no longer needed; with a failure that counts, it has expired.
    """
    given = result["waiver"]
    if given is None:
        return ""
    link = f" ({given['link']})" if given["link"] else ""
    why = f"{given['reason']}{link}"
    if result["verdict"] == "waived":
        return f"waived until {given['expires']}: {why}"
    if result["verdict"] in BROKEN:
        return f"the waiver ended on {given['expires']}: {why}"
    return f"the waiver is not needed, there is nothing to waive: {why}"


def reproduction(result: dict[str, Any]) -> list[str]:
    """Return the curl lines of a case's findings, each once."""
    return list(dict.fromkeys(finding["curl"] for finding in result["findings"] if finding["curl"]))


def milliseconds(seconds: float) -> str:
    """Return a time as milliseconds with three digits that say something."""
    value = seconds * 1000
    digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 (the powers of ten themselves)
    return f"{value:.{digits}f}"
