"""The Controller over plain HTTP: what a request without a JSON-RPC message gets.

Source of the rules: facts/thunder.md A.1, A.2 and C.
"""

from thunderoci.answer import JSON_HEADERS, NO_RESPONSE, Answer
from thunderoci.controller import Controller
from thunderoci.errors import Failed
from thunderoci.host import CONTROLLER, PluginHost
from thunderoci.rawjson import Raw
from thunderoci.service import State

_STATES = {"Activate": State.ACTIVATED, "Deactivate": State.DEACTIVATED}
_OK = Answer(b"200 OK")


class Rest:
    """What the Controller answers below /Service/Controller, and to /jsonrpc when there is no message."""

    def __init__(self, host: PluginHost, controller: Controller) -> None:
        self._host = host
        self._controller = controller

    async def controller(self, verb: bytes, below: bytes = b"") -> Answer:
        """Answer a request to the Controller; `below` is its path below the Controller's own."""
        path = below.partition(b"?")[0].decode("latin-1").strip("/")
        match verb:
            case b"GET":
                return _shown(self._get(*path.partition("/")[::2]))
            case b"PUT":
                return await self._put(*path.partition("/")[::2])
            case b"DELETE":
                return _OK
            case b"POST":
                return Answer(b"400 There are no POST handlers!")
        return NO_RESPONSE

    def _get(self, what: str, which: str) -> Raw:
        controller = self._controller
        plugins = f'"plugins":{controller.status()}'
        channels = f'"channels":{controller.links()}'
        server = f'"server":{controller.process_info()}'
        answers = {
            "": f"{{{plugins},{channels},{server}}}",
            "Plugins": f"{{{plugins}}}",
            "Plugin": f'{{"plugins":{controller.status(which)}}}' if self._host.service_at(which) else "",
            "Links": f"{{{channels}}}",
            "SubSystems": controller.subsystems(),
            "Version": controller.version_text(),
            "Process": f"{{{server}}}",
            "Environment": controller.environment(which),
        }
        return answers.get(what, "")

    async def _put(self, what: str, callsign: str) -> Answer:
        state = _STATES.get(what)
        if state is None:
            return _OK
        if callsign == CONTROLLER:
            return Answer(b"403 The PluginHost Controller can not be %b." % state.value.encode())
        service = self._host.service_at(callsign)
        if service is None:
            return Answer(b"404 There is no callsign: %b" % callsign.encode("latin-1"))
        try:
            await self._controller.set_state(service, state)
        except Failed:
            return Answer(b"405 The service is in an illegal state!!!.")
        return _OK


def _shown(body: Raw) -> Answer:
    return Answer(b"200 OK", JSON_HEADERS, body.encode())
