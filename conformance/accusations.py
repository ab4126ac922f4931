"""What a target is accused of over a session: breaches, with the message that shows each, and doubts."""

from conformance.announced import Evidence, Known
from conformance.offline import explained
from conformance.spec import Specification
from conformance.verdict import Breach, Finding


class Accusations:
    """Keeps what is found wrong in the message that is looked at, whose request and answer ``shown_by`` says."""

    def __init__(self, specification: Specification) -> None:
        self._spec = specification
        self._shown_by: tuple[str, str | None] = ("", None)
        self.breaches: list[Breach] = []

    def shown_by(self, said: str, came: str | None) -> None:
        """Say which request and answer are looked at from now on."""
        self._shown_by = (said, came)

    def note(self, *findings: Finding) -> None:
        """Keep what is wrong in any case."""
        for finding in findings:
            self.accuse(Evidence(finding, *self._shown_by))

    def accuse(self, evidence: Evidence) -> None:
        """Keep what is wrong, shown by a message of before."""
        self.breaches += explained(self._spec, [evidence.finding], evidence.said, evidence.came)

    def doubt(self, known: Known, finding: Finding, moment: int) -> None:
        """Keep what is wrong unless the container has ended by itself."""
        if known.doubt is None:
            known.doubt, known.doubted = Evidence(finding, *self._shown_by), moment

    def alive(self, known: Known) -> None:
        """Take in that a container is there: whatever said that it is not was wrong."""
        if known.doubt is not None:
            self.accuse(known.doubt)
            known.doubt = None
