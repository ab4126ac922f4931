"""What calls do to containers, or only say that they do."""

from functools import partial

from mutation.mutant import RDK, SILENCE, Mutant, add, mutant, refusal, succeeded, success

from .changes import STARTS


class Idle(Mutant):
    """Says that a method succeeded, and does nothing; `when` chooses the calls."""

    def __init__(self, method, when=lambda _call, _proxy: True, **members):
        self._method = method
        self._when = when
        self._members = members

    def request(self, call):
        known = call.container in self.proxy.containers or call.method in STARTS
        if call.method == self._method and known and self._when(call, self.proxy):
            return success(self.proxy.profile, **self._members)
        return None


for _method in ("pauseContainer", "resumeContainer", "stopContainer"):
    add(
        f"lifecycle.{_method}-idle",
        f"{_method} says that it succeeded, and does nothing",
        f"{_method}/2",
        f"{_method}.effect",
        partial(Idle, _method),
    )
for _method, _number in zip(STARTS, (1, 1), strict=True):
    add(
        f"lifecycle.{_method}-idle",
        f"{_method} gives a descriptor, and starts nothing",
        f"{_method}/{_number}",
        f"{_method}.effect",
        partial(Idle, _method, descriptor=4711),
    )


class Refusing(Mutant):
    """Refuses calls that have to succeed; `when` chooses them."""

    def __init__(self, method, when=lambda _call, _proxy: True):
        self._method = method
        self._when = when

    def request(self, call):
        if call.method == self._method and self._when(call, self.proxy):
            return refusal(self.proxy.profile)
        return None


class Accepting(Mutant):
    """Turns refusals of a method into successes; `when` chooses the calls."""

    def __init__(self, method, when=lambda _call, _proxy: True, **members):
        self._method = method
        self._when = when
        self._members = members

    def answer(self, call, message):
        accepts = call.method == self._method and not succeeded(message) and self._when(call, self.proxy)
        return {"jsonrpc": "2.0", "id": call.id, **success(self.proxy.profile, **self._members)} if accepts else message


def _there(call, proxy):
    return call.container in proxy.containers


add(
    "lifecycle.pause-of-paused",
    "The pause of a paused container succeeds",
    "?",
    "pauseContainer.paused",
    partial(Accepting, "pauseContainer", _there),
)
add(
    "lifecycle.resume-of-running",
    "The resume of a running container succeeds",
    "?",
    "resumeContainer.running",
    partial(Accepting, "resumeContainer", _there),
)
add(
    "lifecycle.stop-of-paused",
    "The stop of a paused container says that it succeeded",
    "?",
    "stopContainer.paused",
    partial(Accepting, "stopContainer", _there),
)
add(
    "lifecycle.exec-in-paused",
    "A command in a paused container succeeds",
    "?",
    "executeCommand.paused",
    partial(Accepting, "executeCommand", _there),
)
for _method in STARTS:
    add(
        f"lifecycle.{_method}-twice",
        f"{_method} succeeds under the id of a container that is there",
        "?",
        f"{_method}.duplicate",
        partial(Accepting, _method, _there, descriptor=4711),
    )


class Ended(Mutant):
    """Remembers the containers that were stopped."""

    def __init__(self):
        self.ended = {}

    def answer(self, call, message):
        if call.method == "stopContainer" and succeeded(message):
            self.ended[call.container] = 1
        return message


@mutant("lifecycle.stop-again", "?", "stopContainer.again")
class StopAgain(Ended):
    """A container that has ended can be stopped again"""

    def answer(self, call, message):
        if call.method == "stopContainer" and call.container in self.ended and not succeeded(message):
            return {"jsonrpc": "2.0", "id": call.id, **success(self.proxy.profile)}
        return super().answer(call, message)


class Burnt(Ended):
    """Under the id of a container that has ended none can be started by a method"""

    def __init__(self, method):
        super().__init__()
        self._method = method

    def request(self, call):
        return refusal(self.proxy.profile) if call.method == self._method and call.container in self.ended else None


for _method in STARTS:
    add(
        f"lifecycle.{_method}-once",
        f"{_method} refuses the id of a container that has ended",
        "?",
        f"{_method}.again",
        partial(Burnt, _method),
    )


@mutant("lifecycle.ended-is-running", "?", "getContainerState.stopped")
class EndedIsRunning(Ended):
    """The state of a container that was stopped stays what it was"""

    def __init__(self):
        super().__init__()
        self._states = {}

    def answer(self, call, message):
        if call.method == "getContainerState":
            if succeeded(message):
                self._states[call.container] = message["result"]["state"]
            elif call.container in self.ended:
                word = "Running" if self.proxy.profile == RDK else "RUNNING"
                named = {"containerId": call.container} if self.proxy.profile == RDK else {}
                answer = success(self.proxy.profile, state=self._states.get(call.container, word), **named)
                return {"jsonrpc": "2.0", "id": call.id, **answer}
        return super().answer(call, message)


