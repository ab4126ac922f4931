"""The Controller: the plugin that a request without a callsign goes to, and that runs the others.

Source of the rules: facts/thunder.md C, "Controller".
"""

import os
from collections.abc import Mapping
from types import MappingProxyType

from thunderoci.errors import Failed, Failure
from thunderoci.host import CONTROLLER, PluginHost
from thunderoci.plugin import Call, Emit, Method, Version
from thunderoci.quirks import UNQUOTED_ENVIRONMENT
from thunderoci.rawjson import Raw, decode_string, is_string, quote
from thunderoci.service import Service, State

_BUILD_HASH = "engineering_build_for_debug_purpose_only"
_SUBSYSTEMS = (
    "Platform",
    "Security",
    "Network",
    "Identifier",
    "Graphics",
    "Internet",
    "Location",
    "Time",
    "Provisioning",
    "Decryption",
    "WebSource",
    "Streaming",
    "Bluetooth",
    "Cryptography",
)
_ACTIVE_SUBSYSTEMS = {"Platform", "Security"}
BOX: Mapping[str, str] = MappingProxyType({"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin"})
"""The environment variables of a box. Ours hold secrets, and every web page can ask for them."""
_REQUESTED = "Requested"


class Controller:
    """The Controller of one host; `host` is set when the host is made of it and the other plugins."""

    callsign = CONTROLLER
    classname = CONTROLLER
    locator = ""
    version = Version(1)
    host: PluginHost

    def __init__(self, environment: Mapping[str, str] = BOX) -> None:
        self._variables = environment
        self._emit: Emit = lambda *_: None
        self.methods: Mapping[str, Method] = {
            "activate": self._activate,
            "deactivate": self._deactivate,
            "unavailable": self._unavailable,
            "suspend": self._suspend,
            "resume": self._suspend,
            "hibernate": self._hibernate,
            "status": self._status,
            "configuration": self._configuration,
            "environment": self._environment,
            "version": self._version,
            "subsystems": self._subsystems,
            "links": self._links,
            "processinfo": self._process_info,
            "proxies": self._nothing_listed,
            "discoveryresults": self._nothing_listed,
            "startdiscovery": self._done,
            "storeconfig": self._store,
            "persist": self._store,
        }

    async def activate(self, emit: Emit) -> None:
        """Begin to tell of the other plugins."""
        self._emit = emit

    async def deactivate(self) -> None:
        """Do nothing: nobody can ask for it."""

    async def set_state(self, service: Service, state: State) -> None:
        """Bring a plugin into a state, and tell whoever listens; raises Failed where Thunder does."""
        if service.state is state:
            return
        if state is State.ACTIVATED:
            if service.state is State.UNAVAILABLE:
                raise Failed(Failure.ILLEGAL_STATE, f"{service.plugin.callsign} is unavailable: deactivate it first")
            await self.host.activate(service)
        else:
            await self.host.deactivate(service, state)
        self._tell(service.plugin.callsign, state)

    def _tell(self, callsign: str, state: State) -> None:
        name = quote(callsign)
        self._emit(
            "statechange",
            f'{{"callsign":{name},"state":"{state.value.capitalize()}","reason":"{_REQUESTED}"}}',
        )
        self._emit("all", f'{{"callsign":{name},"data":{{"state":"{state.value}","reason":"{_REQUESTED}"}}}}')

    async def _activate(self, call: Call) -> Raw:
        await self.set_state(self._other(call), State.ACTIVATED)
        return "null"

    async def _deactivate(self, call: Call) -> Raw:
        await self.set_state(self._other(call), State.DEACTIVATED)
        return "null"

    async def _unavailable(self, call: Call) -> Raw:
        await self.set_state(self._other(call), State.UNAVAILABLE)
        return "null"

    async def _suspend(self, call: Call) -> Raw:
        raise Failed(Failure.UNAVAILABLE, f"{self._other(call).plugin.callsign} can't be suspended or resumed")

    async def _hibernate(self, call: Call) -> Raw:
        callsign = _callsign(call)
        if callsign in {"", CONTROLLER}:
            raise Failed(Failure.NOTHING_TO_HIBERNATE, "the callsign of a plugin is needed")
        raise Failed(Failure.IN_PROCESS, f"{self._named(callsign).plugin.callsign} runs in the host's own process")

    def _other(self, call: Call) -> Service:
        """Return the plugin that params name; raises Failed for the Controller itself and for unknown ones."""
        callsign = _callsign(call)
        if callsign == CONTROLLER:
            raise Failed(Failure.PRIVILEGED, "the Controller does not do that to itself")
        return self._named(callsign)

    def _named(self, callsign: str) -> Service:
        service = self.host.service_at(callsign)
        if service is None:
            raise Failed(Failure.UNKNOWN_KEY, f"there is no plugin {callsign!r}")
        return service

    async def _status(self, call: Call) -> Raw:
        return self.status(call.instance)

    def status(self, callsign: str = "") -> Raw:
        """Return the status of one plugin as a list of one, or without a callsign of all; raises Failed."""
        services = [self._named(callsign)] if callsign else list(self.host)
        return f"[{','.join(map(self._status_of, services))}]"

    def _status_of(self, service: Service) -> Raw:
        plugin, version = service.plugin, service.plugin.version
        numbers = f'"major":{version.major},"minor":{version.minor},"patch":{version.patch}'
        if plugin.callsign == CONTROLLER:
            begin = f'"callsign":"{CONTROLLER}","classname":"{CONTROLLER}","configuration":{{"subsystems":[]}}'
            module = "Application"
        else:
            begin = (
                f'"callsign":{quote(plugin.callsign)},"locator":{quote(plugin.locator)},'
                f'"classname":{quote(plugin.classname)},"autostart":true,"precondition":["Platform"]'
            )
            module = f"Plugin_{plugin.classname}"
            numbers = f'"hash":"{_BUILD_HASH}",{numbers}'
        return (
            f'{{{begin},"startmode":"Activated","state":"{service.state.value}","observers":0,'
            f'"module":{quote(module)},{numbers + "," if self.host.flavour.flat_version else ""}'
            f'"version":{{{numbers}}}}}'
        )

    async def _configuration(self, call: Call) -> Raw:
        self._named(call.instance)
        return self.host.flavour.no_configuration

    async def _environment(self, call: Call) -> Raw:
        value = self.environment(call.instance)
        # R4.4.1 forgets the quotes, which makes an answer that is no JSON
        return value[1:-1] if self.host.flavour.old_parser and self.host.switches.on(UNQUOTED_ENVIRONMENT) else value

    def environment(self, name: str) -> Raw:
        """Return the value of an environment variable of the box, "" when there is none."""
        return quote(self._variables.get(name, ""))

    async def _version(self, _call: Call) -> Raw:
        return self.version_text()

    def version_text(self) -> Raw:
        """Return Thunder's own version."""
        major, minor, patch = self.host.flavour.version
        return f'{{"hash":"{_BUILD_HASH}","major":{major},"minor":{minor},"patch":{patch}}}'

    async def _subsystems(self, _call: Call) -> Raw:
        return self.subsystems()

    def subsystems(self) -> Raw:
        """Return which parts of the box are there."""
        entries = (
            f'{{"subsystem":"{name}","active":{"true" if name in _ACTIVE_SUBSYSTEMS else "false"}}}'
            for name in _SUBSYSTEMS
        )
        return f"[{','.join(entries)}]"

    async def _links(self, _call: Call) -> Raw:
        return self.links()

    def links(self) -> Raw:
        """Return the open connections."""
        entries = (
            f'{{"remote":{quote(client.remote)},"state":"{client.kind}","activity":true,"id":{client.number}}}'
            for client in sorted(self.host.clients, key=lambda client: client.number)
        )
        return f"[{','.join(entries)}]"

    async def _process_info(self, _call: Call) -> Raw:
        return self.process_info()

    def process_info(self) -> Raw:
        """Return the host's threads; there are four for calls, and they are idle."""
        threads = ",".join(f'{{"id":"{os.getpid() + number}","job":"","runs":0}}' for number in range(4))
        return f'{{"threads":[{threads}],"pending":[]}}'

    async def _nothing_listed(self, _call: Call) -> Raw:
        return "[]"

    async def _done(self, _call: Call) -> Raw:
        return "null"

    async def _store(self, _call: Call) -> Raw:
        if not self.host.flavour.stores_configuration:
            raise Failed(Failure.UNAVAILABLE, "this Thunder stores no configuration")
        # nothing is written: there is no configuration that could have changed
        return "null"


def _callsign(call: Call) -> str:
    raw = call.members.get("callsign", "")
    return decode_string(raw) if is_string(raw) else ""
