"""All cases, and which of them a run takes."""

import importlib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from conformance import spec
from conformance.cases import REGISTERED, Case
from conformance.errors import NothingSelected
from conformance.settings import Settings

_MODULES = ("documented", "neighbours", "unknown", "envelope", "http", "websocket", "designator", "paramsforms", "robustness", "profile")
"""The modules of cases in the order in which they run: what shows most comes first."""


@cache
def catalogue() -> tuple[Case, ...]:
    """Return all cases in their order."""
    for module in _MODULES:
        importlib.import_module(f"conformance.cases.{module}")
    return tuple(REGISTERED)


def chosen(settings: Settings, cases: Iterable[Case] | None = None) -> list[Case]:
    """Return the cases that ``settings`` choose, whatever their profile. Raises NothingSelected."""
    cases = catalogue() if cases is None else cases
    known = {settings.profile} & set(spec.PROFILES) or set(spec.PROFILES)
    kept = [case for case in cases if _wanted(case, settings) and known & set(case.profiles)]
    if not kept:
        raise NothingSelected(
            patterns=" ".join(settings.select) or "(all)", known=", ".join(sorted({case.id for case in catalogue()}))
        )
    return kept


def _wanted(case: Case, settings: Settings) -> bool:
    """Tell whether the settings ask for a case."""
    return (
        (not settings.select or any(fnmatchcase(case.id, pattern) for pattern in settings.select))
        and not any(fnmatchcase(case.id, pattern) for pattern in settings.exclude)
        and _tagged(case, settings.tags)
        and (not settings.read_only or "read-only" in case.tags)
        and (settings.hazardous or not case.hazardous)
        and any(at_level(case, profile, settings.level) for profile in case.profiles)
    )


def at_level(case: Case, profile: str, level: str) -> bool:
    """Tell whether the clause of a case has at least this level in a profile."""
    return spec.LEVELS.index(spec.clauses(profile)[case.clause].level) >= spec.LEVELS.index(level)


def _tagged(case: Case, tags: Iterable[str]) -> bool:
    """Tell whether a case has one of the wanted tags, and none of those with an exclamation mark in front."""
    unwanted = {tag[1:] for tag in tags if tag.startswith("!")}
    wanted = {tag for tag in tags if not tag.startswith("!")}
    return not case.tags & unwanted and (not wanted or bool(case.tags & wanted))
