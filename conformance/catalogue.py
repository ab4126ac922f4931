"""All cases, and which of them a run takes."""

import importlib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from conformance import spec
from conformance.cases import REGISTERED, Case
from conformance.errors import NothingSelected
from conformance.selection import selected
from conformance.settings import AUTO, Settings

_MODULES = (
    *("documented", "neighbours", "unknown", "fields", "params", "starting", "lifecycle", "ending", "lookup"),
    *(
        "entservices",
        "properties",
        "events",
        "changes",
        "subscriptions",
        "audiences",
        "moments",
        "concurrency",
        "latency",
    ),
    *(
        "envelope",
        "spellings",
        "http",
        "httpbytes",
        "websocket",
        "designator",
        "paramsforms",
        "robustness",
        "profile",
        "model",
    ),
)
"""The modules of cases in the order in which they run: what shows most comes first."""
_NEAR = 3
"""How many cases are suggested to whoever mistyped one."""


@cache
def catalogue() -> tuple[Case, ...]:
    """Return all cases in their order."""
    for module in _MODULES:
        importlib.import_module(f"conformance.cases.{module}")
    return tuple(sorted(REGISTERED, key=lambda case: case.hazardous))  # what can end a daemon comes last


def chosen(settings: Settings) -> list[Case]:
    """Return the cases that ``settings`` choose, those of all profiles that can be meant. Raises NothingSelected."""
    profile = settings.effective_profile
    profiles = spec.PROFILES if profile == AUTO else (profile,)
    kept = [case for case in catalogue() if any(_chosen(case, name, settings) for name in profiles)]
    if not kept:
        raise NothingSelected(options=_choosing(settings), hint=near(settings.select))
    return kept


def _chosen(case: Case, profile: str, settings: Settings) -> bool:
    """Tell whether the settings want a case on a target of this profile."""
    if profile not in case.profiles or ("model" in case.tags and not settings.model_steps):
        return False
    return selected(settings, case.id, spec.clauses(profile)[case.clause].level, case.tags)


def _choosing(settings: Settings) -> str:
    """Return the options by which cases are chosen, as they were given."""
    given = [
        f"--{name.removesuffix('s')} {value}"
        for name in ("select", "exclude", "tags")
        for value in getattr(settings, name)
    ]
    given += [f"--{name.replace('_', '-')}" for name in ("read_only",) if getattr(settings, name)]
    return " ".join([*given, f"--level {settings.level}", f"--profile {settings.effective_profile}"])


def near(patterns: Iterable[str]) -> str:
    """Name the cases that patterns without a case may have meant, as the end of a sentence; "" where none is near."""
    known = sorted({case.id for case in catalogue()})
    near = [name for pattern in patterns for name in get_close_matches(pattern, known, _NEAR)]
    return f" (did you mean {' or '.join(near[:_NEAR])}?)" if near else ""
