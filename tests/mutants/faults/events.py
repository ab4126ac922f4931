"""Which events come, when, how often, and to whom."""

from functools import partial

from mutation.mutant import ENT, RDK, TIMEOUT, Mutant, add, copied, mutant, pause, succeeded

from .changes import STARTS

STARTED, STOPPED, CHANGED, FAILED = (
    "onContainerStarted",
    "onContainerStopped",
    "onContainerStateChanged",
    "onContainerFailed",
)
_NAMES = {STARTED: "A start", STOPPED: "An end", CHANGED: "A change of state"}
_PROFILES = {STARTED: (RDK, ENT), STOPPED: (RDK, ENT), CHANGED: (ENT,)}


def name_of(message):
    return message["method"].rpartition(".")[2]


def about(message):
    params = message.get("params")
    return params.get("containerId", params.get("name")) if isinstance(params, dict) else None


class Events(Mutant):
    """Sends, in place of each event of a name ("" for all), what `change` makes of it: a list of messages."""

    def __init__(self, name, change):
        self._name = name
        self._change = change

    def event(self, _link, message):
        return self._change(message) if self._name in {"", name_of(message)} else [message]


for _event, _what in _NAMES.items():
    _options = {"profiles": _PROFILES[_event]}
    add(
        f"events.{_event}-lost",
        f"{_what} is not told of",
        "?",
        f"{_event}.once",
        partial(Events, _event, lambda _: []),
        **_options,
    )
    add(
        f"events.{_event}-doubled",
        f"{_what} is told of twice",
        "?",
        f"{_event}.once",
        partial(Events, _event, lambda message: [message, message]),
        **_options,
    )


class SecondLost(Mutant):
    """Only the first event about a kind of change comes."""

    def __init__(self):
        self._told = set()

    def event(self, link, message):
        kind = (link, name_of(message))
        if kind in self._told:
            return []
        self._told.add(kind)
        return [message]


add("events.first-only", "Each subscriber gets only the first event of a name", "?", f"{STARTED}.once", SecondLost)


class Held(Mutant):
    """Holds events of a name back until the client calls something else."""

    def __init__(self, name):
        self._name = name
        self._held = []

    def event(self, link, message):
        if name_of(message) != self._name:
            return [message]
        self._held.append((link, message))
        return []

    def request(self, call):
        if call.link.subscriptions and call.method == "unregister":
            for link, message in self._held:
                link.push(message)
            self._held.clear()


add(
    "events.held-back",
    "A start is told of only when the client unregisters",
    "?",
    f"{STARTED}.once",
    partial(Held, STARTED),
)


class Swapped(Mutant):
    """The start of a container is told of behind its end"""

    def __init__(self):
        self._held = {}

    def event(self, link, message):
        if name_of(message) == STARTED:
            self._held[link, about(message)] = message
            return []
        if name_of(message) == STOPPED:
            started = self._held.pop((link, about(message)), None)
            return [message, *([started] if started else [])]
        return [message]


add("events.swapped", Swapped.__doc__, "?", "events.order", Swapped)


class SwappedStates(Mutant):
    """RUNNING is told of behind STOPPED"""

    def __init__(self):
        self._held = {}

    def event(self, link, message):
        if name_of(message) != CHANGED:
            return [message]
        if message["params"]["state"] == "RUNNING":
            self._held[link, about(message)] = message
            return []
        held = self._held.pop((link, about(message)), None)
        return [message, *([held] if held else [])]


add("events.states-swapped", SwappedStates.__doc__, "?", f"{CHANGED}.order", SwappedStates, profiles=ENT)


class Behind(Mutant):
    """The change of state is told of behind the start or the end that it is due to"""

    def __init__(self):
        self._held = {}

    def event(self, link, message):
        if name_of(message) == CHANGED:
            self._held[link, about(message)] = message
            return []
        held = self._held.pop((link, about(message)), None)
        return [message, *([held] if held else [])]


add("events.states-behind", Behind.__doc__, "?", f"{CHANGED}.before", Behind, profiles=ENT)


