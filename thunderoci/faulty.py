"""What faults do to the calls of plugins, and what a call is to a fault (no I/O)."""

from collections.abc import Awaitable, Callable

from fakedobby.emulation import Emulation
from fakedobby.faults import PLUGIN, Fault
from thunderoci.errors import RPCError
from thunderoci.jsonstrings import NotJSON, Raw
from thunderoci.jsonvalue import raw_of, replaced
from thunderoci.rawjson import is_string, members_of, text_of

CALLSIGN = "org.rdk.OCIContainer"
"""The plugin whose methods go by their plain names."""

_BEFORE = frozenset({"error", "delay", "event", "deactivate"})
_AFTER = frozenset({"field"})


Names = tuple[str, ...]
"""What a call goes by, the plainest name first."""


def names_of(callsign: str, method: str) -> Names:
    """Return the names of a method: plain for org.rdk.OCIContainer, and behind the callsign for every plugin."""
    full = f"{callsign}.{method}"
    return (method, full) if callsign == CALLSIGN else (full,)


def container_of(params: Raw | None) -> str | None:
    """Return the container id in the params of a call."""
    try:
        raw = members_of(params or "null").get("containerId", "")
    except NotJSON:
        return None
    return text_of(raw) if is_string(raw) else None


class FaultyPlugins:
    """Lets faults strike the calls of plugins.

    `wait(seconds)` waits on the emulator's clock; `emit(callsign, event, params)` sends an event.
    """

    def __init__(
        self,
        emulation: Emulation,
        wait: Callable[[float], Awaitable[object]],
        emit: Callable[[str, str, Raw], None],
    ) -> None:
        self._faults = emulation.faults
        self._ghosts = emulation.ghosts
        self._wait = wait
        self._emit = emit

    async def call(
        self,
        callsign: str,
        method: str,
        params: Raw | None,
        carry_out: Callable[[], Awaitable[Raw]],
        deactivate: Callable[[], Awaitable[None]] | None,
    ) -> Raw:
        """Return the result of a call as the faults that strike it will have it; raises what they or the call raise.

        `deactivate` is None for the plugin that can't be deactivated.
        """
        names, container = names_of(callsign, method), container_of(params)
        seconds = 0.0
        error: RPCError | None = None
        for fault in self._faults.strike(PLUGIN, names, container, _BEFORE if deactivate else _BEFORE - {"deactivate"}):
            match fault.kind:
                case "event":
                    self._send(callsign, fault)
                case "deactivate" if deactivate:
                    await deactivate()
                case "delay":
                    seconds += fault.options["seconds"]
                case "error":
                    error = _error(fault)
        try:
            if error is not None:
                raise error
            result = await carry_out()
        finally:
            if seconds:
                await self._wait(seconds)
        for fault in self._faults.strike(PLUGIN, names, container, _AFTER):
            value = raw_of(fault.options["value"]) if "value" in fault.options else None
            result = replaced(result, fault.options["field"], value)
        return result

    def _send(self, callsign: str, fault: Fault) -> None:
        event, params = fault.options["event"], raw_of(fault.options.get("params", {}))
        self._ghosts.later_by(fault, self._emit, callsign, event, params)


def _error(fault: Fault) -> RPCError:
    """Return the error that a fault asks for; without a code it is the one that all failures of a plugin become."""
    code = fault.options.get("code")
    message = fault.options.get("message", "ERROR_GENERAL" if code is None else None)
    return RPCError(1 if code is None else code, message)
