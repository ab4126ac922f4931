"""Changes of answers that many mutants are made of."""

from mutation.mutant import Mutant

STARTS = ("startContainer", "startContainerFromDobbySpec")
ON_ONE = (
    "getContainerState",
    "getContainerInfo",
    "executeCommand",
    "pauseContainer",
    "resumeContainer",
    "stopContainer",
)
"""The methods that name a container, in both profiles."""


class Changed(Mutant):
    """Changes the answers of a method ("" for all): `change` gets the decoded answer, and returns what is sent."""

    def __init__(self, method, change):
        self._method = method
        self._change = change

    def answer(self, call, message):
        return self._change(message) if self._method in {"", call.method} else message


class Result(Changed):
    """Changes the results of a method that is not refused: `change` gets one and may work on it in place."""

    def answer(self, call, message):
        result = message.get("result") if isinstance(message, dict) else None
        if self._method in {"", call.method} and isinstance(result, dict):
            changed = self._change(result)
            return message if changed is None else {**message, "result": changed}
        return message


def holders(result, path):
    """Return what holds the member at the end of a path (info.cpu.usage, containers[].Id), and its name."""
    *way, name = path.split(".")
    found = [result]
    for step in way:
        below = [
            each[step.removesuffix("[]")]
            for each in found
            if isinstance(each, dict) and step.removesuffix("[]") in each
        ]
        found = [item for each in below for item in each] if step.endswith("[]") else below
    return [each for each in found if isinstance(each, dict) and name in each], name


def dropped(path):
    """Return a change that takes a member away."""

    def change(result):
        found, name = holders(result, path)
        for holder in found:
            del holder[name]

    return change


def renamed(path):
    """Return a change that writes the first letter of a member's name in the other case."""

    def change(result):
        found, name = holders(result, path)
        for holder in found:
            holder[name[0].swapcase() + name[1:]] = holder.pop(name)

    return change


def replaced(path, value):
    """Return a change that gives a member another value, or what a function makes of the old one."""

    def change(result):
        found, name = holders(result, path)
        for holder in found:
            holder[name] = value(holder[name]) if callable(value) else value

    return change


def other_type(value):
    """Return a value of another JSON type that looks like the old one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [[name, each] for name, each in value.items()]
    if isinstance(value, list):
        return {str(at): each for at, each in enumerate(value)}
    return "null"
