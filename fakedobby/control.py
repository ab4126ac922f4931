"""Our own D-Bus object beside Dobby's, by which an emulator is controlled (no I/O).

Its methods are the operations of the control API: each takes one text, the JSON object of its arguments, or nothing,
and answers one text, the JSON of its result.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fakedobby.errors import BadInput, ControlError
from fakedobby.protocol import ERROR_FAILED, ERROR_UNKNOWN_METHOD, Reply
from fakedobby.strictjson import parse
from fakedobby.surroundings import INTROSPECTABLE, Failure, introspection

log = logging.getLogger(__name__)

CONTROL_PATH = "/org/thunderoci/emulator"
CONTROL_INTERFACE = "org.thunderoci.Emulator1"
_ERRORS = "org.thunderoci.Error."
_INVALID_ARGUMENTS = "org.freedesktop.DBus.Error.InvalidArgs"

Operation = Callable[[dict[str, Any]], Awaitable[str]]
"""Takes the arguments of an operation, and returns its result, JSON text; raises ControlError."""


class ControlObject:
    """Answers calls of the control object; `operations` are known by their names in camelCase."""

    def __init__(self, operations: Mapping[str, Operation] | None = None) -> None:
        self.operations: Mapping[str, Operation] = operations or {}

    async def answer(self, interface: str | None, member: str, signature: str, arguments: list[Any]) -> Reply | Failure:
        """Carry out a call of the object and return its answer."""
        if interface == INTROSPECTABLE and member == "Introspect":
            return Reply("s", (introspection(self._described()),))
        operation = self.operations.get(member[:1].lower() + member[1:]) if member[:1].isupper() else None
        if operation is None or interface not in (None, CONTROL_INTERFACE):
            return Failure(ERROR_UNKNOWN_METHOD, f"No handler for method {interface}.{member}")
        if signature not in ("", "s"):
            text = f"{member} takes one text, the JSON object of its arguments, and not the types ({signature})."
            return Failure(_INVALID_ARGUMENTS, text)
        return await _carried_out(operation, member, arguments[0] if arguments else "")

    def _described(self) -> str:
        methods = "".join(
            f'  <method name="{name[:1].upper()}{name[1:]}"><arg type="s" name="arguments" direction="in"/>'
            '<arg type="s" name="result" direction="out"/></method>\n'
            for name in sorted(self.operations)
        )
        return f' <interface name="{CONTROL_INTERFACE}">\n{methods} </interface>\n'


async def _carried_out(operation: Operation, member: str, text: str) -> Reply | Failure:
    try:
        arguments = parse(text or "{}", f"the argument of {member}")
    except BadInput as problem:
        return Failure(_INVALID_ARGUMENTS, problem.detail)
    if not isinstance(arguments, dict):
        return Failure(_INVALID_ARGUMENTS, f"The argument of {member} is JSON, but no object: give {{}} for nothing.")
    try:
        result = await operation(arguments)
    except ControlError as problem:
        where = "" if problem.where is None else f"{problem.where}: "  # HTTP has a member for it
        return Failure(_ERRORS + problem.title, f"{where}{problem.detail}")
    except Exception:  # whatever it is, the caller must hear of it
        log.exception("the operation %s broke; this is a defect of ours, please report it", member)
        return Failure(ERROR_FAILED, f"The emulator broke on {member}.")
    return Reply("s", (result,))
