"""All cases, and which of them a run takes."""

import importlib
from functools import cache

from conformance import spec
from conformance.cases import REGISTERED, Case
from conformance.errors import NothingSelected
from conformance.selection import selected
from conformance.settings import AUTO, Settings

_MODULES = ("documented", "neighbours", "unknown", "fields", "params", "model")
"""The modules of cases in the order in which they run: what shows most comes first."""


@cache
def catalogue() -> tuple[Case, ...]:
    """Return all cases in their order."""
    for module in _MODULES:
        importlib.import_module(f"conformance.cases.{module}")
    return tuple(REGISTERED)


def chosen(settings: Settings) -> list[Case]:
    """Return the cases that ``settings`` choose, those of all profiles that can be meant. Raises NothingSelected."""
    profile = settings.effective_profile
    profiles = spec.PROFILES if profile == AUTO else (profile,)
    kept = [case for case in catalogue() if any(_chosen(case, name, settings) for name in profiles)]
    if not kept:
        known = ", ".join(sorted({case.id for case in catalogue()}))
        raise NothingSelected(patterns=" ".join(settings.select) or "(all)", known=known)
    return kept


def _chosen(case: Case, profile: str, settings: Settings) -> bool:
    """Tell whether the settings want a case on a target of this profile."""
    if profile not in case.profiles or ("model" in case.tags and not settings.model_steps):
        return False
    return selected(settings, case.id, spec.clauses(profile)[case.clause].level, case.tags)
