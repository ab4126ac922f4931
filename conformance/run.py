"""What lasts from a run's first request to its last: the target, its profile, its containers, whether it is there."""

import json
import secrets
from typing import Any

from conformance import spec
from conformance.containers import Containers
from conformance.errors import NotThunder, PluginMissing, TargetError, TokenWanted
from conformance.exchange import Exchange
from conformance.judge import Judge, strict_json
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.loop import Interruptible
from conformance.settings import AUTO, Settings
from conformance.target import Target

_TOKEN_WANTED = frozenset({401, 403})
_PLUGIN_MISSING = frozenset({2, 5, -32603})
"""How Thunder says that there is no such plugin, or that it is not active."""
_HTTP_ELSEWHERE = 300
"""From this status on, an answer without JSON says that nobody serves the plugin at this path, or not to us."""


class Run:
    """One run against ``target``, as ``settings`` ask; before anything else comes ``probe``."""

    spec: spec.Specification
    judge: Judge

    def __init__(self, target: Target, settings: Settings, loop: Interruptible) -> None:
        self.target = target
        self.settings = settings
        self.loop = loop
        self.callsign = settings.callsign
        self.bundle_path = settings.bundle_path
        self.id = secrets.token_hex(4)
        self.containers = Containers(self.id)
        self.lost: TargetError | None = None
        """Why the target is gone, once it is."""
        self.probed = False
        """Whether ``spec`` and ``judge`` are there."""
        self.websockets = 0
        """How many WebSockets the target has opened."""
        self.no_websocket = ""
        """Why the target opens no WebSocket, when it refused the first."""

    async def probe(self) -> None:
        """Make sure that the plugin is there, and find out which profile it has. Raises TargetError."""
        message = await self._look()
        profile = self.settings.effective_profile
        self.spec = spec.load(_profile_of(message) if profile == AUTO else profile)
        self.judge = Judge(self.spec)
        self.probed = True

    async def look_after(self) -> None:
        """After a request without an answer: note in ``lost`` whether the target answers nothing any more."""
        if self.loop.interrupted:
            return  # it was us who hung up
        try:
            await self._look()
        except TargetError as error:
            self.lost = error

    def preferred_start(self) -> str:
        """Return the method by which cases start containers that could be started by any."""
        return FROM_BUNDLE if FROM_SPEC in self.containers.unable and self.bundle_path else FROM_SPEC

    async def quietly(self, method: str, **params: Any) -> Any:
        """Call a method that nobody judges; return the answer's message, None when it is none."""
        try:
            return json.loads((await self._call(method, params)).body)
        except (TargetError, ValueError, RecursionError):
            return None

    async def listed(self) -> set[str] | None:
        """Return the ids that the target lists, None when its listing cannot be read."""
        try:
            ids = [entry["Id"] for entry in (await self.quietly("listContainers"))["result"]["containers"]]
        except (LookupError, TypeError):
            return None
        return {container_id for container_id in ids if isinstance(container_id, str)}

    async def _look(self) -> Any:
        """Return what listContainers answers, None when it is no JSON. Raises TargetError when there is no plugin."""
        exchange = await self._call("listContainers", None)
        try:
            message = strict_json(exchange.body)
        except ValueError:
            message = None
        code = _error_code(message)
        if code in _PLUGIN_MISSING:
            raise PluginMissing(callsign=self.callsign, url=self.target.url, code=code)
        if isinstance(message, dict):
            return message
        facts = {"url": self.target.url, "status": exchange.status, "reason": exchange.reason}
        if exchange.status in _TOKEN_WANTED:
            raise TokenWanted(**facts)
        page = _is_page(exchange)
        if exchange.status >= _HTTP_ELSEWHERE or page:
            # nothing is sent to a stranger beyond this one question
            raise NotThunder(**facts, more=" with a page" if page else "")
        return message

    async def _call(self, method: str, params: dict[str, Any] | None) -> Exchange:
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": f"{self.callsign}.1.{method}"}
        if params:
            message["params"] = params
        return await self.target.post(self.target.request(json.dumps(message).encode()))


def _is_page(exchange: Exchange) -> bool:
    """Tell whether an answer is a page for people, as of a router or a portal."""
    kind = exchange.header("Content-Type") or ""
    return "html" in kind.lower() or exchange.body.lstrip()[:1] == b"<"


def _profile_of(message: Any) -> str:
    """Return the profile of a plugin that answers listContainers so: the newer one always gives a reason."""
    result = message.get("result") if isinstance(message, dict) else None
    return "entservices" if isinstance(result, dict) and "errorReason" in result else "rdkservices"


def _error_code(message: Any) -> object:
    """Return the code of the JSON-RPC error in an answer, None when there is none."""
    error = message.get("error") if isinstance(message, dict) else None
    return error.get("code") if isinstance(error, dict) else None
