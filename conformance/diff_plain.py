"""What a side did, in a form in which it can be compared: what differs from run to run has the same words in both."""

import json
import re
from typing import Any

from conformance.report.printable import printable

_OURS = re.compile(r"conf-[0-9a-f]{8}-")
_HASHES = frozenset({"hash"})
_FIGURES = frozenset({"info"})
"""Members in which all numbers are of the moment."""
_TIMES = frozenset({"timestamp", "started", "time"})
_DESCRIPTORS = frozenset({"Descriptor", "descriptor"})
_OF_THE_MOMENT = frozenset({"observers"})
"""Members that tell of other clients."""
_DIGITS = re.compile(r"[1-9][0-9]*")
_LEFT_OUT = frozenset({"content-length", "date"})


class Plain:
    """Makes comparable what one side says; ``names`` are the ids of its containers, and what they go by in a report."""

    def __init__(self, names: dict[str, str] | None = None) -> None:
        self.names = names or {}
        self._described: dict[int, str] = {}
        """The ids of containers, as they are and not as a report has them, by descriptor."""

    def learn(self, container: str, descriptor: object) -> None:
        """Note the descriptor that a container got."""
        if isinstance(descriptor, int) and descriptor > 0:
            self._described[descriptor] = container

    def descriptor(self, container: str) -> int | None:
        """Return the descriptor that a container has."""
        return next((number for number, known in reversed(self._described.items()) if known == container), None)

    def container(self, descriptor: int) -> str | None:
        """Return the id of the container that has a descriptor."""
        return self._described.get(descriptor)

    def answer(self, status: int | None, message: Any, asked: Any) -> dict[str, Any]:
        """Return an answer to the request ``asked``; ``status`` is None on a WebSocket."""
        shown: dict[str, Any] = {} if status is None else {"HTTP": status}
        if isinstance(message, dict):
            ordinary = {"jsonrpc": "2.0", "id": asked}
            rest = {name: value for name, value in message.items() if (name, value) not in ordinary.items()}
            return shown | {self.text(name): self.value(value) for name, value in rest.items()}
        if isinstance(message, str):
            return shown | {"text": self.text(printable(message.replace(f'"id":{json.dumps(asked)},', '"id":<id>,')))}
        return shown | {"JSON": self.value(message)}

    def headers(self, headers: tuple[tuple[str, str], ...]) -> list[str]:
        """Return headers in a fixed order, those aside that every answer has of its own."""
        return sorted(printable(f"{name}: {value}") for name, value in headers if name.lower() not in _LEFT_OUT)

    def events(self, events: list[tuple[str, Any]], container: str) -> list[Any]:
        """Return events in their order, as those of a container."""
        shown = json.dumps([[name, self.value(params)] for name, params in events])
        plain: list[Any] = json.loads(shown.replace(self.text(container), "<container>") if container else shown)
        return plain

    def value(self, value: Any) -> Any:
        """Return a JSON value."""
        return self._value(value)

    def text(self, text: str) -> str:
        """Return a text with the ids of containers as the report has them."""
        for container, name in self.names.items():
            if container in text:
                text = text.replace(container, name)
        return _OURS.sub("conf-*-", text)

    def _value(self, value: Any, *, figures: bool = False) -> Any:
        if isinstance(value, dict):
            return {self.text(name): self._member(name, each, figures) for name, each in value.items()}
        if isinstance(value, list):
            return self._list(value, figures)
        if isinstance(value, str):
            return self._string(value)
        if figures and isinstance(value, (int, float)) and not isinstance(value, bool):
            return "<number>"
        return value

    def _member(self, name: str, value: Any, figures: bool) -> Any:
        if name in _HASHES and isinstance(value, str):
            return "<hash>"
        if name in _TIMES and isinstance(value, (int, str)):
            return "<time>"
        if name in _OF_THE_MOMENT and isinstance(value, int):
            return "<number>"
        if name in _DESCRIPTORS and isinstance(value, int) and value > 0:
            return self._descriptor(value)
        if name == "containers" and isinstance(value, list):
            return self._containers(value)
        return self._value(value, figures=figures or name in _FIGURES)

    def _list(self, value: list[Any], figures: bool) -> list[Any]:
        plain = [self._value(each, figures=figures) for each in value]
        if figures and plain and all(each == "<number>" for each in plain):
            return ["<numbers>"]
        if all(isinstance(each, dict) and "callsign" in each for each in value):
            return sorted(plain, key=lambda each: str(each["callsign"]))
        return plain

    def _string(self, value: str) -> str:
        if _DIGITS.fullmatch(value) and int(value[:20]) in self._described:
            return self._descriptor(int(value))
        return self.text(value)

    def _descriptor(self, number: int) -> str:
        container = self.container(number)
        return "<descriptor>" if container is None else f"<descriptor of {self.text(container)}>"

    def _containers(self, value: list[Any]) -> list[Any]:
        """Return a listing in a fixed order, without the containers of others."""
        ours = [each for each in value if not isinstance(each, dict) or self.ours(str(each.get("Id")))]
        return sorted((self._value(each) for each in ours), key=str)

    def ours(self, container: str) -> bool:
        """Tell whether a container is one of the diff's, or of the recording's."""
        return container in self.names or _OURS.match(container) is not None
