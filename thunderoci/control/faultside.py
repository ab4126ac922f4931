"""The faults in force, as the control API shows and changes them (no I/O)."""

from http import HTTPStatus
from typing import Any

from fakedobby.errors import BadFault, FaultExists
from fakedobby.faults import Fault, FaultBook
from thunderoci.control.problem import Problem, bad, missing


class FaultSide:
    """The operations about faults."""

    def __init__(self, faults: FaultBook) -> None:
        self._book = faults
        self._first = self.documents()

    def documents(self) -> list[dict[str, Any]]:
        """Return all faults in force, in the order in which they were added."""
        return [fault.as_document() for fault in self._book]

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
        try:
            return self._book.add(fault_of(arguments)).as_document()
        except FaultExists as problem:
            raise Problem(HTTPStatus.CONFLICT, str(problem)) from None

    async def get_fault(self, arguments: dict[str, Any]) -> Any:
        """Return one fault and how often it was met."""
        fault = self._book.find(arguments["id"])
        if fault is None:
            raise _no_fault(arguments["id"])
        return fault.as_document()

    async def remove_fault(self, arguments: dict[str, Any]) -> None:
        """Take a fault out of force."""
        if self._book.remove(arguments["id"]) is None:
            raise _no_fault(arguments["id"])

    async def clear_faults(self, _: dict[str, Any]) -> None:
        """Take all faults out of force."""
        self._book.clear()


def fault_of(document: dict[str, Any], where: str = "$") -> Fault:
    """Return the fault that a document describes, which stands at a JSON path; raises a Problem."""
    if isinstance(document, dict) and document.get("id") == "":
        raise bad("An id is not empty; leave it out, and one is made up.", f"{where}.id")
    try:
        return Fault.of(document)
    except BadFault as problem:
        raise bad(str(problem), f"{where}.{problem.where}" if problem.where else where) from None


def _no_fault(fault_id: str) -> Problem:
    return missing(f"There is no fault {fault_id!r} in force.")
