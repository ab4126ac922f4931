"""Scenario files of the plugin host: plugins that answer what the file says.

[[plugin]]
callsign = "org.rdk.Network"

[plugin.methods]
getInterfaces = { interfaces = [], success = true }
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from thunderoci.designator import is_number
from thunderoci.errors import BadScenario
from thunderoci.host import CONTROLLER
from thunderoci.ocicontainer import CALLSIGN
from thunderoci.plugin import Call, Emit, Method, Version
from thunderoci.rawjson import Raw, quote

_PLUGIN_KEYS = {"callsign", "classname", "version", "methods"}


class StaticPlugin:
    """A plugin that answers each of its methods with one value."""

    def __init__(self, callsign: str, classname: str, version: Version, answers: Mapping[str, Raw]) -> None:
        self.callsign = callsign
        self.classname = classname
        self.locator = f"libWPEFramework{classname}.so"
        self.version = version
        self.methods: Mapping[str, Method] = {name: _answering(answer) for name, answer in answers.items()}

    async def activate(self, emit: Emit) -> None:
        """Do nothing."""

    async def deactivate(self) -> None:
        """Do nothing."""


def _answering(answer: Raw) -> Method:
    async def method(_call: Call) -> Raw:
        return answer

    return method


def load(path: Path) -> list[StaticPlugin]:
    """Return the plugins of a scenario file; raises BadScenario, which says where and what was expected."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadScenario(file=path, where="the file", reason=problem.strerror) from None
    except ValueError as problem:  # no UTF-8, or no TOML: the text says in which line
        raise BadScenario(file=path, where="the file", reason=problem) from None
    except RecursionError:
        raise BadScenario(file=path, where="the file", reason="it is nested too deep") from None
    reader = _Reader(path)
    reader.only(document, {"plugin"}, "the file")
    plugins = [
        reader.plugin(entry, f"plugin {number}")
        for number, entry in enumerate(
            reader.expect(document.get("plugin", []), list, "plugin", "[[plugin]] tables"), 1
        )
    ]
    seen = {CONTROLLER, CALLSIGN}
    for number, plugin in enumerate(plugins, 1):
        if plugin.callsign in seen:
            reader.refuse(f"plugin {number}", f"there is a plugin {plugin.callsign} already; give another callsign")
        seen.add(plugin.callsign)
    return plugins


class _Reader:
    """Reads one file, and refuses what does not belong there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def refuse(self, where: str, reason: str) -> NoReturn:
        """Raise BadScenario."""
        raise BadScenario(file=self._path, where=where, reason=reason)

    def expect(self, value: Any, kind: type, where: str, what: str) -> Any:
        if not isinstance(value, kind):
            self.refuse(where, f"{what} expected, not {value!r}")
        return value

    def only(self, table: Mapping[str, Any], keys: set[str], where: str) -> None:
        for key in table:
            if key not in keys:
                self.refuse(
                    f"{where}, key {key!r}", f"there is no such key; these there are: {', '.join(sorted(keys))}"
                )

    def plugin(self, entry: Any, where: str) -> StaticPlugin:
        table = self.expect(entry, dict, where, "a table")
        self.only(table, _PLUGIN_KEYS, where)
        callsign = self.expect(table.get("callsign"), str, f"{where}, key 'callsign'", "a text")
        if not callsign:
            self.refuse(f"{where}, key 'callsign'", "it must not be empty")
        if "." in callsign and is_number(callsign.rpartition(".")[2]):
            self.refuse(f"{where}, key 'callsign'", f"a number behind its last dot would be a version: {callsign!r}")
        classname = table.get("classname", callsign.rpartition(".")[2])
        self.expect(classname, str, f"{where}, key 'classname'", "a text")
        methods = self.expect(table.get("methods", {}), dict, f"{where}, key 'methods'", "a table of answers")
        answers = {name: self.answer(value, f"{where}, method {name!r}") for name, value in methods.items()}
        return StaticPlugin(callsign, classname, self.version(table.get("version", "1.0.0"), where), answers)

    def version(self, text: Any, where: str) -> Version:
        numbers = str(text).split(".")
        if not isinstance(text, str) or len(numbers) > 3 or not all(map(_is_byte, numbers)):  # noqa: PLR2004
            self.refuse(f"{where}, key 'version'", f'a text like "1.0.4" expected, no number above 255, not {text!r}')
        return Version(*map(int, numbers))

    def answer(self, value: Any, where: str) -> Raw:
        try:
            return _raw(value)
        except RecursionError:
            self.refuse(where, "it is nested too deep")
        except (TypeError, ValueError):  # a date or a time; nan or inf
            self.refuse(where, "an answer is made of tables, arrays, texts, numbers and booleans")


def _is_byte(text: str) -> bool:
    return is_number(text) and len(text) <= len("255") and int(text) < 2**8


def _raw(value: Any) -> Raw:
    """Return a TOML value as Thunder writes it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quote(key)}:{_raw(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_raw, value)) + "]"
    return quote(value) if isinstance(value, str) else json.dumps(value, allow_nan=False)
