"""What a test claims about calls or events, and how its complaint reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_NEAREST = 3
_SIMILAR = 0.6
_CONTAINED = 0.9
_A_DIFFERENCE = 0.01
"""What counts how much when calls are compared; 1 is the same method."""
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Expectation:
    """Entries of one kind, of a method, with these params or arguments among their own, so many `times`.

    None for `times` means at least once.
    """

    kind: str
    """request, event or call."""
    method: str
    """A whole designator, or what stands behind its last dot."""
    params: Mapping[str, Any]
    arguments: Sequence[Any] = ()
    """The first arguments of a D-Bus call."""
    times: int | None = None

    def meets(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether an entry is meant."""
        return self._named(entry) and not self._differences(entry)

    def satisfied(self, number: int) -> bool:
        """Tell whether so many are right."""
        return number > 0 if self.times is None else number == self.times

    def exceeded(self, number: int) -> bool:
        """Tell whether so many can not become right any more."""
        return self.times is not None and number > self.times

    def complaint(self, met: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]], hint: str = "") -> str:
        """Return what is wrong, for people, with the nearest of all the entries of this kind."""
        verb = "sent" if self.kind == "event" else "called"
        expected = "at least once" if self.times is None else _times(self.times)
        outcome = f"was to be {verb} {expected}, and was {_times(len(met)) if met else 'not'}."
        if self.times == 0:
            outcome = f"was not to be {verb}, and was {_times(len(met))}."
        lines = [f"{self._said(self.method, self.params, self.arguments)} {outcome}"]
        if met:
            lines += ["These were:", *map(self._line, met)]
        elif near := self._nearest(entries):
            lines += ["The nearest:", *(f"{self._line(one)}{self._because(one)}" for one in near)]
        elif entries:
            names = sorted({str(entry.get("method")) for entry in entries})
            lines.append(f"None is like it; there were: {', '.join(names)}.")
        else:
            lines.append(f"There was no {self.kind} at all.")
        return "\n".join([*lines, hint] if hint else lines)

    def _named(self, entry: Mapping[str, Any]) -> bool:
        method = str(entry.get("method"))
        if self.method in {method, _behind_dot(method)}:
            return True
        # a plugin's designator with and without its version, and behind the path of one plugin with neither
        wanted = [part for part in self.method.split(".") if not part.isdigit()]
        came = [part for part in f"{entry.get('callsign', '')}.{method}".split(".") if part and not part.isdigit()]
        return len(wanted) > 1 and came[-len(wanted) :] == wanted

    def _differences(self, entry: Mapping[str, Any]) -> list[str]:
        params, arguments = entry.get("params"), entry.get("arguments", [])
        different = []
        for name, value in self.params.items():
            came = params.get(name, _MISSING) if isinstance(params, dict) else _MISSING
            if came is _MISSING:
                different.append(f"no {name}")
            elif came != value:
                different.append(f"{name} is {_json(came)}")
        for number, value in enumerate(self.arguments):
            came = arguments[number] if number < len(arguments) else _MISSING
            if came is _MISSING:
                different.append(f"no argument {number + 1}")
            elif came != value:
                different.append(f"argument {number + 1} is {_json(came)}")
        return different

    def _nearest(self, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        rated = [(self._likeness(entry), entry["number"], entry) for entry in entries]
        rated.sort(key=lambda one: (-one[0], one[1]))
        return [entry for likeness, _, entry in rated[:_NEAREST] if likeness >= _SIMILAR]

    def _likeness(self, entry: Mapping[str, Any]) -> float:
        method, wanted = _behind_dot(str(entry.get("method"))), _behind_dot(self.method)
        name = SequenceMatcher(None, method.lower(), wanted.lower()).ratio()
        if self._named(entry):
            name = 1.0
        elif wanted.lower() in method.lower():
            name = _CONTAINED
        return name - _A_DIFFERENCE * len(self._differences(entry))

    def _because(self, entry: Mapping[str, Any]) -> str:
        reasons = [] if self._named(entry) else ["another method"]
        return f"  ({', '.join([*reasons, *self._differences(entry)])})"

    def _line(self, entry: Mapping[str, Any]) -> str:
        params = entry.get("params")
        named = params if isinstance(params, dict) else {}
        said = self._said(str(entry.get("method")), named, entry.get("arguments") or ())
        return f"  #{entry['number']} at {entry['at']:.3f} s: {said}"

    @staticmethod
    def _said(method: str, params: Mapping[str, Any], arguments: Sequence[Any]) -> str:
        told = [*map(_json, arguments), *(f"{name}={_json(value)}" for name, value in params.items())]
        return f"{method}({', '.join(told)})"


def _behind_dot(method: str) -> str:
    return method.rpartition(".")[2]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
