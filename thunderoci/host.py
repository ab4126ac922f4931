"""The plugin host: finds the plugin that a request means and gives the answer that Thunder would give.

Source of the rules: facts/thunder.md B.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from thunderoci.designator import Designator, is_number, parse_designator, version_of
from thunderoci.errors import Failed, Failure, RPCError
from thunderoci.message import Rejected, Request, Response, parse_request, write_error, write_rejection, write_result
from thunderoci.profiles import Flavour
from thunderoci.quirks import SILENCE, Quirks
from thunderoci.rawjson import Members, NotJSON, Raw, members_of

log = logging.getLogger(__name__)

Method = Callable[[Members], Awaitable[Raw]]
"""Takes the members of params, none where params are no object, and returns the result. Raises Failed."""

CONTROLLER = "Controller"


class Plugin(Protocol):
    """What the host needs to know of a plugin."""

    callsign: str
    version: int
    methods: Mapping[str, Method]


class Controller:
    """The plugin that a request without a callsign goes to; it has no methods yet."""

    callsign = CONTROLLER
    version = 1
    methods: Mapping[str, Method] = {}


class Client:
    """One connection of a client; `push` takes a whole event message."""

    def __init__(self, push: Callable[[bytes], None]) -> None:
        self.push = push


class RestAnswer(NamedTuple):
    """The answer to a request without JSON-RPC."""

    status: bytes
    headers: bytes
    body: bytes


class PluginHost:
    """Answers JSON-RPC messages from the methods of its plugins."""

    def __init__(self, flavour: Flavour, plugins: Iterable[Plugin], quirks: Quirks = frozenset()) -> None:
        self.flavour = flavour
        self.quirks = quirks
        self._controller = Controller()
        self._plugins: dict[str, Plugin] = {plugin.callsign: plugin for plugin in (self._controller, *plugins)}

    def plugin_at(self, callsign: str) -> Plugin | None:
        """Return the plugin of exactly this callsign."""
        return self._plugins.get(callsign)

    def disconnect(self, client: Client) -> None:
        """Forget a client whose connection is gone."""

    async def rest(self, verb: bytes, path: bytes, body: bytes) -> RestAnswer:  # noqa: ARG002 (no Controller yet)
        """Return the answer to a request without JSON-RPC."""
        if verb == b"POST":
            return RestAnswer(b"400 There are no POST handlers!", b"", b"")
        return RestAnswer(b"500 There is no response from the requested service.", b"", b"")

    def rejected(self, rejected: Rejected) -> Response | None:
        """Return the answer to what is no request; None when a quirk keeps the host silent."""
        if SILENCE in self.quirks:
            return None
        log.warning("rejected a request that a real box would never answer: %s", rejected)
        return write_rejection(rejected.error)

    async def answer(self, body: bytes, direct: Plugin | None = None) -> Response | None:
        """Return the answer to the message in `body`; None for a notification, which has none."""
        try:
            request = parse_request(body)
        except Rejected as rejected:
            return self.rejected(rejected)
        return await self.handle(request, Client(log.debug), direct)

    async def handle(self, request: Request, client: Client, direct: Plugin | None = None) -> Response | None:  # noqa: ARG002 (no events yet)
        """Return the answer to a request; None for a notification, which has none.

        `direct` is the plugin that the path of the request names; the callsign in the message does not count then.
        """
        try:
            result = await self._invoke(request, direct)
        except Failed as failed:
            log.info("%s failed: %s", request.method, failed)
            return self._failure(request, failed.failure)
        except Exception:
            log.exception("%s broke; this is a defect of ours, please report it", request.method)
            return self._failure(request, Failure.GENERAL)
        return None if request.id is None else write_result(request.id, result)

    def _failure(self, request: Request, failure: Failure) -> Response | None:
        return None if request.id is None else write_error(request.id, RPCError(*self.flavour.errors[failure]))

    async def _invoke(self, request: Request, direct: Plugin | None) -> Raw:
        designator = parse_designator(request.method)
        plugin, version = (direct, designator.version) if direct else self._find(designator)
        if version not in (None, plugin.version):
            raise Failed(Failure.UNSUPPORTED_VERSION, f"{plugin.callsign} has version {plugin.version} only")
        method = plugin.methods.get(designator.method)
        if method is None:
            raise Failed(Failure.UNKNOWN_METHOD, f"{plugin.callsign} has no method {designator.method!r}")
        return await method(_members(request.params))

    def _find(self, designator: Designator) -> tuple[Plugin, int | None]:
        """Return the plugin and the version that a designator means; raises Failed.

        A callsign matches a plugin when something separated by a dot follows, too. Only a number may follow, though the
        host then goes by the version that it split off before.
        """
        callsign = designator.callsign
        if callsign is None:
            return self._controller, designator.version
        plugin = self._plugins.get(callsign)
        if plugin is not None:
            return plugin, designator.version
        for candidate in self._plugins.values():
            head, dot, rest = callsign.partition(candidate.callsign + ".")
            if dot and not head:
                if not is_number(rest):
                    raise Failed(Failure.INVALID_SIGNATURE, f"{rest!r} is no version")
                return candidate, version_of(rest) if designator.version is None else designator.version
        raise Failed(Failure.UNKNOWN_CALLSIGN, f"there is no plugin {callsign!r}")


def _members(params: Raw | None) -> Members:
    try:
        return members_of(params or "null")
    except NotJSON:  # an array, a string, a number: the same as none at all
        return {}
