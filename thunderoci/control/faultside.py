"""The faults in force, as the control API shows and changes them (no I/O)."""

from typing import Any

from fakedobby.faults import Fault, FaultBook
from thunderoci.control.problem import Problem, missing


class FaultSide:
    """The operations about faults."""

    def __init__(self, faults: FaultBook) -> None:
        self._book = faults
        self._first = self.documents()

    def documents(self) -> list[dict[str, Any]]:
        """Return all faults in force, in the order in which they were added."""
        return [_document_of(fault) for fault in self._book]

    def put(self, faults: list[Fault]) -> None:
        """Put faults in the place of those in force."""
        self._book.clear()
        for fault in faults:
            self._book.add(fault)

    def take_for_first(self) -> None:
        """Have reset() bring back those that are in force now."""
        self._first = self.documents()

    def reset(self) -> None:
        """Bring back the faults that were in force at the start."""
        self.put([fault_of(document | {"seen": 0, "struck": 0}) for document in self._first])

    async def list_faults(self, _: dict[str, Any]) -> Any:
        """Return the faults in force."""
        return {"faults": self.documents()}

    async def add_fault(self, arguments: dict[str, Any]) -> Any:
        """Put a fault in force."""
        return _document_of(self._book.add(fault_of(arguments)))

    async def get_fault(self, arguments: dict[str, Any]) -> Any:
        """Return one fault and how often it was met."""
        fault = self._book.find(arguments["id"])
        if fault is None:
            raise _no_fault(arguments["id"])
        return _document_of(fault)

    async def remove_fault(self, arguments: dict[str, Any]) -> None:
        """Take a fault out of force."""
        if self._book.remove(arguments["id"]) is None:
            raise _no_fault(arguments["id"])

    async def clear_faults(self, _: dict[str, Any]) -> None:
        """Take all faults out of force."""
        self._book.clear()


def fault_of(document: dict[str, Any]) -> Fault:
    """Return the fault that a document describes; raises a Problem."""
    common = {"place", "kind", "method", "container", "nth", "probability", "seed", "id", "seen", "struck"}
    times = document.get("times", "always")
    fault = Fault(**{key: value for key, value in document.items() if key in common})
    fault.times = {"always": None, "once": 1}.get(times, times)
    fault.options = {key: value for key, value in document.items() if key not in common | {"times"}}
    return fault


def _document_of(fault: Fault) -> dict[str, Any]:
    names = ("id", "place", "kind", "method", "container", "nth", "probability", "seed", "seen", "struck")
    times = "always" if fault.times is None else fault.times
    return {name: getattr(fault, name) for name in names} | {"times": times} | fault.options


def _no_fault(fault_id: str) -> Problem:
    return missing(f"There is no fault {fault_id!r} in force.")