@mutant("lifecycle.list-never-forgets", "stopContainer/2", "stopContainer.effect")
class NeverForgets(Mutant):
    """The list keeps containers that have ended"""

    def __init__(self):
        self._seen = {}

    def answer(self, call, message):
        if call.method in STARTS and succeeded(message):
            self._seen[call.container] = message["result"]["descriptor"]
        elif call.method == "listContainers" and succeeded(message):
            entries = message["result"]["containers"]
            there = {entry["Id"] for entry in entries}
            entries += [{"Descriptor": number, "Id": name} for name, number in self._seen.items() if name not in there]
        return message


@mutant("lifecycle.self-exit-stays", "?", "events.self-exit")
class SelfExitStays(NeverForgets):
    """The list keeps containers that have ended by themselves"""

    def answer(self, call, message):
        if call.method == "stopContainer":
            self._seen.pop(call.container, None)
        return super().answer(call, message)


@mutant("lifecycle.list-forgets-paused", "?", "listContainers.paused")
class ForgetsPaused(Mutant):
    """The list leaves out paused containers"""

    def __init__(self):
        self._paused = set()

    def answer(self, call, message):
        if call.method == "pauseContainer" and succeeded(message):
            self._paused.add(call.container)
        elif call.method == "resumeContainer" and succeeded(message):
            self._paused.discard(call.container)
        elif call.method == "listContainers" and succeeded(message):
            message["result"]["containers"] = [
                entry for entry in message["result"]["containers"] if entry["Id"] not in self._paused
            ]
        return message


@mutant("lifecycle.list-forgets-first", "stopContainer/4", "stopContainer.addressee")
class ForgetsFirst(Ended):
    """After the first stop the list leaves out a container that is there"""

    def answer(self, call, message):
        if call.method == "listContainers" and succeeded(message) and self.ended:
            message["result"]["containers"] = message["result"]["containers"][1:]
        return super().answer(call, message)


@mutant("lifecycle.state-lags", "pauseContainer/2", "pauseContainer.effect")
class StateLags(Mutant):
    """getContainerState gives the state that the container had when it was first asked"""

    def __init__(self):
        self._first = {}

    def answer(self, call, message):
        if call.method == "getContainerState" and succeeded(message):
            message["result"]["state"] = self._first.setdefault(call.container, message["result"]["state"])
        elif call.method in STARTS and succeeded(message):
            self._first[call.container] = "Running" if self.proxy.profile == RDK else "RUNNING"
        return message


class After(Mutant):
    """Calls another method, too, once one has succeeded; `on` chooses the containers."""

    def __init__(self, method, other, on=lambda call, _proxy: [call.container], **params):
        self._method = method
        self._other = other
        self._on = on
        self._params = params

    async def answer(self, call, message):
        if call.method == self._method and succeeded(message):
            for name in self._on(call, self.proxy):
                await self.proxy.call(self._other, containerId=name, **self._params)
        return message


def _others(call, proxy):
    return [name for name in proxy.containers if name != call.container]


add(
    "lifecycle.exec-ends",
    "A command ends the container that it runs in",
    "executeCommand/2",
    "getContainerState.success",
    partial(After, "executeCommand", "stopContainer", force=True),
)
add(
    "lifecycle.exec-pauses",
    "A command leaves its container paused",
    "executeCommand/2",
    "executeCommand.effect",
    partial(After, "executeCommand", "pauseContainer"),
)
add(
    "lifecycle.pause-ends",
    "A pause ends the container",
    "pauseContainer/2",
    "getContainerState.success",
    partial(After, "pauseContainer", "stopContainer", force=True),
)
add(
    "lifecycle.resume-pauses-again",
    "A resumed container is paused again at once",
    "resumeContainer/2",
    "resumeContainer.effect",
    partial(After, "resumeContainer", "pauseContainer"),
)
add(
    "lifecycle.pause-pauses-all",
    "A pause pauses all containers",
    "pauseContainer/4",
    "pauseContainer.addressee",
    partial(After, "pauseContainer", "pauseContainer", _others),
)
add(
    "lifecycle.resume-resumes-all",
    "A resume resumes all containers",
    "resumeContainer/4",
    "resumeContainer.addressee",
    partial(After, "resumeContainer", "resumeContainer", _others),
)
add(
    "lifecycle.stop-ends-all",
    "A stop ends all containers",
    "stopContainer/4",
    "stopContainer.addressee",
    partial(After, "stopContainer", "stopContainer", _others, force=True),
)
for _method in STARTS:
    add(
        f"lifecycle.{_method}-paused",
        f"{_method} leaves the container paused",
        f"{_method}/1",
        f"{_method}.effect",
        partial(After, _method, "pauseContainer"),
    )


@mutant("lifecycle.start-replaces", "?", "startContainerFromDobbySpec.duplicate")
class StartReplaces(Mutant):
    """A start under the id of a container that is there ends that one and starts another"""

    async def request(self, call):
        if call.method in STARTS and call.container in self.proxy.containers:
            await self.proxy.call("stopContainer", containerId=call.container, force=True)
            for _ in range(200):
                listed = await self.proxy.call("listContainers")
                if call.container not in {entry["Id"] for entry in listed["result"]["containers"]}:
                    break


