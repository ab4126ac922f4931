"""The plugin host, as the control API shows and moves it."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fakedobby.faults import Fault
from thunderoci.control.problem import Problem
from thunderoci.faulty import names_of
from thunderoci.host import CONTROLLER, EVERYWHERE, PluginHost
from thunderoci.ocicontainer import CALLSIGN
from thunderoci.service import Service, State


class HostSide:
    """The operations about plugins and who listens to them."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._host.clients)

    @property
    def listeners(self) -> int:
        """How many subscriptions there are."""
        return sum(len(service.subscriptions) for service in self._host)

    def state(self) -> dict[str, Any]:
        """Return what a state says of the plugins."""
        return {"plugins": self.plugins()}

    async def reset(self) -> None:
        """Bring the host back to how it was at the start, but for its connections."""
        await self._host.reset()

    def plugins(self) -> list[dict[str, str]]:
        """Return every plugin but the Controller, and what it is doing."""
        return [
            {"callsign": service.plugin.callsign, "state": service.state.value}
            for service in self._host
            if service.plugin.callsign != CONTROLLER
        ]

    def has_methods_of(self, fault: Fault) -> bool:
        """Tell whether any plugin has a method that a fault is for."""
        anywhere = replace(fault, container="*")
        return any(
            anywhere.meets(names_of(service.plugin.callsign, method), None)
            for service in self._host
            for method in (*service.plugin.methods, *EVERYWHERE)
        )

    async def set_plugins(self, plugins: list[dict[str, str]], *, dry: bool = False) -> None:
        """Bring plugins into states without an event, or with `dry` only see whether it is possible."""
        for number, plugin in enumerate(plugins):
            where = f"$.plugins[{number}].callsign"
            service = self._service(plugin["callsign"], where)
            if service.plugin.callsign == CONTROLLER:
                raise Problem(HTTPStatus.CONFLICT, "The Controller is always activated.", where=where)
            state = State(plugin["state"])
            if dry:
                continue
            if state is State.ACTIVATED:
                await self._host.activate(service)
            else:
                await self._host.deactivate(service, state)

    async def list_subscriptions(self, _: dict[str, Any]) -> Any:
        """Return who listens to what, of each plugin in the order in which it was asked for."""
        return {
            "subscriptions": [
                {
                    "callsign": service.plugin.callsign,
                    "event": event,
                    "id": client_id,
                    "client": self._host.conversations.number_of(client),
                }
                for service in self._host
                for event, client, client_id in service.subscriptions
            ]
        }

    async def send_event(self, arguments: dict[str, Any]) -> Any:
        """Send an event to whoever listens, as if the plugin had sent it."""
        callsign, event = arguments.get("callsign", CALLSIGN), arguments["event"]
        service = self._service(callsign)
        listeners = service.subscriptions.of(event) if service.active else []
        params = json.dumps(arguments.get("params", {}), separators=(",", ":"), ensure_ascii=False)
        self._host.emit(callsign, event, params)
        return {"delivered": len(listeners)}

    def _service(self, callsign: str, where: str | None = None) -> Service:
        service = self._host.service_at(callsign)
        if service is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no plugin {callsign!r}.", where=where)
        return service
