"""The suite's cases run without a pytest session of their own, so that a fault costs milliseconds."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

from conformance.cases import ATTRIBUTE, Case, test_documented, test_neighbours, test_unknown
from conformance.conversation import Conversation
from conformance.errors import LeftBehind
from conformance.run import Run
from conformance.target import Target
from conformance.verdict import CannotJudge, Nonconformance

# a fault that has to be waited for costs this much; it must still be long enough for a busy machine
_TIMEOUT = 1.0
Test = Callable[[Conversation], Awaitable[None]]


def cases() -> Iterator[tuple[Case, Test]]:
    yield from _of(vars(test_documented), {})
    for story in (test_documented.TestBundle, test_documented.TestDobbySpec):
        attributes = {name: getattr(story, name) for name in dir(story)}
        yield from _of({name: getattr(story(), name) for name in vars(test_documented.Story)}, attributes)
    yield from _of(vars(test_neighbours), {})
    yield from _of(vars(test_unknown), {})


def _of(names: Any, facts: dict[str, object]) -> Iterator[tuple[Case, Test]]:
    for test in list(names.values()):
        case = getattr(test, ATTRIBUTE, None)
        if case is None:
            continue
        for parameters in _parameter_sets(test):
            yield case.filled({**facts, **parameters}), _bound(test, parameters)


def _bound(test: Any, parameters: dict[str, str]) -> Test:
    return lambda thunder: test(thunder, **parameters)


def _parameter_sets(test: Any) -> list[dict[str, str]]:
    marks = getattr(test, "pytestmark", [])
    if not marks:
        return [{}]
    names, values = marks[0].args
    if isinstance(names, str):
        return [{names: value} for value in values]
    return [dict(zip(names, value, strict=True)) for value in values]


async def clauses_broken(url: str, select: str) -> dict[str, list[str]]:
    """Run the selected cases and return the MUST clauses that each found broken, by case id; none for skipped ones."""
    run = Run(Target(url, _TIMEOUT), "/bundle", SimpleNamespace(interrupted=False))
    broken: dict[str, list[str]] = {}
    for case, test in cases():
        if not fnmatchcase(case.id, select):
            continue
        thunder = Conversation(run)
        try:
            await test(thunder)
        except Nonconformance as breach:
            broken[case.id] = [finding.clause for finding in breach.findings if finding.must]
            await thunder.abandon()
        except CannotJudge:
            await thunder.abandon()
        else:
            broken[case.id] = []
    with contextlib.suppress(LeftBehind):
        await run.containers.clean_up(run.target)
    await run.target.close()
    return broken
