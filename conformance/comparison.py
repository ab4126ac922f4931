"""Calls to the target, each compared with what is expected of it, and what becomes of the differences."""

from collections.abc import Sequence
from typing import Any

from conformance import quirks
from conformance.conversation import Conversation
from conformance.difference import Call, Difference, Notes
from conformance.judge import Judgement, text
from conformance.lifecycle import Expected, Life
from conformance.run import Run
from conformance.selection import counts
from conformance.spec import Clause
from conformance.verdict import CannotJudge, Finding, Nonconformance

CASE = "ocicontainer/model/1"

Outcome = tuple[Judgement | None, bool]
"""An answer, None when a known quirk hides what it says, and whether it is another than expected."""


class Comparison:
    """The calls of one sequence; its methods raise Difference where a MUST is broken, or the clause that is hunted.

    What breaks no MUST is noted.
    """

    def __init__(self, run: Run, notes: Notes) -> None:
        self.thunder = Conversation(run)
        self.calls: list[Call] = []
        self.run = run
        self.notes = notes

    async def compare(self, method: str, params: dict[str, Any], expected: Expected, life: Life | None) -> Outcome:
        """Make a call that has to go as expected."""
        return self._compared(method, await self._exchange(method, params, expected, life), expected)

    async def compare_by_descriptor(
        self, method: str, params: dict[str, Any], expected: Expected, life: Life
    ) -> Outcome:
        """Make a call with a descriptor for an id; where it fails but should not, the id shows what is wrong."""
        named = {**params, "containerId": str(life.descriptor)}
        answer = await self._exchange(method, named, expected, life, by_descriptor=True)
        if answer is None or not answer.refused or not expected.accepted:
            return self._compared(method, answer, expected)
        calls = list(self.calls)
        outcome = await self.compare(method, {**params, "containerId": life.id}, expected, life)
        if outcome[0] is not None and not outcome[0].refused:
            self.differ(f"{method}.descriptor-lookup", "$", expected.why, text(answer.message), calls)
        return outcome

    async def listed(self) -> dict[str, int]:
        """Return the listing of all containers; raises Difference."""
        before = len(self.thunder.breaches)
        try:
            return await self.thunder.listed()
        except Nonconformance:
            self.show("a list of containers")
            self._broken(before)
            raise CannotJudge("the list of containers cannot be read") from None

    def differ(self, clause: str, path: str, expected: str, got: str, calls: Sequence[Call] = ()) -> None:
        """Tell of a difference, which the last call shows; ``calls`` are the sequence where it is another."""
        self._weigh(Finding(clause, path, expected, got), calls)

    def show(self, expected: str, life: Life | None = None) -> None:
        """Make the last exchange a call of the sequence, since a difference is to be seen there."""
        self.calls.append(Call(self.thunder.steps[-1], expected, life))

    async def _exchange(
        self, method: str, params: dict[str, Any], expected: Expected, life: Life | None, *, by_descriptor: bool = False
    ) -> Judgement | None:
        """Make a call and return its answer, None when a known quirk hides what it says."""
        before = len(self.thunder.breaches)
        self.notes.made[method] += 1
        try:
            answer = await self.thunder.call(method, params or None)
        except Nonconformance:
            answer = None
        self.calls.append(Call(self.thunder.steps[-1], expected.why, life, by_descriptor))
        if answer is None:
            self._broken(before)
        return answer

    def _compared(self, method: str, answer: Judgement | None, expected: Expected) -> Outcome:
        """Compare an answer with what is expected, its result also with the schema."""
        if answer is None:
            return None, False
        surprised = expected.accepted is not None and expected.accepted == answer.refused
        if surprised:
            self.differ(expected.clause, "$", expected.why, text(answer.message))
        elif not answer.refused:
            for finding in self.thunder.judge.result(method, answer.message["result"]):
                self._weigh(finding)
        return answer, surprised

    def _broken(self, before: int) -> None:
        """Weigh what an answer broke that could not be used."""
        for breach in self.thunder.breaches[before:]:
            self._weigh(breach.finding)

    def _weigh(self, finding: Finding, calls: Sequence[Call] = ()) -> None:
        """Raise Difference when a MUST is broken and no known quirk explains it; keep what breaks a SHOULD."""
        clause = self.run.spec.clauses.get(finding.clause)
        if clause is None or not self._counts(clause) or self._known(finding):
            return
        difference = Difference(finding, clause, calls or self.calls)
        if clause.level == "MUST" or finding.clause == self.notes.hunted:
            raise difference
        self.notes.observe(difference)

    def _counts(self, clause: Clause) -> bool:
        """Tell whether a clause is judged: a MAY allows anything."""
        return clause.level != "MAY" and counts(self.run.settings, clause.level)

    def _known(self, finding: Finding) -> bool:
        """Tell whether a known quirk of real devices explains a finding."""
        step = self.calls[-1].step
        request = step.request.body.decode("utf-8", "backslashreplace") if step.request else ""
        answer = step.exchange.body.decode("utf-8", "backslashreplace") if step.exchange else None
        return bool(quirks.explain(finding, request, answer, self.run.spec.profile, CASE))