@mutant("lifecycle.refused-stop-ends", "?", "stopContainer.paused")
class RefusedStopEnds(Mutant):
    """The stop of a paused container is refused, and ends it nevertheless"""

    async def answer(self, call, message):
        if call.method == "stopContainer" and not succeeded(message):
            await self.proxy.call("stopContainer", containerId=call.container, force=True)
        return message


@mutant("lifecycle.refused-exec-resumes", "?", "executeCommand.paused")
class RefusedExecResumes(Mutant):
    """The command for a paused container is refused, and resumes it nevertheless"""

    async def answer(self, call, message):
        if call.method == "executeCommand" and not succeeded(message):
            await self.proxy.call("resumeContainer", containerId=call.container)
        return message


@mutant("lifecycle.force-ignored", "?", "stopContainer.paused.force")
class ForceIgnored(Mutant):
    """force counts as not given"""

    def request(self, call):
        if call.method == "stopContainer":
            call.message["params"].pop("force", None)


@mutant("lifecycle.force-always", "?", "stopContainer.paused")
class ForceAlways(Mutant):
    """Each stop is one with force"""

    def request(self, call):
        if call.method == "stopContainer" and call.params:
            call.message["params"]["force"] = True


@mutant("lifecycle.force-refused", "?", "stopContainer.force")
class ForceRefused(Mutant):
    """A stop with force is refused"""

    def request(self, call):
        forced = call.method == "stopContainer" and call.params.get("force") is True
        return refusal(self.proxy.profile) if forced else None


class Ignored(Mutant):
    """A parameter of a method counts as not given, or as another value."""

    def __init__(self, method, name, *value):
        self._method = method
        self._name = name
        self._value = value

    def request(self, call):
        if call.method == self._method and self._name in call.params:
            call.message["params"].pop(self._name)
            if self._value:
                call.message["params"][self._name] = self._value[0]


for _method in STARTS:
    add(
        f"lifecycle.{_method}-command-ignored",
        f"{_method} runs the program of the container, whatever the command",
        "?",
        f"{_method}.command",
        partial(Ignored, _method, "command"),
    )
    add(
        f"lifecycle.{_method}-takes-anything",
        f"{_method} says that it started what cannot be started",
        "?",
        f"{_method}.refusal",
        partial(Accepting, _method, lambda call, proxy: not _there(call, proxy), descriptor=4711),
    )


@mutant("lifecycle.start-renames", "startContainerFromDobbySpec/1", "startContainerFromDobbySpec.effect")
class StartRenames(Mutant):
    """A container is started under another id than the one that was asked for"""

    def request(self, call):
        if call.method in STARTS:
            call.message["params"]["containerId"] += "x"

    def answer(self, call, message):
        if call.method in STARTS and succeeded(message):
            self.proxy.containers[f"{call.container}x"] = 1
        return message


@mutant("lifecycle.restarts", "?", "stopContainer.effect")
class Restarts(Mutant):
    """A container that was stopped is there again"""

    def __init__(self):
        self._starts = {}

    def request(self, call):
        if call.method in STARTS:
            self._starts[call.container] = (call.method, dict(call.params))

    async def answer(self, call, message):
        if call.method == "stopContainer" and succeeded(message) and call.container in self._starts:
            method, params = self._starts.pop(call.container)
            for _ in range(200):
                if succeeded(await self.proxy.call(method, **params)):
                    break
        return message


@mutant("lifecycle.start-refused", "startContainerFromDobbySpec/1", "startContainerFromDobbySpec.success")
class StartRefused(Mutant):
    """No container can be started"""

    def request(self, call):
        return refusal(self.proxy.profile) if call.method in STARTS else None


for _method in (
    "listContainers",
    "getContainerState",
    "getContainerInfo",
    "pauseContainer",
    "resumeContainer",
    "executeCommand",
):
    add(
        f"lifecycle.{_method}-refused",
        f"{_method} is always refused",
        f"{_method}/{1 if _method == 'listContainers' else 2}",
        f"{_method}.success",
        partial(Refusing, _method),
    )


class Swallowed(Mutant):
    """Calls of a method vanish."""

    def __init__(self, method):
        self._method = method

    def request(self, call):
        return SILENCE if call.method == self._method else None


add(
    "lifecycle.list-unanswered",
    "Only listContainers is never answered",
    "listContainers/1",
    "http.answer",
    partial(Swallowed, "listContainers"),
    profiles=RDK,
)

for _method in ("deleteContainer", "execCommamd"):
    add(
        f"lifecycle.{_method}-exists",
        f"{_method} exists",
        f"{_method}/1",
        f"{_method}.unknown",
        partial(Accepting, _method),
        profiles=RDK,
    )


class Failing(Mutant):
    """A method that must not exist, and that fails like one that is there."""

    def __init__(self, method):
        self._method = method

    def request(self, call):
        return refusal(self.proxy.profile) if call.method == self._method else None


for _method in ("deleteContainer", "execCommamd"):
    add(
        f"lifecycle.{_method}-fails",
        f"{_method} exists, and only refuses",
        f"{_method}/1",
        f"{_method}.unknown",
        partial(Failing, _method),
        profiles=RDK,
    )
