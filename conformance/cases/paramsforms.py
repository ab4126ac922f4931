"""Params in all forms that JSON allows: text of all kinds, any order, and members that nobody knows."""

import json
from typing import Any

from conformance.cases import case
from conformance.containers import Container
from conformance.conversation import Conversation
from conformance.line import Reply, complain, judged, say

_PER_TRANSPORT = 30


def _over_both(families: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each mapping for HTTP and for WebSocket."""
    return [{**family, "transport": "HTTP"} for family in families] + [
        {**family, "transport": "WebSocket", "_n": family["_n"] + _PER_TRANSPORT, "_needs": "container websocket"}
        for family in families
    ]


@case(
    "params/{_n}",
    clause="{clause}",
    title="a command with {_shown} is accepted over {transport}",
    over=_over_both(
        [
            {
                "clause": "params.unicode",
                "text": '"true gr\u00fc\u00df \u4e16"',
                "_shown": "text outside ASCII, as UTF-8",
                "_n": 1,
            },
            {
                "clause": "params.escapes",
                "text": r'"true gr\u00fc\u00DF \ud83d\ude00"',
                "_shown": "the same, escaped",
                "_n": 2,
            },
            {"clause": "params.escapes", "text": r'"tr\u0075e"', "_shown": "letters that need no escape", "_n": 3},
            {"clause": "params.escapes", "text": r'"\/bin\/true"', "_shown": "escaped slashes", "_n": 4},
            {"clause": "params.escapes", "text": r'"true \"a b\""', "_shown": "quotes", "_n": 5},
            {"clause": "params.escapes", "text": r'"true a\\b\t"', "_shown": "a backslash and a tabulator", "_n": 6},
            {"clause": "params.null-text", "text": '"null"', "_shown": 'the text "null"', "_n": 7},
            {"clause": "params.brackets", "text": '"true {[}],:"', "_shown": "brackets and commas", "_n": 8},
        ]
    ),
)
async def command(thunder: Conversation, transport: str, clause: str, text: str) -> None:
    """Whatever the text, it is a command; what becomes of it in the container is not judged."""
    container = await thunder.container()
    number = thunder.next_id()
    params = f'{{"containerId":{json.dumps(container.id)},"options":"","command":{text}}}'
    reply = await _with(thunder, transport, "executeCommand", params, number, container)
    if not _accepted(reply):
        complain(thunder, clause, "a result with success true", reply)
        return
    thunder.succeed("executeCommand", judged(thunder, reply, number))


@case(
    "params/9",
    clause="params.escapes",
    title="a command with a single quote mark, escaped, is accepted",
)
async def odd_quote(thunder: Conversation) -> None:
    """An escaped quote is a letter like any other, also when there is only one."""
    container = await thunder.container()
    number = thunder.next_id()
    params = f'{{"containerId":{json.dumps(container.id)},"options":"","command":"true 5\\""}}'
    reply = await _with(thunder, "HTTP", "executeCommand", params, number, container)
    if not _accepted(reply):
        complain(thunder, "params.escapes", "a result with success true", reply)


@case(
    "params/{_n}",
    clause="{clause}",
    title="a container is found by an id that is written {_shown}",
    over=(
        {"clause": "params.escapes", "form": "escaped", "_shown": "in escapes", "_n": 10},
        {"clause": "params.escapes", "form": "key", "_shown": "under an escaped name", "_n": 11},
        {"clause": "params.whitespace", "form": "spread", "_shown": "with white space around it", "_n": 12},
        {"clause": "params.extra", "form": "more", "_shown": "among parameters that nobody knows", "_n": 13},
        {"clause": "params.extra", "form": "deep", "_shown": "beside twenty nested arrays", "_n": 14},
        {"clause": "params.extra", "form": "numbers", "_shown": "beside numbers of all kinds", "_n": 15},
    ),
)
async def found(thunder: Conversation, clause: str, form: str) -> None:
    """The state is that of the container, and where the answer repeats the id, it is the one that was meant."""
    container = await thunder.container()
    plain = json.dumps(container.id)
    letters = "".join(f"\\u{ord(letter):04x}" for letter in container.id)
    number = thunder.next_id()
    forms = {
        "escaped": f'{{"containerId":"{letters}"}}',
        "key": f'{{"container\\u0049d":{plain}}}',
        "spread": f'\t{{\r\n "containerId" \t:\n{plain}\n}} ',
        "more": f'{{"note":{{"by":["x",null]}},"containerId":{plain},"force":"no","trace":true}}',
        "deep": f'{{"note":{"[" * 20}{"]" * 20},"containerId":{plain}}}',
        "numbers": f'{{"note":[0,-1,1.5e-7,1E400,12345678901234567890],"containerId":{plain}}}',
    }
    reply = await _with(thunder, "HTTP", "getContainerState", forms[form], number, container)
    _is_running(thunder, clause, container, reply, number)


@case(
    "params/{_n}",
    clause="params.order",
    title="params in another order are the same over {transport}",
    over=_over_both([{"_n": 16}]),
)
async def order(thunder: Conversation, transport: str) -> None:
    """Params are known by their names."""
    container = await thunder.container()
    number = thunder.next_id()
    params = f'{{"command":"true","containerId":{json.dumps(container.id)},"options":""}}'
    reply = await _with(thunder, transport, "executeCommand", params, number, container)
    if not _accepted(reply):
        complain(thunder, "params.order", "a result with success true", reply)
    thunder.succeed("executeCommand", judged(thunder, reply, number))


@case(
    "params/17",
    clause="params.escapes",
    title="an id with a NUL behind it is another id",
    tags="negative",
)
async def nul(thunder: Conversation) -> None:
    """A text does not end at a NUL, so no container is found."""
    container = await thunder.container()
    number = thunder.next_id()
    params = json.dumps({"containerId": f"{container.id}\0.more"})
    reply = await _with(thunder, "HTTP", "getContainerState", params, number, container)
    if not judged(thunder, reply, number).refused:
        complain(thunder, "params.escapes", "a refusal, since no container has this id", reply)


@case(
    "params/{_n}",
    clause="listContainers.params",
    title="params that are {_shown} do not matter to listContainers",
    tags="read-only",
    needs="nothing",
    over=[
        {"params": params, "_shown": shown, "_n": 18 + at}
        for at, (params, shown) in enumerate(
            (
                ("null", "null"),
                ("{}", "an empty object"),
                ("[]", "an empty array"),
                ('"rubbish"', "a text"),
                ('{"containerId":"x"}', "those of another method"),
            )
        )
    ],
)
async def none_needed(thunder: Conversation, params: str) -> None:
    """A method without params does not care."""
    number = thunder.next_id()
    reply = await _with(thunder, "HTTP", "listContainers", params, number)
    if not _accepted(reply):
        complain(thunder, "listContainers.params", "the result of the call", reply)
        return
    thunder.succeed("listContainers", judged(thunder, reply, number))


@case(
    "params/23",
    clause="params.positions",
    title="params in an array are answered",
    tags="negative",
)
async def positions(thunder: Conversation) -> None:
    """Params are given by name: an array may be refused, or be taken in the documented order."""
    container = await thunder.container()
    number = thunder.next_id()
    reply = await _with(thunder, "HTTP", "getContainerState", json.dumps([container.id]), number, container)
    if reply.text is None:
        complain(thunder, "params.positions", "an answer", reply)
        return
    if not judged(thunder, reply, number).refused:
        _is_running(thunder, "params.positions", container, reply, number)


async def _with(  # noqa: PLR0917 - all of them are what the call is
    thunder: Conversation, transport: str, method: str, params: str, number: int, container: Container | None = None
) -> Reply:
    """Call a method with params that are written in this way; ``container`` is one that it can be called for."""
    head = f'{{"jsonrpc":"2.0","id":{number},"method":{json.dumps(thunder.designator(method))}'
    known: dict[str, Any] | None = {"containerId": container.id} if container else None
    if known and method == "executeCommand":
        known |= {"options": "", "command": "true"}
    return await say(thunder, transport, f'{head},"params":{params}}}', good=(method, known))


def _accepted(reply: Reply) -> bool:
    """Tell whether an answer says that the call succeeded."""
    result = reply.message.get("result")
    return isinstance(result, dict) and result.get("success") is True


def _is_running(thunder: Conversation, clause: str, container: Container, reply: Reply, number: int) -> None:
    """Make sure that an answer gives the state of a container that is running."""
    if not _accepted(reply):
        complain(thunder, clause, "the state of the container", reply)
        return
    result = thunder.succeed("getContainerState", judged(thunder, reply, number))
    if "containerId" in result:
        thunder.expect("getContainerState.containerId", "$.result.containerId", container.id, result["containerId"])
    thunder.expect(clause, "$.result.state", "running", str(result["state"]).casefold())
