"""Scenes change: a scenario file that was rewritten takes the place of the one before it."""

import logging
from pathlib import Path
from typing import Any

from fakedobby.daemon import Daemon
from fakedobby.described import described
from fakedobby.errors import BadScenario, ControlError
from fakedobby.faults import DOBBY, PLUGIN, TRANSPORT
from fakedobby.scenario import Scenario, put_in_force, scenario_of
from fakedobby.scenariofile import ScenarioFile
from thunderoci.control.operations import Operations
from thunderoci.host import PluginHost
from thunderoci.plugin import Plugin
from thunderoci.scenario import plugins_of

log = logging.getLogger(__name__)

_AT_THE_START = ("profile", "flavour", "clock", "progression", "seed")


class Restage:
    """Reads a scenario file again, and resets the emulator to it; a file that can't be used changes nothing."""

    def __init__(self, first: ScenarioFile, host: PluginHost, daemon: Daemon, operations: Operations) -> None:
        self._file = first.file
        self._options = _options(first)
        self._host = host
        self._daemon = daemon
        self._operations = operations

    async def again(self) -> None:
        """Take the file as it is now."""
        try:
            file, scenario, plugins = _read(self._file)
        except BadScenario as problem:
            log.error("%s All stays as it was.", problem)  # noqa: TRY400 (the sentence says it all)
            return
        if (options := _options(file)) != self._options:
            self._options = options
            log.warning("%s: profile, flavour, clock, progression and seed need a new start.", self._file)
        faults = self._host.emulation.faults
        faults.clear()
        put_in_force(scenario, faults, DOBBY, PLUGIN, TRANSPORT)
        await self._host.replace(plugins)
        self._daemon.use(scenario)
        try:
            await self._operations.restart()
        except ControlError as problem:
            log.error("%s can't be taken: %s", self._file, problem)  # noqa: TRY400 (as above)
        else:
            log.warning("%s was read again; all is as it says.", self._file)


def _read(path: Path) -> tuple[ScenarioFile, Scenario, list[Plugin]]:
    file = ScenarioFile(path)
    scenario = scenario_of(file)
    scenario.populate(lambda document: described(document, scenario))
    return file, scenario, list(plugins_of(file))


def _options(file: ScenarioFile) -> dict[str, Any]:
    return {name: file.document.get(name) for name in _AT_THE_START}
