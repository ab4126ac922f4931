"""What is looked at before the first request: whatever is wrong with a run's settings is said then, not at its end."""

import os
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from conformance import spec
from conformance.cases import TAGS
from conformance.catalogue import catalogue, chosen, near
from conformance.errors import ReportUnwritable, UnknownPattern, UnknownTag
from conformance.selection import NOT
from conformance.settings import REPORTS, Settings
from conformance.waivers import Waivers


def check(settings: Settings) -> None:
    """Make sure that cases are chosen, that what chooses them is no slip, and that waivers and reports can be used.

    Raises UserError.
    """
    known = [case.id for case in catalogue()]
    for name in ("select", "exclude"):
        for pattern in getattr(settings, name):
            if not any(fnmatchcase(case_id, pattern) for case_id in known):
                raise UnknownPattern(option=f"--{name} {pattern}", hint=near([pattern]))
    for tag in settings.tags:
        plain = next((tag.removeprefix(mark) for mark in NOT if tag.startswith(mark)), tag)
        if plain not in TAGS:
            raise UnknownTag(tag=tag, known=", ".join(sorted(TAGS)))
    chosen(settings)
    waivers(settings)
    for name in REPORTS:
        if path := getattr(settings, name):
            _demand_writable(Path(path))


def waivers(settings: Settings) -> Waivers:
    """Return the user's waivers, as they hold today. Raises UserError."""
    today = datetime.now(UTC).date()
    if not settings.waivers:
        return Waivers([], today)
    clauses = {clause for profile in spec.PROFILES for clause in spec.clauses(profile)}
    return Waivers.load(Path(settings.waivers), today, {case.id for case in catalogue()}, clauses)


def _demand_writable(path: Path) -> None:
    """Raise ReportUnwritable where a report could not be written in the end."""
    why = ""
    if path.is_dir():
        why = "it is a directory"
    elif not path.parent.is_dir():
        why = "there is no such directory"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "permission denied"
    if why:
        raise ReportUnwritable(file=path, why=why)
