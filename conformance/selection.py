"""Which cases a run has, as its settings say."""

from collections.abc import Collection
from fnmatch import fnmatchcase

from conformance.settings import LEVELS, Settings

READ_ONLY = "read-only"
"""The tag of cases that change nothing on a target."""
HAZARDOUS = "hazardous"
"""The tag of cases that could crash or hang a real daemon."""
NOT = ("not-", "!")
"""What stands before a tag that is not wanted."""


def selected(settings: Settings, case: str, level: str, tags: Collection[str]) -> bool:
    """Tell whether the case with this id, level and tags belongs to a run with these settings."""
    if settings.read_only and READ_ONLY not in tags:
        return False
    if HAZARDOUS in tags and not settings.hazardous:
        return False
    if not counts(settings, level):
        return False
    if settings.select and not _matches(case, settings.select):
        return False
    return not _matches(case, settings.exclude) and _tagged(settings.tags, tags)


def counts(settings: Settings, level: str) -> bool:
    """Tell whether findings and cases of this level count in a run with these settings."""
    return LEVELS.index(level) <= LEVELS.index(settings.level)


def _matches(case: str, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(case, pattern) for pattern in patterns)


def _tagged(wanted: Collection[str], tags: Collection[str]) -> bool:
    """Tell whether a case has one of the tags that are wanted, if any are, and none of those that are not."""
    unwanted = {tag.removeprefix(mark) for tag in wanted for mark in NOT if tag.startswith(mark)}
    asked = {tag for tag in wanted if not tag.startswith(NOT)}
    return unwanted.isdisjoint(tags) and (not asked or not asked.isdisjoint(tags))