class States(Mutant):
    """Changes of state are told of as `change` makes them, a list of words for each."""

    def __init__(self, change):
        self._change = change

    def event(self, _link, message):
        if name_of(message) != CHANGED:
            return [message]
        return [
            {**message, "params": {**message["params"], "state": word}}
            for word in self._change(message["params"]["state"])
        ]


_ENT = {"profiles": ENT}
add(
    "events.start-unchanged",
    "A start brings no change of state",
    "?",
    f"{CHANGED}.started",
    partial(States, lambda word: [] if word == "RUNNING" else [word]),
    **_ENT,
)
add(
    "events.stop-unchanged",
    "An end brings no change of state",
    "?",
    f"{CHANGED}.stopped",
    partial(States, lambda word: [] if word == "STOPPED" else [word]),
    **_ENT,
)
add(
    "events.always-running",
    "Each change of state is told of as RUNNING",
    "?",
    f"{CHANGED}.stopped",
    partial(States, lambda _: ["RUNNING"]),
    **_ENT,
)
add(
    "events.starting-first",
    "A start is told of as STARTING",
    "?",
    f"{CHANGED}.started",
    partial(States, lambda word: ["STARTING" if word == "RUNNING" else word]),
    **_ENT,
)
add(
    "events.no-awakening",
    "A hibernation is told of as STOPPED",
    "?",
    f"{CHANGED}.hibernated",
    partial(States, lambda word: ["STOPPED" if word == "HIBERNATED" else word]),
    **_ENT,
)
add(
    "events.states-lower",
    "The words for states come in lower case",
    "?",
    f"{CHANGED}.states",
    partial(States, lambda word: [word.lower()]),
    **_ENT,
)
add(
    "events.states-odd",
    "A change of state is told of with a word that is none",
    "?",
    f"{CHANGED}.state",
    partial(States, lambda word: [f"STATE_{word}"]),
    **_ENT,
)


class Announced(Mutant):
    """Calls of a method bring an event that they should not bring; `refused` those that are refused, too."""

    def __init__(self, method, name, state=None):
        self._method = method
        self._name = name
        self._state = state

    def answer(self, call, message):
        if call.method == self._method:
            params = {"containerId": call.container}
            if self._state:
                params["state"] = self._state
            else:
                params["name"] = call.container
            if self.proxy.profile == RDK:
                params = {"descriptor": str(self.proxy.containers.get(call.container, 1)), "name": call.container}
            self.proxy.publish(self._name, params)
        return message


add(
    "events.pause-told",
    "A pause is told of as a change of state",
    "?",
    f"{CHANGED}.transitions",
    partial(Announced, "pauseContainer", CHANGED, "PAUSED"),
    **_ENT,
)
add(
    "events.resume-started",
    "A resume is told of as a start",
    "?",
    "events.quiet",
    partial(Announced, "resumeContainer", STARTED),
)
add(
    "events.pause-stopped",
    "A pause is told of as an end",
    "?",
    "events.quiet",
    partial(Announced, "pauseContainer", STOPPED),
)
add(
    "events.exec-started",
    "A command is told of as a start",
    "?",
    "events.quiet",
    partial(Announced, "executeCommand", STARTED),
)
for _start in STARTS[1:]:
    add(
        "events.failed-too",
        "Each start is told of as a failure, too",
        "?",
        f"{FAILED}.quiet",
        partial(Announced, _start, FAILED),
    )


class RefusedTold(Mutant):
    """A start that was refused is told of as an end"""

    def answer(self, call, message):
        if call.method in {*STARTS, "stopContainer"} and not succeeded(message):
            params = {"containerId": call.container, "name": call.container}
            if self.proxy.profile == RDK:
                params = {"descriptor": "0", "name": call.container}
            self.proxy.publish(STOPPED, params)
        return message


add("events.refused-told", "Starts and stops that were refused are told of as ends", "?", "events.quiet", RefusedTold)


@mutant("events.self-exit-lost", "?", "events.self-exit")
class SelfExitLost(Mutant):
    """The end of a container that nobody stopped is not told of"""

    def __init__(self):
        self._stopped = set()

    def request(self, call):
        if call.method == "stopContainer":
            self._stopped.add(call.container)

    def event(self, _link, message):
        ended = name_of(message) == STOPPED or message.get("params", {}).get("state") == "STOPPED"
        return [] if ended and about(message) not in self._stopped else [message]


