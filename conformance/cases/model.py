"""Random sequences of calls; model.py walks them, since Hypothesis waits for each and therefore is no coroutine."""

from conformance.cases import case
from conformance.conversation import Conversation


@case(
    "model/1",
    clause="model.lifecycle",
    title="random sequences of calls go as the specification says",
    tags="model lifecycle",
)
async def walks(thunder: Conversation) -> None:
    """Only the bench can walk: it waits for the target from outside of its reactor."""
    thunder.cannot("random sequences are walked by thunderoci check alone, with --model-steps")
