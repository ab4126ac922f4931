"""The cases of a run as text, for those who want to know before anything is sent."""

from collections.abc import Iterator
from pathlib import Path

from conformance import spec
from conformance.cases import Case
from conformance.catalogue import chosen
from conformance.settings import AUTO, Settings
from conformance.targets import endpoints

_MET = {"nothing", "container", "websocket"}
"""What is there on a target unless it fails the suite altogether."""


def cases(settings: Settings) -> Iterator[str]:
    """Yield a line for each case that ``settings`` choose, and one with their number. Raises NothingSelected."""
    kept = chosen(settings)
    for case in kept:
        tags = " ".join(sorted(case.tags))
        yield f"{_level(case, settings):<6} {case.id:<46} {case.clause:<44} {case.title}{f'  [{tags}]' if tags else ''}"
    yield f"{len(kept)} cases"


def plan(settings: Settings) -> Iterator[str]:
    """Yield what a run would do with each case, target by target, without looking at the targets."""
    own = not (settings.urls or settings.targets_file)
    for endpoint in () if own else endpoints(settings, Path.cwd()):
        yield from _of_target(endpoint.name, endpoint.settings, bundle=bool(endpoint.settings.bundle_path))
    if own:
        yield from _of_target("an emulator of our own", settings, bundle=True)


def _of_target(name: str, settings: Settings, *, bundle: bool) -> Iterator[str]:
    """Yield the plan for one target; with the profile auto the cases of both profiles are in it."""
    kept = chosen(settings)
    yield f"target {name}, profile {settings.effective_profile}"
    for case in kept:
        yield f"{_fate(case, bundle=bundle):<46} {case.id:<46} {case.title}"
    yield f"{len(kept)} cases"


def _level(case: Case, settings: Settings) -> str:
    """Return the level of a case's clause: the strongest that it has in the profiles that can be meant."""
    wanted = spec.PROFILES if settings.effective_profile == AUTO else (settings.effective_profile,)
    levels = {spec.clauses(profile)[case.clause].level for profile in wanted if profile in case.profiles}
    return next(level for level in ("MUST", "SHOULD", "MAY") if level in levels)


def _fate(case: Case, *, bundle: bool) -> str:
    """Say what would become of a case: what it needs may be missing."""
    if "bundle" in case.needs and not bundle:
        return "would be skipped: no --bundle-path"
    needs = sorted(case.needs - _MET - {"bundle"})
    return f"would run if the target has {' and '.join(needs)}" if needs else "would run"
