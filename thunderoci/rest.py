"""The Controller over plain HTTP: what a request without a JSON-RPC message gets.

Source of the rules: facts/thunder.md A.1, A.2 and C.
"""

from typing import NamedTuple

from thunderoci.controller import Controller
from thunderoci.errors import Failed
from thunderoci.host import CONTROLLER, PluginHost, State
from thunderoci.rawjson import Raw, quote

_STATES = {"Activate": State.ACTIVATED, "Deactivate": State.DEACTIVATED}


class RestAnswer(NamedTuple):
    """An answer without JSON-RPC: status line, body, and which headers go with it."""

    status: str
    body: Raw = ""
    common: bool = True
    """Whether the headers that every answer of a plugin has are there."""
    json: bool = False
    """Whether the answer says that it is JSON, also when it is empty."""
    preflight: bool = False
    """Whether it has the headers that answer a browser's preflight."""


NO_RESPONSE = RestAnswer("500 There is no response from the requested service.")
_OK = RestAnswer("200 OK")


class Rest:
    """Answers for the path below /Service, and for /jsonrpc when there is no message."""

    def __init__(self, host: PluginHost, controller: Controller) -> None:
        self._host = host
        self._controller = controller

    async def service(self, verb: str, path: str) -> RestAnswer:
        """Answer a request for what is below /Service/; an empty path means the Controller."""
        callsign, _, rest = path.strip("/").partition("/")
        if verb == "OPTIONS":
            return RestAnswer("204 No Content", common=False, preflight=True)
        if callsign in {"", CONTROLLER}:
            return await self.controller(verb, rest)
        service = self._host.service_at(callsign)
        if service is None:
            return RestAnswer("400 After the //Service/ URL a Callsign is expected.", common=False)
        if not service.active:
            return RestAnswer("410 The requested service is currently in the deactivated mode.", common=False)
        return RestAnswer("503 The requested service is not loaded.", common=False)

    async def controller(self, verb: str, path: str = "") -> RestAnswer:
        """Answer a request to the Controller itself."""
        match verb:
            case "GET":
                return self._get(path)
            case "PUT":
                return await self._put(path)
            case "DELETE":
                return _OK
            case "POST":
                return RestAnswer("400 There are no POST handlers!")
        return NO_RESPONSE

    def _get(self, path: str) -> RestAnswer:
        head, _, rest = path.partition("/")
        controller = self._controller
        match head:
            case "":
                return _shown(
                    f'{{"plugins":{controller.status()},"channels":{controller.links()},'
                    f'"server":{controller.process_info()}}}'
                )
            case "Plugins":
                return _shown(f'{{"plugins":{controller.status()}}}')
            case "Plugin":
                try:
                    return _shown(f'{{"plugins":{controller.status(rest)}}}' if rest else "")
                except Failed:
                    return _shown("")
            case "Links":
                return _shown(f'{{"channels":{controller.links()}}}')
            case "SubSystems":
                return _shown(controller.subsystems())
            case "Version":
                return _shown(controller.version_text())
            case "Process":
                return _shown(f'{{"server":{controller.process_info()}}}')
            case "Environment":
                return _shown(quote(rest))
        return RestAnswer("400 Could not handle your request.")

    async def _put(self, path: str) -> RestAnswer:
        head, _, callsign = path.partition("/")
        state = _STATES.get(head)
        if state is None:
            return _OK
        if callsign == CONTROLLER:
            return RestAnswer(f"403 The PluginHost Controller can not be {state.value}.")
        service = self._host.service_at(callsign)
        if service is None:
            return RestAnswer(f"404 There is no callsign: {callsign}")
        try:
            await self._controller.set_state(service, state)
        except Failed:
            return RestAnswer("405 The service is in an illegal state.")
        return _OK


def _shown(body: Raw) -> RestAnswer:
    return RestAnswer("200 OK", body, json=True)
