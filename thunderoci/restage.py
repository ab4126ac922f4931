"""Scenes change: a scenario file that was rewritten takes the place of the one before it."""

import logging
from collections.abc import Mapping
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


class Restage:
    """Reads a scenario file again, and resets the emulator to it; a file that can't be used changes nothing.

    `defaults` are the options that the file had a say in at the start, when it was as `first` is.
    """

    def __init__(
        self,
        first: ScenarioFile,
        defaults: Mapping[str, Any],
        host: PluginHost,
        daemon: Daemon,
        operations: Operations,
    ) -> None:
        self._file = first.file
        self._defaults = defaults
        self._running = self._options(first)
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
        wanted = self._options(file)
        if changed := [f"{name} {value}" for name, value in wanted.items() if value != self._running[name]]:
            log.warning("%s: these need a new start: %s.", self._file, ", ".join(changed))
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

    def _options(self, file: ScenarioFile) -> dict[str, Any]:
        """Return what an emulator would be started with."""
        return {name: file.document.get(name, default) for name, default in self._defaults.items()}


def _read(path: Path) -> tuple[ScenarioFile, Scenario, list[Plugin]]:
    file = ScenarioFile(path, patience=0)  # others wait for us
    scenario = scenario_of(file)
    scenario.populate(lambda document: described(document, scenario))
    return file, scenario, list(plugins_of(file))
