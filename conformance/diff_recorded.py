"""A recording as one side of a diff: what was said in it, and its calls as steps for the other side."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict, deque
from collections.abc import Generator, Iterable
from itertools import zip_longest
from typing import Any

from conformance import names
from conformance.diff_plain import Plain
from conformance.diff_step import DESCRIPTOR, DESCRIPTOR_NUMBER, GONE, HTTP, WEBSOCKET, Step, Transcript
from conformance.lives import FROM_BUNDLE, FROM_SPEC
from conformance.recording import REDACTED, RecordedCall, Recording
from conformance.report.printable import printable

_LOOKS = frozenset({"status", "version", "subsystems", "proxies", "discoveryresults"})
"""Methods of the Controller that change nothing."""
AWAITED = frozenset({"onContainerStarted", "onContainerStopped"})
"""Events of all profiles."""
NOT_RECORDED = {"failure": "not recorded"}


class RecordedSide:
    """What was said in a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.plain = Plain({name: name for name in containers(recording)})
        self._said = [(call, self._key(call), self._answer(call)) for call in recording.calls]

    def transcript(self) -> Transcript:
        """Return what the box answered to each call, and the events about each container."""
        return {subject(call): answer for call, _, answer in self._said} | self._events()

    def as_asked_in(self, other: RecordedSide) -> Transcript:
        """Return what the box answered to the calls of another recording, and what it was asked besides."""
        left: dict[str, deque[Any]] = defaultdict(deque)
        for _, key, answer in self._said:
            left[key].append(answer)
        found: Transcript = {}
        for call, key, _ in other._said:
            found[subject(call)] = left[key].popleft() if left[key] else NOT_RECORDED
        # what is left of each call are the last answers to it
        for call, key, _ in reversed(self._said):
            if left[key]:
                found[f"B's {subject(call)}"] = left[key].pop()
        return found | self._events()

    def _key(self, call: RecordedCall) -> str:
        """Return what makes two calls the same, whatever the descriptors were."""
        return json.dumps([call.path, call.method, self.plain.value(call.params)], sort_keys=True)

    def _answer(self, call: RecordedCall) -> Any:
        if not call.answered:
            return {"failure": "NoAnswer"}
        learn(self.plain, call)
        # on a WebSocket the answer was found by its id, whatever the box had made of that
        asked = call.message.get("id") if call.websocket and isinstance(call.message, dict) else call.number
        return self.plain.answer(call.status, call.message, asked)

    def _events(self) -> Transcript:
        streams: dict[int, list[tuple[str, Any]]] = defaultdict(list)
        for _, connection, name, params in self._recording.events:
            streams[connection].append((name, params))
        return events_of_each(streams.values(), self.plain)