@mutant("events.early-start", "?", "events.early")
class EarlyStart(Mutant):
    """A start is told of before the container is listed"""

    def __init__(self):
        self._hidden = set()

    def event(self, _link, message):
        if name_of(message) == STARTED:
            self._hidden.add(about(message))
        return [message]

    def answer(self, call, message):
        if call.method == "listContainers" and succeeded(message) and self._hidden:
            result = message["result"]
            result["containers"] = [entry for entry in result["containers"] if entry["Id"] not in self._hidden]
            self._hidden.clear()
        return message


@mutant("events.early-stop", "?", "events.early")
class EarlyStop(Mutant):
    """An end is told of while the container is still listed"""

    def __init__(self):
        self._ended = {}

    def event(self, _link, message):
        if name_of(message) == STOPPED:
            self._ended[about(message)] = self.proxy.containers.get(about(message), 1)
        return [message]

    def answer(self, call, message):
        if call.method == "listContainers" and succeeded(message):
            message["result"]["containers"] += [
                {"Descriptor": number, "Id": name} for name, number in self._ended.items()
            ]
            self._ended.clear()
        return message


class Registering(Mutant):
    """Treats register or unregister in its own way."""

    def __init__(self, method, change):
        self._method = method
        self._change = change

    def request(self, call):
        return self._change(call) if call.method == self._method else None


_DONE = {"result": 0}


def _other_event(call):
    call.message["params"]["event"] = STOPPED if call.params.get("event") == STARTED else STARTED


add(
    "events.register-fails",
    "register answers with an error",
    "?",
    "events.register",
    partial(Registering, "register", lambda _: {"error": {"code": -32601, "message": "Unknown method."}}),
)
add(
    "events.register-answers-true",
    "register answers true in place of 0",
    "?",
    "events.register",
    partial(Registering, "register", lambda _: {"result": True}),
)
add(
    "events.register-idle",
    "register answers 0, and no event ever comes",
    "?",
    f"{STARTED}.once",
    partial(Registering, "register", lambda _: _DONE),
)
add(
    "events.register-other",
    "register subscribes to another event than the one named",
    "?",
    "events.register.event",
    partial(Registering, "register", _other_event),
)
add(
    "events.unregister-idle",
    "unregister answers 0, and the events go on",
    "?",
    "events.unregister",
    partial(Registering, "unregister", lambda _: _DONE),
)
add(
    "events.unregister-fails",
    "unregister answers with an error",
    "?",
    "events.unregister",
    partial(Registering, "unregister", lambda _: {"error": {"code": 22, "message": "no"}}),
)


@mutant("events.register-all", "?", "events.register.event")
class RegisterAll(Mutant):
    """A subscription to one event brings the others, too"""

    def answer(self, call, message):
        if call.method in {*STARTS, "stopContainer"} and succeeded(message):
            for link in self.proxy.links:
                names = {name for name, _ in link.subscriptions}
                for name, client in link.subscriptions:
                    extra = STOPPED if name == STARTED else STARTED
                    if extra not in names:
                        params = {"containerId": call.container, "name": call.container}
                        if self.proxy.profile == RDK:
                            params = {"descriptor": "7", "name": call.container}
                        link.push({"jsonrpc": "2.0", "method": f"{client}.{extra}", "params": params})
        return message


@mutant("events.register-again", "?", "events.register.again")
class RegisterAgain(Mutant):
    """The same subscription a second time is accepted, and the event then comes twice"""

    def __init__(self):
        self._twice = set()

    def answer(self, call, message):
        if call.method == "register" and "error" in message:
            self._twice.add((call.link, f"{call.params['id']}.{call.params['event']}"))
            return {"jsonrpc": "2.0", "id": call.id, **_DONE}
        return message

    def event(self, link, message):
        return [message] * (2 if (link, message["method"]) in self._twice else 1)


@mutant("events.unregister-again", "?", "events.unregister.again")
class UnregisterAgain(Mutant):
    """The end of a subscription that is not there is accepted"""

    def answer(self, call, message):
        return (
            {"jsonrpc": "2.0", "id": call.id, **_DONE}
            if call.method == "unregister" and "error" in message
            else message
        )


