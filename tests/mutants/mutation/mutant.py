"""A fault, as hooks into what goes by; and the table of all of them."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater

from .frames import TEXT, frame

RDK, ENT = PROFILES = ("rdkservices", "entservices")
SILENCE = object()
"""In place of an answer: none."""
CLOSE = object()
"""In place of bytes: the end of the connection."""
TIMEOUT = 1.0
"""Seconds that an answer may take: what has to be waited for costs this much, and a busy machine must not need it."""


async def pause(seconds):
    """Let time pass."""
    await deferLater(reactor, seconds)


class Mutant:
    """A Thunder without a fault; each subclass puts one in. An object of it lives as long as one run.

    Messages are decoded JSON; what a hook returns unchanged goes by as it came, byte by byte. Hooks that have to wait
    may be coroutines. `self.proxy` knows the containers, and can call the emulator.
    """

    proxy = None

    def request(self, call):
        """Take a request; None lets it through (with what was changed in call.message), a dictionary with `result` or
        `error` is the answer in place of the emulator's, SILENCE swallows it.
        """

    def garbage(self, call):
        """Take a request whose body is no JSON object, as `request` does."""

    def answer(self, _call, message):
        """Return the answer to be given: a message, bytes, or SILENCE."""
        return message

    def wire(self, _call, message):
        """Return what is written for an HTTP answer (http.Message): bytes, seconds to wait, CLOSE."""
        return [bytes(message)]

    def frames(self, _call, payload):
        """Return what is written for an answer on a WebSocket, as `wire` does."""
        return [frame(TEXT, payload)]

    def event(self, _link, message):
        """Return the events that are sent in place of one: messages or bytes."""
        return [message]

    def handshake(self, _link, answer):
        """Return what is written for the answer to a handshake (http.Message), as `wire` does."""
        return [bytes(answer)]

    def control(self, _link, control_frame):
        """Return what is written for a control frame from the emulator, as `wire` does."""
        return [bytes(control_frame)]

    def asked(self, _link, client_frame):
        """Tell whether a frame of the client's gets through."""
        return True

    def left(self, _link):
        """A client has closed its connection."""


def error(code=1, message="ERROR_GENERAL"):
    """Return the outcome of a call that fails as in rdkservices."""
    return {"error": {"code": code, "message": message}}


def success(profile, **members):
    """Return the outcome of a call that succeeds."""
    return {"result": {**members, "success": True, **({"errorReason": ""} if profile == ENT else {})}}


def refusal(profile):
    """Return the outcome of a call that fails in the profile's own form."""
    return error() if profile == RDK else {"result": {"success": False, "errorReason": "ERROR_GENERAL"}}


def succeeded(message):
    """Tell whether an answer says that the call was done."""
    result = message.get("result") if isinstance(message, dict) else None
    return isinstance(result, dict) and result.get("success") is True


def copied(message):
    """Return a copy that can be changed."""
    return json.loads(json.dumps(message))


@dataclass(frozen=True)
class Entry:
    """A row of the table: which fault, and which case has to find it, by which clause.

    `timeout` is how many seconds an answer may take in its run; `waits` says that its run has to wait for that long.
    `spotless` is for what is legal, see there.
    """

    id: str
    does: str
    finds: str
    clause: str
    fault: Callable[[], Mutant]
    profiles: tuple[str, ...] = PROFILES
    timeout: float = TIMEOUT
    waits: bool = False
    spotless: bool = False

    @property
    def family(self):
        return self.id.partition(".")[0]


NAMED = tomllib.loads((Path(__file__).parents[1] / "named.toml").read_text(encoding="utf-8"))
_SAME = "the emulator, as real devices, breaks the same clause in the same case without the fault"
UNFOUND = {
    "http.no-preflight": "it is what real devices do, a known quirk",
    "robustness.garbage-stuns": "it is what real devices do, a known quirk",
    "websocket.large-kills": "the large message of the suite comes in several frames by the time it gets here",
    "params.version-demanded": "a refusal of such a request is accepted",
    "params.unicode-lost": "no answer shows what became of the text",
    "designator.mixed-profiles": "one method of the other generation's manner goes unnoticed where its members fit both",
    "events.states-behind": "the two events of one change may come in either order",
    "websocket.pong-other": _SAME,
    "designator.unknown-code": _SAME,
    "robustness.batch-as-object": _SAME,
    "robustness.batch-empty": _SAME,
    "robustness.ids-as-numbers": _SAME,
    "concurrency.one-at-a-time": "it is what real devices do, a known quirk",
}
"""Faults that no case finds, and why; docs/mutants.md lists them."""
MUTANTS: list[Entry] = []
LEGAL: list[Entry] = []


def add(mutant_id, does, finds, clause, fault, *, profiles=PROFILES, timeout=TIMEOUT, waits=False):
    """Enter a fault into the table; what named.toml says of it holds before `finds` and `clause`."""
    profiles = (profiles,) if isinstance(profiles, str) else profiles
    if mutant_id in UNFOUND:
        return
    finds, clause = NAMED.get(mutant_id, (finds, clause))
    MUTANTS.append(Entry(mutant_id, does, f"ocicontainer/{finds}", clause, fault, profiles, timeout, waits))


def mutant(mutant_id, finds, clause, **options):
    """Enter a class into the table; its docstring says what the fault is."""

    def enter(cls):
        add(mutant_id, cls.__doc__, finds, clause, cls, **options)
        return cls

    return enter


def legal(mutant_id, *, does="", profiles=PROFILES, spotless=False):
    """Enter a class into the table of what a Thunder may do differently; no case may fail because of it.

    With `spotless` no case may even notice: its verdict stays what it is without the difference.
    """

    def enter(cls):
        both = (profiles,) if isinstance(profiles, str) else profiles
        LEGAL.append(Entry(mutant_id, does or cls.__doc__, "", "", cls, both, spotless=spotless))
        return cls

    return enter
