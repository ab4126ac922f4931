"""What lasts from a run's first request to its last: the target, the containers, and whether the target is there."""

import secrets

from conformance import judge, message
from conformance.containers import Containers
from conformance.errors import NotThunder, PluginMissing, TargetError
from conformance.exchange import Exchange
from conformance.loop import Loop
from conformance.target import Target

_PLUGIN_MISSING = frozenset({2, 5, -32603})
"""How Thunder says that there is no such plugin, or that it is not active."""
_HTTP_ERROR = 400
"""From this status on, an answer without JSON says that nobody serves the plugin at this path, or not to us."""


class Run:
    """One run against ``target``; ``bundle_path`` is a bundle as the target sees it, empty when there is none."""

    def __init__(self, target: Target, bundle_path: str, loop: Loop) -> None:
        self.target = target
        self.loop = loop
        self.bundle_path = bundle_path
        self.id = secrets.token_hex(4)
        self.containers = Containers(self.id)
        self.lost: TargetError | None = None
        """Why the target is gone, once it is."""

    async def probe(self) -> None:
        """Make sure that the plugin is there. Raises TargetError."""
        exchange = await self.target.post(self.target.request(message.documented("listContainers")))
        code = _error_code(exchange)
        if code in _PLUGIN_MISSING:
            raise PluginMissing(url=self.target.url, code=code)
        if exchange.status >= _HTTP_ERROR and code is None:
            raise NotThunder(url=self.target.url, status=exchange.status, reason=exchange.reason)

    async def look_after(self) -> None:
        """After a request without an answer: note in ``lost`` whether the target answers nothing any more."""
        if self.loop.interrupted:
            return  # it was us who hung up
        try:
            await self.probe()
        except TargetError as error:
            self.lost = error


def _error_code(exchange: Exchange) -> object:
    """Return the code of the JSON-RPC error in an answer, 0 when it is another JSON object, None when it is none."""
    try:
        answer = judge.strict_json(exchange.body)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0