class Script:
    """The calls of a recording, to be made at an endpoint with containers of the run ``run_id`` in place of its own."""

    def __init__(self, recording: Recording, run_id: str, callsign: str) -> None:
        self._recording = recording
        self._callsign = callsign
        self._ids = {name: names.container_id(run_id, name) for name in containers(recording)}
        self.plain = Plain({container: name for name, container in self._ids.items()})
        """What the endpoint's containers go by in the report."""
        self.not_sent: list[str] = []
        """The calls that were left out, each with its line and why."""

    def steps(self) -> Iterable[tuple[Step, int, int]]:
        """Yield steps, each with its WebSocket and how many events had come before the next call was made."""
        recorded = Plain({name: name for name in self._ids})
        calls = self._recording.calls
        heard = self._heard()
        next(heard)
        for call, following in zip_longest(calls, calls[1:]):
            step = self._step(call, recorded)
            most = heard.send(math.inf if following is None else following.at)
            if call.answered:
                learn(recorded, call)
            if isinstance(step, Step):
                yield step, call.connection, most
            else:
                what = call.name if call.callsign == self._callsign else call.method
                self.not_sent.append(f"line {call.line} {printable(what)} ({step})")

    def _heard(self) -> Generator[int, float, None]:
        """Take times, each not before the last, and give how many events one connection had heard then, at most."""
        heard: Counter[int] = Counter()
        most = 0
        time = yield most
        for at, connection, name, params in self._recording.events:
            while at > time:
                time = yield most
            if name in AWAITED and _about(params) in self._ids:
                heard[connection] += 1
                most = max(most, heard[connection])
        while True:
            yield most

    def _step(self, call: RecordedCall, recorded: Plain) -> Step | str:
        """Return the step that makes a call, or why it is not made."""
        looks = call.callsign == "Controller" and call.method.rpartition(".")[2].partition("@")[0] in _LOOKS
        looks = looks or call.method.startswith(tuple(f"Controller.1.{name}@" for name in _LOOKS))
        if not (call.callsign == self._callsign or looks):
            return "it may change something" if call.callsign == "Controller" else "not of the plugin"
        if REDACTED in str(call.params):
            return "redacted params"
        params = call.params
        container = ""
        if isinstance(params, dict) and "containerId" in params:
            place = self._place(params["containerId"], recorded)
            if place is None:
                return "the descriptor of a container that was not started here"
            container, value = place
            params = {**params, "containerId": value}
        starts = call.name in {FROM_BUNDLE, FROM_SPEC} and container != ""
        return Step(
            subject(call),
            call.method,
            params,
            container=container,
            transport=WEBSOCKET if call.websocket else HTTP,
            path=call.path,
            # boxes differ in what they make of ids; on a WebSocket only numbers of ours find their answers again
            id="" if call.websocket else json.dumps(call.number),
            starts=starts,
            settle=GONE if call.name == "stopContainer" else "",
        )

    def _place(self, given: Any, recorded: Plain) -> tuple[str, Any] | None:
        """Return the container that is meant and what to send for it; None when it could be another one's."""
        number = given if isinstance(given, int) and not isinstance(given, bool) else None
        if isinstance(given, str) and given in self._ids:
            return self._ids[given], self._ids[given]
        digits = given if isinstance(given, str) and given.isascii() and given.isdigit() else None
        descriptor = number if number is not None else int(digits) if digits else None
        name = None if descriptor is None else recorded.container(descriptor)
        if name is not None:
            return self._ids[name], DESCRIPTOR if digits else DESCRIPTOR_NUMBER
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            return None
        return "", given


def containers(recording: Recording) -> list[str]:
    """Return the ids of all containers that a recording's calls name; what is a descriptor's text is none."""
    found: dict[str, None] = {}
    descriptors: set[str] = set()
    for call in recording.calls:
        named = call.params.get("containerId") if isinstance(call.params, dict) else None
        if isinstance(named, str) and named and named not in descriptors:
            found[named] = None
        descriptor = _descriptor(call)
        if descriptor is not None:
            descriptors.add(str(descriptor))
    return list(found)


def subject(call: RecordedCall) -> str:
    """Return what a call of a recording goes by."""
    return f"line {call.line}: {call.method}"


def learn(plain: Plain, call: RecordedCall) -> None:
    """Note the descriptor that a recorded start gave."""
    descriptor = _descriptor(call)
    if descriptor is not None:
        plain.learn(str(call.params.get("containerId")), descriptor)


def events_of_each(streams: Iterable[list[tuple[str, Any]]], plain: Plain) -> Transcript:
    """Return the events about each container, as the connection heard them that heard the most."""
    most: dict[str, list[tuple[str, Any]]] = {}
    for stream in streams:
        by_container: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        for name, params in stream:
            by_container[_about(params)].append((name, params))
        for container, events in by_container.items():
            if plain.ours(container) and len(events) > len(most.get(container, ())):
                most[container] = events
    return {f"events about {plain.text(name)}": plain.events(events, "") for name, events in most.items()}


def _descriptor(call: RecordedCall) -> int | None:
    result = call.message.get("result") if isinstance(call.message, dict) else None
    descriptor = result.get("descriptor") if isinstance(result, dict) else None
    is_start = call.name in {FROM_BUNDLE, FROM_SPEC} and isinstance(call.params, dict)
    return descriptor if is_start and isinstance(descriptor, int) and descriptor > 0 else None


def _about(params: Any) -> str:
    return str(params.get("containerId", params.get("name"))) if isinstance(params, dict) else ""
