"""What has to be refused: methods that do not exist, and containers that do not exist."""

from conformance.cases import case
from conformance.conversation import Conversation


@case(
    "{name}/1",
    clause="{name}.unknown",
    title="there is no such method",
    tags="negative read-only",
    needs="nothing",
    profiles="rdkservices",
    over=[{"name": "deleteContainer"}, {"name": "execCommamd"}],
)
async def method(thunder: Conversation, name: str) -> None:
    """The answer is the error that a name gives which nobody can have heard of."""
    codes = []
    for unknown in (f"unheardOf{thunder.run.id}", name):
        answer = await thunder.call(unknown, {"containerId": thunder.missing})
        if answer.error is None:
            thunder.broken(f"{name}.unknown", "$", "a JSON-RPC error", answer.message)
            return
        codes.append(answer.error["code"])
    thunder.expect(f"{name}.unknown", "$.error.code", *codes)


@case(
    "{method}/3",
    clause="{method}.refusal",
    title="there is no such container",
    tags="negative read-only",
    needs="nothing",
    over=[
        {"method": "getContainerState"},
        {"method": "getContainerInfo"},
        {"method": "pauseContainer"},
        {"method": "resumeContainer"},
        {"method": "executeCommand", "command": "ls"},
        {"method": "stopContainer"},
    ],
)
async def container(thunder: Conversation, method: str, **params: str) -> None:
    """The call is answered by an error or by success false."""
    await thunder.refused(method, containerId=thunder.missing, **params)
