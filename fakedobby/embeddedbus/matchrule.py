"""Match rules: which messages a client wants (D-Bus specification, "Match Rules"; errors read as dbus-daemon's)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fakedobby.embeddedbus.grammar import is_bus_name, is_interface, is_member, is_namespace, is_path
from fakedobby.embeddedbus.message import CALL, ERROR, RETURN, SIGNAL, Message

_KINDS = {"method_call": CALL, "method_return": RETURN, "error": ERROR, "signal": SIGNAL}
_FORMS = {
    "sender": (is_bus_name, "Sender name '{}' is invalid\n"),
    "destination": (is_bus_name, "Destination name '{}' is invalid\n"),
    "interface": (is_interface, "Interface name '{}' is invalid\n"),
    "member": (is_member, "Member name '{}' is invalid\n"),
    "path": (is_path, "Path '{}' is invalid\n"),
    "path_namespace": (is_path, "Path '{}' is invalid\n"),
    "type": (lambda value: value in _KINDS, "Invalid message type ({}) in match rule\n"),
    "eavesdrop": (
        lambda value: value in {"true", "false"},
        "eavesdrop='{}' is invalid, it should be 'true' or 'false'\n",
    ),
}
"""What values look like, by key, and what dbus-daemon says of others."""
_MAXIMUM_ARGUMENT = 63
_KEY = re.compile(r"[ \t\r\n]*([^= \t\r\n]*)[ \t\r\n]*=")
_ARGUMENT = re.compile(r"arg(\d+)(.*)", re.DOTALL | re.ASCII)


class MatchRuleInvalid(Exception):
    """A text is no match rule."""


@dataclass(frozen=True)
class MatchRule:
    """One rule; equal rules want the same. Keys are those of the specification, `arguments` has arg0, arg0path, ..."""

    keys: frozenset[tuple[str, str]]
    arguments: frozenset[tuple[int, str, str]]
    """Argument number, what follows it in the key, value."""

    @property
    def eavesdrops(self) -> bool:
        """Whether the rule also wants messages to others."""
        return ("eavesdrop", "true") in self.keys

    def fits(self, message: Message, has_name: Callable[[str | None, str], bool]) -> bool:
        """Say whether the rule wants `message`; `has_name(who, name)` tells whether `who` is or owns `name`."""
        return all(self._key_fits(message, key, value, has_name) for key, value in self.keys) and all(
            _argument_fits(message, *argument) for argument in self.arguments
        )

    @staticmethod
    def _key_fits(message: Message, key: str, value: str, has_name: Callable[[str | None, str], bool]) -> bool:
        if key in {"sender", "destination"}:
            return has_name(getattr(message, key), value)
        if key == "type":
            return message.kind == _KINDS[value]
        if key == "path_namespace":
            return message.path is not None and (message.path + "/").startswith(value.rstrip("/") + "/")
        return key == "eavesdrop" or getattr(message, key) == value


def _argument_fits(message: Message, number: int, way: str, value: str) -> bool:
    argument = message.arguments[number] if number < len(message.arguments) else None
    if argument is None or (argument[0] == "o" and way != "path"):
        return False
    text = argument[1]
    if way == "path":
        return text == value or (text.endswith("/") and value.startswith(text)) or _is_inside(text, value)
    return text == value or (way == "namespace" and text.startswith(value + "."))


def _is_inside(text: str, directory: str) -> bool:
    return directory.endswith("/") and text.startswith(directory)


def parse(text: str) -> MatchRule:
    """Read a rule as AddMatch takes it; raises MatchRuleInvalid."""
    keys: dict[str, str] = {}
    arguments: dict[int, tuple[int, str, str]] = {}
    for key, value in _pairs(text):
        if key.startswith("arg"):
            argument = _argument(key, value)
            if argument[0] in arguments:
                raise MatchRuleInvalid(f"Argument {key} matched more than once in match rule\n")
            arguments[argument[0]] = argument
            continue
        if key not in _FORMS:
            raise MatchRuleInvalid(f'Unknown key "{key}" in match rule')
        if key in keys:
            raise MatchRuleInvalid(f"Key {key} specified twice in match rule\n")
        looks_right, complaint = _FORMS[key]
        if not looks_right(value):
            raise MatchRuleInvalid(complaint.format(value))
        keys[key] = value
        if "path" in keys and "path_namespace" in keys:
            raise MatchRuleInvalid("path or path_namespace specified twice in match rule\n")
    return MatchRule(frozenset(keys.items()), frozenset(arguments.values()))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text) and not text[at:].isspace():
        key = _KEY.match(text, at)
        if key is None:
            raise MatchRuleInvalid("Match rule has a key with no subsequent '=' character")
        value, at = _value(text, key.end())
        yield key[1], value


def _value(text: str, at: int) -> tuple[str, int]:
    """Return the value that starts at `at`, and where the next key starts.

    Inside apostrophes everything stands for itself, outside of them a backslash makes an apostrophe one of the value.
    """
    value = []
    quoted = False
    while at < len(text) and (quoted or text[at] != ","):
        if text[at] == "'":
            quoted = not quoted
        elif not quoted and text.startswith("\\'", at):
            at += 1
            value.append("'")
        else:
            value.append(text[at])
        at += 1
    if quoted:
        raise MatchRuleInvalid("Unbalanced quotation marks in match rule")
    return "".join(value), at + 1


def _argument(key: str, value: str) -> tuple[int, str, str]:
    if key == "arg":
        raise MatchRuleInvalid(
            f"Key '{key}' in match rule starts with 'arg' but lacks an arg number. "
            "Should be 'arg0' or 'arg7' for example.\n"
        )
    parts = _ARGUMENT.fullmatch(key)
    if parts is None:
        raise MatchRuleInvalid(
            f"Key '{key}' in match rule starts with 'arg' but could not parse arg number. "
            "Should be 'arg0' or 'arg7' for example.\n"
        )
    digits, way = parts[1].lstrip("0") or "0", parts[2]
    if len(digits) > len(str(_MAXIMUM_ARGUMENT)) or int(digits) > _MAXIMUM_ARGUMENT:
        raise MatchRuleInvalid(
            f"Key '{key}' in match rule has arg number {digits} but the maximum is {_MAXIMUM_ARGUMENT}.\n"
        )
    if way not in {"", "path"} and (way, digits) != ("namespace", "0"):
        raise MatchRuleInvalid(
            f"Key '{key}' in match rule contains junk after argument number ({digits}). "
            f"Only 'arg{digits}path' (for example) or 'arg0namespace' are valid"
        )
    if way == "namespace" and not is_namespace(value):
        raise MatchRuleInvalid(f"arg0namespace='{value}' is not a valid prefix of a bus name")
    return int(digits), way, value
