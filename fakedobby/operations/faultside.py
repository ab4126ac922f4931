"""The faults in force, as the control API shows and changes them (no I/O)."""

from typing import Any

from fakedobby.errors import BadFault, BadInput, FaultExists, NoSuchThing, NotNow
from fakedobby.faults import Fault, FaultBook


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
            raise NotNow(problem=str(problem).removesuffix(".")) from None

    async def get_fault(self, arguments: dict[str, Any]) -> Any:
        """Return one fault and how often it was met."""
        fault = self._book.find(arguments["id"])
        if fault is None:
            raise NoSuchThing(kind="fault", name=arguments["id"])
        return fault.as_document()

    async def remove_fault(self, arguments: dict[str, Any]) -> None:
        """Take a fault out of force."""
        if self._book.remove(arguments["id"]) is None:
            raise NoSuchThing(kind="fault", name=arguments["id"])

    async def clear_faults(self, _: dict[str, Any]) -> None:
        """Take all faults out of force."""
        self._book.clear()


def fault_of(document: dict[str, Any], where: str = "$") -> Fault:
    """Return the fault that a document describes, which stands at a JSON path; raises BadInput."""
    if isinstance(document, dict) and document.get("id") == "":
        raise BadInput(where=f"{where}.id", problem="an id is not empty; leave it out, and one is made up")
    try:
        return Fault.of(document)
    except BadFault as problem:
        raise BadInput(where=f"{where}.{problem.where}" if problem.where else where, problem=problem.reason) from None
