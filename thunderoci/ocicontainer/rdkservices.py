"""The plugin as rdkservices builds it: every failure becomes ERROR_GENERAL, every success carries `success:true`.

Source of the rules: facts/thunder.md D.1 and D.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from thunderoci.errors import Failed, Failure
from thunderoci.ocicontainer.lookup import Listing, find
from thunderoci.plugin import Call, Emit, Method, Version
from thunderoci.profiles import Flavour
from thunderoci.quirks import NONE, Quirks
from thunderoci.rawjson import (
    Members,
    NotJSON,
    Raw,
    decode_string,
    is_string,
    members_of,
    option_of,
    quote,
    rewrite_object,
    text_of,
)

if TYPE_CHECKING:  # a plugin makes no I/O of its own, and so loads no D-Bus
    from thunderoci.dobby import DobbyProxy

_NO_SUCCESS = "Dobby did not do it, and does not say why; its own log does"
_SUCCESS: Raw = '{"success":true}'
_STATES = ("Invalid", "Starting", "Running", "Stopping", "Paused", "Unknown", "Unknown", "Unknown")
"""By the number that Dobby's GetState gives; the three kinds of hibernation have no name in this generation."""

_EVENTS = {"Started": "onContainerStarted", "Awoken": "onContainerStarted", "Stopped": "onContainerStopped"}
"""Which signal of Dobby's becomes which event (facts/thunder.md D.4)."""


class OCIContainer:
    """org.rdk.OCIContainer 1.0, driving containers through `dobby`."""

    callsign = "org.rdk.OCIContainer"
    classname = "OCIContainer"
    locator = "libWPEFrameworkOCIContainerLegacy.so"
    version = Version(1, 0, 4)

    def __init__(self, dobby: DobbyProxy, flavour: Flavour, quirks: Quirks = NONE) -> None:
        self._dobby = dobby
        self._listing = Listing(dobby, quirks)
        self._flavour = flavour
        self._quirks = quirks
        self._dialect = flavour.dialect(quirks)
        self.methods: Mapping[str, Method] = {
            "listContainers": self._list_containers,
            "getContainerState": self._get_container_state,
            "getContainerInfo": self._get_container_info,
            "startContainer": self._start_container,
            "startContainerFromDobbySpec": self._start_container_from_dobby_spec,
            "stopContainer": self._stop_container,
            "pauseContainer": self._pause_container,
            "resumeContainer": self._resume_container,
            "executeCommand": self._execute_command,
        }

    async def activate(self, emit: Emit) -> None:
        """Take the plugin's name on the bus, and hear what Dobby tells of its containers."""
        self._emit = emit
        await self._dobby.listen(self._heard)

    async def deactivate(self) -> None:
        """Hear no more of Dobby."""
        await self._dobby.stop_listening()

    def _heard(self, signal: str, descriptor: int, container_id: str) -> None:
        """Turn a signal of Dobby's into the event of this generation; the descriptor is a string in it."""
        if event := _EVENTS.get(signal):
            self._emit(event, f'{{"descriptor":"{descriptor}","name":{quote(container_id)}}}')

    async def _list_containers(self, _call: Call) -> Raw:
        return f'{{"containers":{await self._listing.shown()},"success":true}}'

    async def _get_container_state(self, call: Call) -> Raw:
        params = call.members
        container_id = self._string(params, "containerId")
        state = await self._dobby.get_state(await self._find(container_id))
        name = _STATES[state] if state is not None and 0 <= state < len(_STATES) else "Invalid"
        return f'{{"containerId":{quote(container_id)},"state":"{name}","success":true}}'

    async def _get_container_info(self, call: Call) -> Raw:
        params = call.members
        info = await self._dobby.get_info(await self._find(self._string(params, "containerId")))
        if info is None:
            raise Failed(Failure.GENERAL, _NO_SUCCESS)
        try:
            shown = self._flavour.show_info(info, self._quirks)
        except NotJSON as problem:
            raise Failed(Failure.GENERAL, f"Dobby's information is no JSON object: {problem}") from None
        return f'{{"info":{shown},"success":true}}'

    async def _start_container(self, call: Call) -> Raw:
        params = call.members
        container_id = self._string(params, "containerId")
        path = self._string(params, "bundlePath")
        return _started(await self._dobby.start_from_bundle(container_id, path, *self._options(params)))

    async def _start_container_from_dobby_spec(self, call: Call) -> Raw:
        params = call.members
        container_id = self._string(params, "containerId")
        spec = self._object(params["dobbySpec"]) if "dobbySpec" in params else self._flavour.missing_object
        return _started(await self._dobby.start_from_spec(container_id, spec, *self._options(params)))

    async def _stop_container(self, call: Call) -> Raw:
        params = call.members
        descriptor = await self._find(self._string(params, "containerId"))
        return _done(await self._dobby.stop(descriptor, force=params.get("force") == "true"))

    async def _pause_container(self, call: Call) -> Raw:
        params = call.members
        return _done(await self._dobby.pause(await self._find(self._string(params, "containerId"))))

    async def _resume_container(self, call: Call) -> Raw:
        params = call.members
        return _done(await self._dobby.resume(await self._find(self._string(params, "containerId"))))

    async def _execute_command(self, call: Call) -> Raw:
        params = call.members
        container_id = self._string(params, "containerId")
        command = self._string(params, "command")
        # the plugin stringifies an absent member as "null", which crun then takes for a container id and refuses
        options = text_of(params["options"], self._dialect) if "options" in params else "null"
        return _done(await self._dobby.execute(await self._find(container_id), options, command))

    def _string(self, params: Members, name: str) -> str:
        """Return a mandatory text; raises Failed when it is not there or has another type."""
        raw = params.get(name, "")
        if is_string(raw):
            return text_of(raw, self._dialect)
        if raw == "null" and self._flavour.null_is_string:
            return ""
        raise Failed(Failure.GENERAL, f"the string {name!r} is missing, or no string")

    async def _find(self, container_id: str) -> int:
        """Return the descriptor of the container that an id means; raises Failed."""
        descriptor = await find(self._dobby, container_id)
        if descriptor is None:
            raise Failed(Failure.GENERAL, f"Dobby runs no container {container_id!r}")
        return descriptor

    def _options(self, params: Members) -> tuple[str, str]:
        command, display = (option_of(params.get(name), self._dialect) for name in ("command", "westerosSocket"))
        return command, display

    def _object(self, raw: Raw) -> Raw:
        """Return an object parameter as the plugin hands it on; a string may hold one, everything else becomes {}."""
        try:
            members = members_of(decode_string(raw) if is_string(raw) else raw, self._dialect)
        except NotJSON:
            return "{}"
        return rewrite_object(members, self._dialect)


def _started(descriptor: int) -> Raw:
    if descriptor <= 0:
        raise Failed(Failure.GENERAL, _NO_SUCCESS)
    return f'{{"descriptor":{descriptor},"success":true}}'


def _done(success: bool) -> Raw:
    if not success:
        raise Failed(Failure.GENERAL, _NO_SUCCESS)
    return _SUCCESS
