"""The plugin host's side of a scenario: plugins that answer what the file says.

[[plugin]]
callsign = "org.rdk.Network"

[plugin.methods]
getInterfaces = { interfaces = [], success = true }
"""

import json
from collections.abc import Mapping
from typing import Any

from fakedobby.scenariofile import ScenarioFile
from thunderoci.designator import is_number
from thunderoci.host import CONTROLLER
from thunderoci.ocicontainer import CALLSIGN
from thunderoci.plugin import Call, Emit, Method, Version
from thunderoci.rawjson import Raw, quote


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


def plugins_of(file: ScenarioFile) -> list[StaticPlugin]:
    """Return the plugins of a scenario; raises BadScenario, which says where and what was expected."""
    seen = {CONTROLLER, CALLSIGN}
    plugins = []
    for index, table in enumerate(file.document.get("plugin", ())):
        path = ("plugin", index)
        callsign = table["callsign"]
        if "." in callsign and is_number(callsign.rpartition(".")[2]):
            file.refuse((*path, "callsign"), f"a number behind its last dot would be a version: {callsign!r}")
        if callsign in seen:
            file.refuse((*path, "callsign"), f"there is a plugin {callsign} already; give another callsign")
        seen.add(callsign)
        version = version_of(table.get("version", "1.0.0"))
        if version is None:
            expected = 'a text like "1.0.4", no number above 255'
            file.refuse((*path, "version"), f"{expected} expected, not {table['version']!r}")
        answers = {name: _raw(value) for name, value in table.get("methods", {}).items()}
        plugins.append(StaticPlugin(callsign, table.get("classname", callsign.rpartition(".")[2]), version, answers))
    return plugins


def version_of(text: str) -> Version | None:
    """Return the version that a text like "1.0.4" means; None when it means none."""
    numbers = text.split(".")
    if len(numbers) > 3 or not all(map(_is_byte, numbers)):  # noqa: PLR2004 (major, minor, patch)
        return None
    return Version(*map(int, numbers))


def _is_byte(text: str) -> bool:
    return is_number(text) and len(text) <= len("255") and int(text) < 2**8


def _raw(value: Any) -> Raw:
    """Return a TOML value as Thunder writes it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quote(key)}:{_raw(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_raw, value)) + "]"
    return quote(value) if isinstance(value, str) else json.dumps(value, allow_nan=False)
