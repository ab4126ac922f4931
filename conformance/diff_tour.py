"""The calls that a diff of two endpoints makes on both: each method, alone and in the life of a container."""

import json
from collections.abc import Iterator
from typing import Any

from conformance import names, spec
from conformance.diff_step import DESCRIPTOR, DESCRIPTOR_NUMBER, GONE, THERE, WEBSOCKET, Step
from conformance.lives import FROM_BUNDLE, FROM_SPEC

_STARTED, _STOPPED, _CHANGED = "onContainerStarted", "onContainerStopped", "onContainerStateChanged"
EVENTS = (_STARTED, _STOPPED, "onContainerFailed", _CHANGED)
"""All events of any profile."""
CLIENT = "conf.diff"
"""The id under which a diff registers."""
_STARTS = (FROM_BUNDLE, FROM_SPEC)
_NOWHERE = "/nowhere/conformance"
_OTHER_TYPE = True
"""A value that is no text, and that no container goes by when it is taken as text."""
_NO_ID = {"no": "id"}
"""The same for starts: Dobby takes no id that has braces."""


class Tour:
    """The steps of a diff whose containers are those of the run ``run_id``.

    ``bundle_path`` is that of a bundle on both sides, "" when there is none: then nothing is started from one.
    """

    def __init__(self, run_id: str, callsign: str, bundle_path: str) -> None:
        self._run_id = run_id
        self._callsign = callsign
        self._bundle_path = bundle_path
        self._documents = [spec.load(profile) for profile in spec.PROFILES]
        self._methods = {name: method for document in self._documents for name, method in document.methods.items()}
        self._nobody = names.container_id(run_id, "missing")

    def steps(self) -> Iterator[Step]:
        """Yield all steps in the order in which they are made."""
        yield from self._surroundings()
        yield from self._subscriptions()
        for name, method in self._methods.items():
            if method.group != "events":
                yield from self._failures(name)
        yield from self._life()
        yield from self._deaths()
        if self._bundle_path:
            yield from self._bundle()
        yield self._call("listContainers/at the end")

    def _call(self, subject: str, params: Any = None, **more: Any) -> Step:
        method = more.pop("method", subject.partition("/")[0])
        return Step(subject, f"{self._callsign}.1.{method}", params, **more)

    def _surroundings(self) -> Iterator[Step]:
        """Yield what concerns no container: envelopes, designators, built-ins, the Controller."""
        yield self._call("listContainers/at the beginning", headers=True)
        yield self._call("listContainers/with params", {"containerId": "x"})
        yield self._call("listContainers/on a WebSocket", transport=WEBSOCKET)
        yield self._call("listContainers/at the plugin's own path", path=f"/jsonrpc/{self._callsign}")
        yield Step("listContainers/without a version", f"{self._callsign}.listContainers")
        yield Step("listContainers/of version 99", f"{self._callsign}.99.listContainers")
        yield Step("listContainers/of a version that is no number", f"{self._callsign}.x.listContainers")
        yield self._call("unknown method/over HTTP", {}, method="unheardOf", headers=True)
        yield self._call("unknown method/on a WebSocket", {}, method="unheardOf", transport=WEBSOCKET)
        nobody = {"containerId": self._nobody}
        yield self._call("getContainerState/refused: on a WebSocket", nobody, transport=WEBSOCKET)
        yield self._call("unknown method/in another case", method="listcontainers")
        yield Step("unknown callsign/over HTTP", "org.rdk.UnheardOf.1.listContainers")
        yield Step("unknown callsign/of nobody", "listContainers")
        listing = f'"method":"{self._callsign}.1.listContainers"'
        yield Step("request/with an id in quotes", "", body=f'{{"jsonrpc":"2.0","id":"7",{listing}}}')
        yield Step("request/that is no JSON", "", body="no JSON")
        yield Step("request/that is a batch", "", body=f'[{{"jsonrpc":"2.0","id":1,{listing}}}]')
        yield Step("request/without an id", "", body=f'{{"jsonrpc":"2.0",{listing}}}')
        yield self._call("exists/of a method", "listContainers")
        yield self._call("versions/of the plugin")
        yield Step("Controller/status of the plugin", f"Controller.1.status@{self._callsign}")
        yield Step("Controller/version of Thunder", "Controller.1.version")
        yield Step("Controller/status of nobody", "Controller.1.status@org.rdk.UnheardOf")

    def _subscriptions(self) -> Iterator[Step]:
        """Yield calls about subscriptions; those to all events stay until the end."""
        for event in EVENTS:
            yield self._registering(f"register/{event}", event)
        yield self._registering("register/a second time", _STARTED)
        yield self._registering("register/an event that nobody has", "onUnheardOf")
        yield self._registering("unregister/an event that nobody has", "onUnheardOf")
        yield self._registering("unregister/a second time", "onUnheardOf")
        yield self._call("register/without params", transport=WEBSOCKET)
        yield self._call("unregister/without params", transport=WEBSOCKET)

    def _registering(self, subject: str, event: str) -> Step:
        return self._call(subject, {"event": event, "id": CLIENT}, transport=WEBSOCKET)

    def _failures(self, method: str) -> Iterator[Step]:
        """Yield calls of a method that lack something, or are about a container that is not there."""
        good = self._good(method)
        if not good:
            return
        starts = method in _STARTS
        yield self._call(f"{method}/refused: without params")
        if not starts:
            yield self._call(f"{method}/refused: of a container that is not there", good)
        for name in self._parameters(method):
            others = {key: value for key, value in good.items() if key != name}
            other_type = _NO_ID if starts and name == "containerId" else _OTHER_TYPE
            # a start with everything but what is optional would make a container: these have no bundle, or no id
            yield self._call(f"{method}/refused: without {name}", others)
            yield self._call(f"{method}/refused: {name} of another type", others | {name: other_type})
            yield self._call(f"{method}/refused: {name} empty", others | {name: ""})

    def _parameters(self, method: str) -> list[str]:
        """Return the parameters whose lack makes a start fail, all of other methods."""
        needed = {
            parameter.name
            for document in self._documents
            if method in document.methods
            for parameter in document.methods[method].params
            if parameter.required or method not in _STARTS
        }
        return [parameter.name for parameter in self._methods[method].params if parameter.name in needed]

    def _good(self, method: str) -> dict[str, Any]:
        """Return params that are complete, of a container that is not there; of a start they make none."""
        params = dict(self._methods[method].example.params)
        if "containerId" in params:
            params["containerId"] = self._nobody
        if method == FROM_SPEC:
            params["dobbySpec"] = self._spec()
        elif method == FROM_BUNDLE:
            params["bundlePath"] = _NOWHERE
        return params

    def _spec(self, *args: str) -> dict[str, Any]:
        return self._documents[0].dobby_spec() | ({"args": list(args)} if args else {})

    def _start(self, subject: str, container: str, **params: Any) -> Step:
        method = subject.partition("/")[0]
        source = {"bundlePath": self._bundle_path} if method == FROM_BUNDLE else {"dobbySpec": self._spec()}
        whole = {"containerId": container, **source, **params}
        return self._call(
            subject, whole, container=container, starts=True, settle=THERE, awaits=(_STARTED,), events=True
        )

    def _stop(self, subject: str, container: str, **params: Any) -> Step:
        whole = {"containerId": container, **params}
        return self._call(subject, whole, container=container, settle=GONE, awaits=(_STOPPED,), events=True)

    def _life(self) -> Iterator[Step]:
        """Yield the life of a container to which everything is done that can be done."""
        container = names.container_id(self._run_id, "Life")

        def on(subject: str, *awaits: str, **params: Any) -> Step:
            whole = {"containerId": container, **params}
            return self._call(subject, whole, container=container, awaits=awaits, events=bool(awaits))

        yield self._start(f"{FROM_SPEC}/of a new container", container)
        yield self._start(f"{FROM_SPEC}/of the same container again", container)
        yield self._call("listContainers/with one", container=container)
        for state in ("running", "paused", "resumed"):
            if state == "paused":
                yield on("pauseContainer/running")
            elif state == "resumed":
                yield on("resumeContainer/paused")
            yield on(f"getContainerState/{state}")
            yield on(f"getContainerInfo/{state}")
            yield on(f"executeCommand/{state}", options="", command="ls")
            if state == "paused":
                yield on("pauseContainer/paused")
                yield on("stopContainer/paused, without force", force=False)
        yield on("resumeContainer/running")
        yield on("getContainerState/by its descriptor", containerId=DESCRIPTOR)
        yield on("getContainerState/by its descriptor, as a number", containerId=DESCRIPTOR_NUMBER)
        yield on("executeCommand/running, without options", command="ls")
        yield on("executeCommand/running, without command", options="")
        yield on("annotate/running", key="conformance", value="yes")
        yield on("removeAnnotation/running", key="conformance")
        place = {"source": _NOWHERE, "target": "/mnt/conformance", "type": "bind", "options": "ro"}
        yield on("mount/running", **place)
        yield on("unmount/running", target=place["target"])
        yield on("hibernateContainer/running", _CHANGED, options="")
        yield on("getContainerState/hibernated")
        yield on("getContainerInfo/hibernated")
        yield on("hibernateContainer/hibernated", options="")
        yield on("pauseContainer/hibernated")
        yield on("wakeupContainer/hibernated", _STARTED)
        yield on("getContainerState/woken up")
        yield on("wakeupContainer/running")
        # what was paused while it should have been hibernated, where nothing can be hibernated, runs again
        yield on("resumeContainer/before the end")
        yield self._stop("stopContainer/running", container, force=False)
        yield on("stopContainer/stopped", force=True)
        yield on("getContainerState/stopped")

    def _deaths(self) -> Iterator[Step]:
        """Yield containers that end in other ways."""
        forced = names.container_id(self._run_id, "Forced")
        yield self._start(f"{FROM_SPEC}/with a command", forced, command="sleep 60")
        yield self._call("pauseContainer/before a forced stop", {"containerId": forced})
        text = {"containerId": forced, "force": "true"}
        yield self._call("stopContainer/paused, with force as text", text, container=forced)
        yield self._stop("stopContainer/paused, with force", forced, force=True)
        number = names.container_id(self._run_id, "Number")
        yield self._start(f"{FROM_SPEC}/with the spec as text", number, dobbySpec=json.dumps(self._spec()))
        yield self._call("pauseContainer/before force as a number", {"containerId": number})
        yield self._stop("stopContainer/paused, with force as a number", number, force=1)
        yield self._stop("stopContainer/after force as a number", number, force=True)
        brief = names.container_id(self._run_id, "Brief")
        params = {"containerId": brief, "dobbySpec": self._spec("true")}
        yield self._call(
            f"{FROM_SPEC}/of a program that ends at once",
            params,
            container=brief,
            starts=True,
            settle=GONE,
            awaits=(_STARTED, _STOPPED),
            events=True,
        )

    def _bundle(self) -> Iterator[Step]:
        """Yield the life of a container from a bundle."""
        container = names.container_id(self._run_id, "Bundle")
        yield self._start(f"{FROM_BUNDLE}/of a new container", container)
        yield self._start(f"{FROM_BUNDLE}/of the same container again", container)
        yield self._call("getContainerInfo/from a bundle", {"containerId": container}, container=container)
        yield self._stop("stopContainer/from a bundle", container)
