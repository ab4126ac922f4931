"""What has to be refused: methods that do not exist, and containers that do not exist."""

import pytest

from conformance.cases import case
from conformance.conversation import Conversation


@pytest.mark.parametrize(("name", "like"), [("deleteContainer", "stopContainer"), ("execCommamd", "executeCommand")])
@case("{name}/1", clause="{name}.unknown", title="there is no such method")
async def test_method(thunder: Conversation, name: str, like: str) -> None:
    """The call is answered by an error, whatever its code."""
    await thunder.ask_unknown(name, like)


@pytest.mark.parametrize(
    "method",
    ["getContainerState", "getContainerInfo", "pauseContainer", "resumeContainer", "executeCommand", "stopContainer"],
)
@case("{method}/3", clause="{method}.refusal", title="there is no such container")
async def test_container(thunder: Conversation, method: str) -> None:
    """The call is answered by an error or by success false."""
    await thunder.ask_in_vain(method, thunder.run.containers.missing)
