"""What each generation of the plugin makes of a method and of a signal: calls to Dobby, an answer, events.

It is written a second time here, apart from the plugins of ours, so that they share no mistake with what judges Dobby.
Facts: facts/thunder.md D.1 to D.4.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[..., Awaitable[Any]]
"""Takes a member, the signature of its reply, its own signature and values; gives the reply's values, or None."""

GENERAL_ERROR = '"error":{"code":1,"message":"ERROR_GENERAL"}'

_RDKSERVICES_STATES = ["Invalid", "Starting", "Running", "Stopping", "Paused", "Unknown", "Unknown", "Unknown"]
_ENTSERVICES_STATES = [
    "INVALID",
    "STARTING",
    "RUNNING",
    "STOPPING",
    "PAUSED",
    "HIBERNATING",
    "HIBERNATED",
    "AWAKENING",
]
"""What the numbers of GetState are called."""


class Failed(Exception):
    """The plugin's call fails, for whatever reason; the answer does not tell."""


def dumps(value):
    return json.dumps(value, separators=(",", ":"))


def _word(states, number):
    return states[number] if number in range(len(states)) else states[0]


class Plugin:
    """What both generations share: how a container is found, and how it is started."""

    methods: dict[str, Callable]
    """By the name in JSON-RPC."""
    events: dict[str, Callable]
    """By the signal that they stand for: descriptor and id to a list of event names and parameters."""
    lists_after: dict[str, int]
    """How often Dobby's containers are listed anew when a signal comes."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def _containers(self):
        lists = await self._call("List", "aias")
        if lists is None or len(lists[0]) != len(lists[1]):
            return []
        return list(zip(*lists, strict=True))

    async def _find(self, container_id):
        """Return the descriptor for an id or a decimal descriptor; raises Failed."""
        for descriptor, name in await self._containers():
            if container_id in {str(descriptor), name}:
                if descriptor < 0:
                    break
                return descriptor
        raise Failed

    async def _value(self, failure, member, returns, signature, *values):
        answer = await self._call(member, returns, signature, *values)
        return failure if answer is None else answer[0]

    async def _done(self, member, signature, container_id, *values):
        """Call a method of one container; raises Failed unless it answers true."""
        descriptor = await self._find(container_id)
        if not await self._value(False, member, "b", signature, descriptor, *values):
            raise Failed

    async def _started(self, member, container_id, source, command, display):
        bundle = member == "StartFromBundle"
        values = [container_id, source, [], command, display, []]
        signature = "ssahssasuu" if bundle else "ssahssas"
        return await self._value(-1, member, "i", signature, *values, *([0, 0] if bundle else []))


class Rdkservices(Plugin):
    """Version 1.0.x: every failure is one and the same error."""

    lists_after: dict[str, int] = {}  # noqa: RUF012 (a constant)

    async def answer(self, method, params):
        """Return the `result` or `error` of a call as JSON text."""
        try:
            members = await self.methods[method](self, params if isinstance(params, dict) else {})
        except Failed:
            return GENERAL_ERROR
        return f'"result":{dumps({**members, "success": True})}'

    @staticmethod
    def _text(params, name):
        value = params.get(name, 0)
        if value is None:  # counts as a string, an empty one
            return ""
        if not isinstance(value, str):
            raise Failed
        return value

    @staticmethod
    def _optional(params, name, default=""):
        value = params.get(name, default)
        return value if isinstance(value, str) else dumps(value)

    async def list_containers(self, _params):
        return {"containers": [{"Descriptor": cd, "Id": name} for cd, name in await self._containers()]}

    async def get_state(self, params):
        container_id = self._text(params, "containerId")
        state = await self._value(0, "GetState", "i", "i", await self._find(container_id))
        return {"containerId": container_id, "state": _word(_RDKSERVICES_STATES, state)}

    async def get_info(self, params):
        descriptor = await self._find(self._text(params, "containerId"))
        try:
            info = json.loads(await self._value("", "GetInfo", "s", "i", descriptor))
        except ValueError:
            raise Failed from None
        if not isinstance(info, dict):
            raise Failed
        return {"info": info}

    async def start(self, params):
        return await self._start("StartFromBundle", params, self._text(params, "bundlePath"))

    async def start_from_spec(self, params):
        spec = params.get("dobbySpec", {})
        return await self._start("StartFromSpec", params, spec if isinstance(spec, str) else dumps(spec))

    async def _start(self, member, params, source):
        descriptor = await self._started(
            member,
            self._text(params, "containerId"),
            source,
            self._optional(params, "command"),
            self._optional(params, "westerosSocket"),
        )
        if descriptor <= 0:
            raise Failed
        return {"descriptor": descriptor}

    async def stop(self, params):
        await self._done("Stop", "ib", self._text(params, "containerId"), params.get("force") is True)
        return {}

    async def pause(self, params):
        await self._done("Pause", "i", self._text(params, "containerId"))
        return {}

    async def resume(self, params):
        await self._done("Resume", "i", self._text(params, "containerId"))
        return {}

    async def execute(self, params):
        container_id, command = self._text(params, "containerId"), self._text(params, "command")
        options = self._optional(params, "options", None) if params.get("options", 0) is not None else ""
        await self._done("Exec", "iss", container_id, options, command)
        return {}

    methods = {  # noqa: RUF012 (a constant)
        "listContainers": list_containers,
        "getContainerState": get_state,
        "getContainerInfo": get_info,
        "startContainer": start,
        "startContainerFromDobbySpec": start_from_spec,
        "stopContainer": stop,
        "pauseContainer": pause,
        "resumeContainer": resume,
        "executeCommand": execute,
    }

    @staticmethod
    def _event(name):
        return lambda descriptor, container_id: [(name, {"descriptor": str(descriptor), "name": container_id})]

    events = {  # noqa: RUF012 (a constant)
        "Started": _event("onContainerStarted"),
        "Awoken": _event("onContainerStarted"),
        "Stopped": _event("onContainerStopped"),
        "Hibernated": lambda *_: [],
    }


class Entservices(Plugin):
    """The Com-RPC one: a failure is a result too, no parameter is required, and all are texts but `force`."""

    lists_after = {"Started": 2, "Awoken": 2, "Stopped": 2, "Hibernated": 1}  # noqa: RUF012 (a constant)

    async def answer(self, method, params):
        """Return the `result` of a call as JSON text, which is no JSON when GetInfo fails."""
        params = params if isinstance(params, dict) else {}
        if params.get("force", 0) not in {False, True, None}:  # the numbers 0 and 1 are booleans too
            params = {}  # one bad member spoils them all
        values = {name: value if name == "force" else self._text(value) for name, value in params.items()}
        try:
            members = await self.methods[method](self, values)
        except Failed:
            members = self.failures.get(method, {"success": False, "errorReason": ""})
        members = {"success": True, "errorReason": ""} if members is None else members
        pairs = [f'"{name}":{value if name == "info" else dumps(value)}' for name, value in members.items()]
        return f'"result":{{{",".join(pairs)}}}'

    @staticmethod
    def _text(value):
        if value is None or value == "null":
            return ""
        return value if isinstance(value, str) else dumps(value)

    async def list_containers(self, _params):
        containers = [{"Descriptor": cd, "Id": name} for cd, name in await self._containers()]
        return {"containers": containers, "success": True, "errorReason": ""}

    async def get_state(self, params):
        descriptor = await self._find(params.get("containerId", ""))
        state = await self._value(0, "GetState", "i", "i", descriptor)
        return {"state": _word(_ENTSERVICES_STATES, state), "success": True, "errorReason": ""}

    async def get_info(self, params):
        descriptor = await self._find(params.get("containerId", ""))
        info = await self._value("", "GetInfo", "s", "i", descriptor)
        reason = "" if info else "Failed to get info for container"
        return {"info": info, "success": bool(info), "errorReason": reason}

    async def start(self, params):
        return await self._start("StartFromBundle", params, "bundlePath", "dobby start failed")

    async def start_from_spec(self, params):
        return await self._start("StartFromSpec", params, "dobbySpec", "")

    async def _start(self, member, params, source, reason):
        container_id, source, command, display = (
            params.get(name, "") for name in ["containerId", source, "command", "westerosSocket"]
        )
        descriptor = await self._started(member, container_id, source, command, display)
        success = descriptor > 0
        return {"descriptor": descriptor, "success": success, "errorReason": "" if success else reason}

    async def stop(self, params):
        descriptor = await self._find(params.get("containerId", ""))
        success = await self._value(False, "Stop", "b", "ib", descriptor, bool(params.get("force")))
        return {"success": success, "errorReason": ""}

    @staticmethod
    def _simple(member, signature, *names):
        return lambda plugin, params: plugin._done(
            member, signature, params.get("containerId", ""), *(params.get(name, "") for name in names)
        )

    async def mount(self, params):
        source, target = params.get("source", ""), params.get("target", "")
        await self._done("Mount", "issass", params.get("containerId", ""), source, target, [], "")

    methods = {  # noqa: RUF012 (a constant)
        "listContainers": list_containers,
        "getContainerState": get_state,
        "getContainerInfo": get_info,
        "startContainer": start,
        "startContainerFromDobbySpec": start_from_spec,
        "stopContainer": stop,
        "pauseContainer": _simple("Pause", "i"),
        "resumeContainer": _simple("Resume", "i"),
        "hibernateContainer": _simple("Hibernate", "is", "options"),
        "wakeupContainer": _simple("Wakeup", "i"),
        "executeCommand": _simple("Exec", "iss", "options", "command"),
        "annotate": _simple("Annotate", "iss", "key", "value"),
        "removeAnnotation": _simple("RemoveAnnotation", "is", "key"),
        "mount": mount,
        "unmount": _simple("Unmount", "is", "target"),
    }
    failures = {  # noqa: RUF012 (a constant)
        "getContainerState": {"state": "INVALID", "success": False, "errorReason": ""},
        "getContainerInfo": {"info": "", "success": False, "errorReason": ""},
        "stopContainer": {"success": False, "errorReason": "Container not found"},
    }
    """What is answered when the container is not found, where it is not the usual failure."""

    @staticmethod
    def _events(state, *names):
        return lambda _descriptor, container_id: [
            ("onContainerStateChanged", {"containerId": container_id, "state": state}),
            *((name, {"containerId": container_id, "name": container_id}) for name in names),
        ]

    events = {  # noqa: RUF012 (a constant)
        "Started": _events("RUNNING", "onContainerStarted"),
        "Awoken": _events("RUNNING", "onContainerStarted"),
        "Stopped": _events("STOPPED", "onContainerStopped"),
        "Hibernated": _events("HIBERNATED"),
    }


PLUGINS = {"rdkservices": Rdkservices, "entservices": Entservices}