class Deafened(Mutant):
    """unregister ends other subscriptions, too; `ended` tells from the call's params which."""

    def __init__(self, ended):
        self._ended = ended
        self._params = []

    def answer(self, call, message):
        if call.method == "unregister" and message.get("result") == 0:
            self._params.append((call.link, call.params))
        return message

    def event(self, link, message):
        client, _, name = message["method"].rpartition(".")
        gone = any(each is link and self._ended(params, client, name) for each, params in self._params)
        return [] if gone else [message]


add(
    "events.unregister-all-events",
    "unregister ends the client's subscriptions to all events",
    "?",
    "events.unregister.event",
    partial(Deafened, lambda params, client, _name: params.get("id") == client),
)
add(
    "events.unregister-all-ids",
    "unregister ends the subscriptions to the event under all ids",
    "?",
    "events.unregister.id",
    partial(Deafened, lambda params, _client, name: params.get("event") == name),
)


class Audience(Mutant):
    """Only those get an event whom `chosen` picks: it gets the link, all subscribed links, and the message."""

    def __init__(self, chosen):
        self._chosen = chosen

    def event(self, link, message):
        subscribed = [each for each in self.proxy.links if each.subscriptions]
        return [message] if self._chosen(link, subscribed, message) else []


def _first_id(link, _links, message):
    name = name_of(message)
    return next(client for event, client in link.subscriptions if event == name) == message["method"].rpartition(".")[0]


add(
    "events.first-subscriber",
    "Only the first subscriber gets the events",
    "?",
    "events.subscribers",
    partial(Audience, lambda link, links, _: link is links[0]),
)
add(
    "events.last-subscriber",
    "Only the last subscriber gets the events",
    "?",
    "events.subscribers",
    partial(Audience, lambda link, links, _: link is links[-1]),
)
add(
    "events.first-id",
    "A connection that subscribed under several ids gets the events under the first one only",
    "?",
    "events.subscribers",
    partial(Audience, _first_id),
)


@mutant("events.wrong-subscriber", "?", "events.subscribers")
class WrongSubscriber(Mutant):
    """With several subscribers each one's events go to the next one"""

    def event(self, link, message):
        subscribed = [each for each in self.proxy.links if each.subscriptions]
        other = subscribed[(subscribed.index(link) + 1) % len(subscribed)] if link in subscribed else link
        if other is link:
            return [message]
        other.push(message)
        return []


@mutant("events.one-id", "?", "events.register.id")
class OneId(Mutant):
    """Events come without the id that the client gave"""

    def event(self, _link, message):
        return [{**message, "method": name_of(message)}]


@mutant("events.deaf-after-disconnect", "?", "events.disconnect")
class DeafAfterDisconnect(Mutant):
    """When one subscriber disconnects, the others get no events any more"""

    def __init__(self):
        self._gone = False

    def left(self, link):
        self._gone = self._gone or bool(link.subscriptions)

    def event(self, _link, message):
        return [] if self._gone else [message]


@mutant("events.inherited", "?", "events.disconnect")
class Inherited(Mutant):
    """A new connection inherits the subscriptions of one that was closed"""

    def __init__(self):
        self._estate = []

    def left(self, link):
        self._estate += link.subscriptions

    def answer(self, call, message):
        if call.method in STARTS and succeeded(message):
            for name, client in self._estate:
                for link in self.proxy.links:
                    if link.websocket and name == STARTED and (name, client) not in link.subscriptions:
                        params = {"containerId": call.container, "name": call.container}
                        if self.proxy.profile == RDK:
                            params = {"descriptor": str(message["result"]["descriptor"]), "name": call.container}
                        link.push({"jsonrpc": "2.0", "method": f"{client}.{name}", "params": params})
        return message


@mutant("events.broadcast", "?", "events.register")
class Broadcast(Mutant):
    """Events come to connections that never subscribed"""

    def event(self, _link, message):
        for link in self.proxy.links:
            if link.websocket and not link.subscriptions:
                link.push(copied(message))
        return [message]


@mutant("events.late", "?", "events.late")
class Late(Mutant):
    """Events come too late to be of use"""

    async def event(self, _link, message):
        await pause(1.5 * TIMEOUT)
        return [message]
