"""What a Thunder may do in another way than the emulator: none of it is a fault."""

import json
from itertools import count

from mutation.frames import CONTINUATION, PING, TEXT, Frame, frame
from mutation.http import Message
from mutation.mutant import CLOSE, ENT, RDK, Mutant, error, legal, pause, succeeded

from .changes import STARTS, replaced
from .events import STARTED, about, name_of
from .lookup import WrongForm


def _deep(value, change):
    """Return JSON with each object as `change` makes it."""
    if isinstance(value, dict):
        return change({name: _deep(each, change) for name, each in value.items()})
    return [_deep(each, change) for each in value] if isinstance(value, list) else value


@legal("legal.members-reversed", spotless=True)
class MembersReversed(Mutant):
    """The members of all objects come in the opposite order"""

    def answer(self, _call, message):
        return json.dumps(_deep(message, _reversed)).encode()

    def event(self, _link, message):
        return [json.dumps(_deep(message, _reversed)).encode()]


def _reversed(members):
    return dict(reversed(members.items()))


class _Written(Mutant):
    """All that is sent is written in another way."""

    def written(self, message):
        raise NotImplementedError

    def answer(self, _call, message):
        return self.written(message).encode()

    def event(self, _link, message):
        return [self.written(message).encode()]


@legal("legal.white-space", spotless=True)
class WhiteSpace(_Written):
    """There is white space wherever JSON allows it"""

    def written(self, message):
        return "\r\n\t " + json.dumps(message, indent="\t", separators=(" ,", " :\n")) + " \n"


@legal("legal.compact", spotless=True)
class Compact(_Written):
    """There is no white space at all"""

    def written(self, message):
        return json.dumps(message, separators=(",", ":"))


@legal("legal.utf-8", spotless=True)
class UTF8(_Written):
    """Text outside ASCII comes as UTF-8, not as escapes"""

    def written(self, message):
        return json.dumps(message, ensure_ascii=False)


