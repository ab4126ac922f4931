"""The plugin as entservices builds it: every call succeeds, and its result says whether it did.

Source of the rules: facts/thunder.md D.2, D.3 and D.4.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from thunderoci.entservicesparams import EntservicesParams
from thunderoci.ocicontainer.lookup import Listing, find
from thunderoci.plugin import Call, Emit, Method, Version
from thunderoci.profiles import Flavour
from thunderoci.quirks import INVALID_INFO, NONE, Quirks
from thunderoci.rawjson import Raw, is_json, quote

if TYPE_CHECKING:  # a plugin makes no I/O of its own, and so loads no D-Bus
    from thunderoci.dobby import DobbyProxy

_STATES = ("INVALID", "STARTING", "RUNNING", "STOPPING", "PAUSED", "HIBERNATING", "HIBERNATED", "AWAKENING")
"""By the number that Dobby's GetState gives."""
_CHANGES = {"Started": "RUNNING", "Awoken": "RUNNING", "Stopped": "STOPPED", "Hibernated": "HIBERNATED"}
_EVENTS = {"Started": "onContainerStarted", "Awoken": "onContainerStarted", "Stopped": "onContainerStopped"}
"""What a signal of Dobby's says of the state, and which event it becomes besides."""


class OCIContainer:
    """org.rdk.OCIContainer of entservices, driving containers through `dobby`."""

    callsign = "org.rdk.OCIContainer"
    classname = "OCIContainer"
    locator = "libWPEFrameworkOCIContainer.so"
    version = Version(1)

    def __init__(self, dobby: DobbyProxy, flavour: Flavour, quirks: Quirks = NONE) -> None:
        self._dobby = dobby
        self._listing = Listing(dobby, quirks)
        self._flavour = flavour
        self._dialect = flavour.dialect(quirks)
        self._quirks = quirks
        self.methods: Mapping[str, Method] = {
            "listContainers": self._list_containers,
            "getContainerState": self._get_container_state,
            "getContainerInfo": self._get_container_info,
            "startContainer": self._start_container,
            "startContainerFromDobbySpec": self._start_container_from_dobby_spec,
            "stopContainer": self._stop_container,
            "pauseContainer": self._on_container(dobby.pause),
            "resumeContainer": self._on_container(dobby.resume),
            "hibernateContainer": self._on_container(dobby.hibernate, "options"),
            "wakeupContainer": self._on_container(dobby.wake),
            "executeCommand": self._on_container(dobby.execute, "options", "command"),
            "annotate": self._on_container(dobby.annotate, "key", "value"),
            "removeAnnotation": self._on_container(dobby.remove_annotation, "key"),
            "mount": self._on_container(dobby.mount, "source", "target"),
            "unmount": self._on_container(dobby.unmount, "target"),
        }

    async def activate(self, emit: Emit) -> None:
        """Take the plugin's name on the bus, and hear what Dobby tells of its containers."""
        self._emit = emit
        await self._dobby.listen(self._heard)

    async def deactivate(self) -> None:
        """Hear no more of Dobby."""
        await self._dobby.stop_listening()

    def _heard(self, signal: str, _descriptor: int, container_id: str) -> None:
        """Turn a signal of Dobby's into events; for each, the plugin looks the container up and uses nothing of it."""
        name = quote(container_id)
        self._dobby.list_in_vain()
        self._emit("onContainerStateChanged", f'{{"containerId":{name},"state":"{_CHANGES[signal]}"}}')
        if event := _EVENTS.get(signal):
            self._dobby.list_in_vain()
            self._emit(event, f'{{"containerId":{name},"name":{name}}}')

    def _params(self, call: Call, *booleans: str) -> EntservicesParams:
        return EntservicesParams(call.params, self._dialect, booleans)

    async def _list_containers(self, _call: Call) -> Raw:
        return _result(True, "", f'"containers":{await self._listing.shown()}')

    async def _get_container_state(self, call: Call) -> Raw:
        descriptor = await find(self._dobby, self._params(call).text("containerId"))
        if descriptor is None:
            return _result(False, "", '"state":"INVALID"')
        state = await self._dobby.get_state(descriptor)
        name = _STATES[state] if state is not None and 0 <= state < len(_STATES) else _STATES[0]
        return _result(True, "", f'"state":"{name}"')

    async def _get_container_info(self, call: Call) -> Raw:
        descriptor = await find(self._dobby, self._params(call).text("containerId"))
        if descriptor is None:
            return self._no_info("")
        info = await self._dobby.get_info(descriptor)
        if not info:
            return self._no_info("Failed to get info for container")
        if INVALID_INFO not in self._quirks and not is_json(info.encode()):
            return self._no_info("Dobby's information is no JSON")
        return _result(True, "", f'"info":{info}')

    def _no_info(self, reason: str) -> Raw:
        """Return the failure of getContainerInfo; R4.4.1 writes a member without a value, which is no JSON."""
        invalid = INVALID_INFO in self._quirks and not self._flavour.info_is_value
        return _result(False, reason, '"info":' if invalid else "")

    async def _start_container(self, call: Call) -> Raw:
        params = self._params(call)
        descriptor = await self._dobby.start_from_bundle(
            params.text("containerId"),
            params.text("bundlePath"),
            params.text("command"),
            params.text("westerosSocket"),
        )
        return _started(descriptor, "dobby start failed")

    async def _start_container_from_dobby_spec(self, call: Call) -> Raw:
        params = self._params(call)
        descriptor = await self._dobby.start_from_spec(
            params.text("containerId"), params.text("dobbySpec"), params.text("command"), params.text("westerosSocket")
        )
        return _started(descriptor, "")

    async def _stop_container(self, call: Call) -> Raw:
        params = self._params(call, "force")
        descriptor = await find(self._dobby, params.text("containerId"))
        if descriptor is None:
            return _result(False, "Container not found")
        return _result(await self._dobby.stop(descriptor, force=params.flag("force")))

    def _on_container(self, ask: Callable[..., Awaitable[bool]], *names: str) -> Method:
        """Return the method that finds a container and asks Dobby for something, with these params as texts."""

        async def method(call: Call) -> Raw:
            params = self._params(call)
            descriptor = await find(self._dobby, params.text("containerId"))
            if descriptor is None:
                return _result(False)
            return _result(await ask(descriptor, *map(params.text, names)))

        return method


def _started(descriptor: int, reason: str) -> Raw:
    success = descriptor > 0
    return _result(success, "" if success else reason, f'"descriptor":{descriptor}')


def _result(success: bool, reason: str = "", members: str = "") -> Raw:
    return (
        f'{{{members}{"," if members else ""}"success":{"true" if success else "false"},"errorReason":{quote(reason)}}}'
    )