@legal("legal.escapes", spotless=True)
class Escapes(_Written):
    """All letters of texts and names come as escapes"""

    def written(self, message):
        if isinstance(message, dict):
            pairs = (f"{self.written(name)}: {self.written(value)}" for name, value in message.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(message, list):
            return "[" + ", ".join(map(self.written, message)) + "]"
        if isinstance(message, str):
            units = message.encode("utf-16-be")
            return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'
        return json.dumps(message)


@legal("legal.solidus", spotless=True)
class Solidus(_Written):
    """A solidus is escaped"""

    def written(self, message):
        return json.dumps(message).replace("/", r"\/")


@legal("legal.error-code")
class ErrorCode(Mutant):
    """Errors have other codes and texts, and say more in data"""

    def answer(self, _call, message):
        if isinstance(message.get("error"), dict):
            unknown = message["error"].get("code") in {-32601, 53}
            message["error"] = {"code": -32601 if unknown else 22, "message": "No.", "data": {"more": [1]}}
        return message


@legal("legal.error-without-text")
class ErrorWithoutText(Mutant):
    """Errors have no text"""

    def answer(self, _call, message):
        if isinstance(message.get("error"), dict):
            message["error"].pop("message", None)
        return message


legal("legal.other-form")(WrongForm)


@legal("legal.reasons", profiles=ENT, spotless=True)
class Reasons(Mutant):
    """errorReason says something after a success, too"""

    def answer(self, _call, message):
        if succeeded(message):
            message["result"]["errorReason"] = "none"
        return message


@legal("legal.more-members")
class MoreMembers(Mutant):
    """Results, their parts, and events have members that are not documented"""

    def answer(self, _call, message):
        return _deep(message, lambda members: {**members, "x-more": 1}) if "result" in message else message

    def event(self, _link, message):
        return [{**message, "params": {**message["params"], "x-more": 1}}]


class _Sent(Mutant):
    """All HTTP answers are sent in another way: `sent` is given the answer."""

    def wire(self, _call, message):
        return self.sent(message)


@legal("legal.chunked", spotless=True)
class Chunked(_Sent):
    """Bodies come in chunks"""

    def sent(self, message):
        head = Message(message.start, [*message.without("content-length"), ("Transfer-Encoding", "chunked")]).head
        parts = [message.body[at : at + 7] for at in range(0, len(message.body), 7)]
        return [head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"]


@legal("legal.closes", spotless=True)
class Closes(_Sent):
    """Each connection is closed behind its first answer, which says so"""

    def sent(self, message):
        return [bytes(Message(message.start, [*message.headers, ("Connection", "close")], message.body)), CLOSE]


@legal("legal.http-1.0", spotless=True)
class HTTP10(_Sent):
    """Answers are those of HTTP/1.0: no length, and the end of the connection is the end of the body"""

    def sent(self, message):
        start = message.start.replace("HTTP/1.1", "HTTP/1.0")
        return [bytes(Message(start, message.without("content-length"), message.body)), CLOSE]


@legal("legal.reason-phrase", spotless=True)
class ReasonPhrase(_Sent):
    """The reason phrase of the status is empty"""

    def sent(self, message):
        return [bytes(Message(" ".join(message.start.split()[:2]) + " ", message.headers, message.body))]


@legal("legal.headers", spotless=True)
class Headers(_Sent):
    """There are more headers, in lower case"""

    def sent(self, message):
        more = [("content-type", "application/json; charset=utf-8"), ("server", "none"), ("x-empty", "")]
        headers = [(name.lower(), value) for name, value in message.headers]
        return [bytes(Message(message.start, [*more, *headers], message.body))]


@legal("legal.status-200", spotless=True)
class Status200(_Sent):
    """Errors come with the status 200"""

    def sent(self, message):
        if message.start.split()[1].startswith("2"):
            return [bytes(Message("HTTP/1.1 200 OK", message.headers, message.body))]
        return [bytes(message)]


@legal("legal.status-400")
class Status400(Mutant):
    """Errors come with the status 400"""

    def wire(self, _call, message):
        failed = b'"error"' in message.body
        return [bytes(Message("HTTP/1.1 400 Bad Request", message.headers, message.body) if failed else message)]


@legal("legal.descriptors", spotless=True)
class Descriptors(Mutant):
    """Descriptors are other numbers, and greater ones"""

    _MORE = 2_000_000_000

    def request(self, call):
        named = call.container
        if isinstance(named, str) and named.isdigit() and int(named) > self._MORE:
            call.message["params"]["containerId"] = str(int(named) - self._MORE)

    def answer(self, call, message):
        if succeeded(message):
            for path in ("descriptor", "containers[].Descriptor"):
                replaced(path, lambda number: number + self._MORE)(message["result"])
            replaced("containerId", call.container)(message["result"])
        return message

    def event(self, _link, message):
        replaced("params.descriptor", lambda text: str(int(text) + self._MORE))(message)
        return [message]


class _States(Mutant):
    """States are written in another way."""

    def __init__(self, change):
        self._change = change

    def answer(self, call, message):
        if call.method == "getContainerState" and succeeded(message):
            replaced("state", self._change)(message["result"])
        return message


legal("legal.states-upper", does="getContainerState writes states in upper case")(lambda: _States(str.upper))
legal("legal.states-lower", does="getContainerState writes states in lower case")(lambda: _States(str.lower))


@legal("legal.info-states", profiles=ENT, spotless=True)
class InfoStates(Mutant):
    """getContainerInfo writes states in upper case"""

    def answer(self, call, message):
        if call.method == "getContainerInfo" and succeeded(message):
            replaced("info.state", str.upper)(message["result"])
        return message


@legal("legal.starting", spotless=True)
class Starting(Mutant):
    """A container that was started is starting when it is first asked for its state"""

    def __init__(self):
        self._starting = set()

    def answer(self, call, message):
        if call.method in STARTS and succeeded(message):
            self._starting.add(call.container)
        elif call.method == "getContainerState" and call.container in self._starting and succeeded(message):
            self._starting.discard(call.container)
            replaced("state", "Starting" if self.proxy.profile == RDK else "STARTING")(message["result"])
        elif call.method != "listContainers":
            self._starting.discard(call.container)
        return message


@legal("legal.list-reversed", spotless=True)
class ListReversed(Mutant):
    """The list has the newest container first"""

    def answer(self, call, message):
        if call.method == "listContainers" and succeeded(message):
            message["result"]["containers"].reverse()
        return message


@legal("legal.others", spotless=True)
class Others(Mutant):
    """There are containers that are not ours, some with odd names, and they come and go"""

    def __init__(self):
        self._looks = count()

    def answer(self, call, message):
        if call.method == "listContainers" and succeeded(message):
            names = ["SleepTest", "com.example.app", "\u00fcbung", "conf-00000000-Sleep", ""]
            entries = [{"Descriptor": 90_000 + at, "Id": name} for at, name in enumerate(names)]
            message["result"]["containers"] += entries[next(self._looks) % 2 :]
        return message


@legal("legal.cannot-tell", spotless=True)
class CannotTell(Mutant):
    """The device cannot tell what its containers use"""

    def answer(self, call, message):
        if call.method == "getContainerInfo" and succeeded(message):
            for path in ("cpu.usage.percpu", "cpu.usage.total", "memory.user"):
                replaced(f"info.{path}", None)(message["result"])
        return message


@legal("legal.no-limit", spotless=True)
class NoLimit(Mutant):
    """A container has no limit of memory, which is a number of 64 bits"""

    def answer(self, call, message):
        if call.method == "getContainerInfo" and succeeded(message):
            replaced("info.memory.user.limit", 2**64 - 1)(message["result"])
        return message


@legal("legal.events-first", spotless=True)
class EventsFirst(Mutant):
    """The answers of starts and stops come behind their events"""

    async def answer(self, call, message):
        if call.method in {*STARTS, "stopContainer"}:
            await pause(0.02)
        return message


@legal("legal.overtaken", spotless=True)
class Overtaken(Mutant):
    """On a WebSocket a call is answered behind the two that came after it"""

    def __init__(self):
        self._held = {}

    def frames(self, call, payload):
        pieces, link = super().frames(call, payload), call.link
        if link in self._held:
            held, behind = self._held.pop(link)
            if behind == 1:
                return [*pieces, *held]
            self._held[link] = held, behind - 1
        elif len([each for each in link._pending if each.message and "id" in each.message]) >= 2:
            self._held[link] = pieces, 2
            return []
        return pieces

    def left(self, link):
        self._held.pop(link, None)


@legal("legal.events-later", spotless=True)
class EventsLater(Mutant):
    """Events come a moment later, in their order"""

    async def event(self, _link, message):
        await pause(0.03)
        return [message]


@legal("legal.more-events", spotless=True)
class MoreEvents(Mutant):
    """There are events of other kinds, and events about containers of others"""

    def event(self, _link, message):
        other = {**message, "method": message["method"].replace(name_of(message), "onSomethingElse")}
        somebody = {**message, "params": {**message["params"], "name": "somebody.else"}}
        replaced("params.containerId", "somebody.else")(somebody)
        if name_of(message) == STARTED and str(about(message)).startswith("conf-"):
            return [other, somebody, message]
        return [message]


@legal("legal.fragments", spotless=True)
class Fragments(Mutant):
    """Answers on a WebSocket come in fragments, with a ping between them"""

    def frames(self, _call, payload):
        middle = len(payload) // 2
        head, tail = Frame(final=False, opcode=TEXT, payload=payload[:middle]), frame(CONTINUATION, payload[middle:])
        return [bytes(head) + frame(PING, b"") + tail]


@legal("legal.handshake", spotless=True)
class OtherHandshake(Mutant):
    """The answer to the handshake has lower-case headers, more of them, and the usual reason"""

    def handshake(self, _link, answer):
        headers = [(name.lower(), value) for name, value in answer.without("content-length")]
        return [bytes(Message("HTTP/1.1 101 Switching Protocols", [("server", "none"), *headers]))]


@legal("legal.no-subprotocol", spotless=True)
class NoSubprotocol(Mutant):
    """The answer to the handshake names no subprotocol"""

    def handshake(self, _link, answer):
        return [bytes(Message(answer.start, answer.without("sec-websocket-protocol")))]


@legal("legal.method-error")
class MethodError(Mutant):
    """Methods that do not exist get an error of the plugin's own"""

    def answer(self, call, message):
        if isinstance(message.get("error"), dict) and message["error"].get("code") in {-32601, 53}:
            return {"jsonrpc": "2.0", "id": call.id, **error(-31001, "ERROR_UNKNOWN")}
        return message
