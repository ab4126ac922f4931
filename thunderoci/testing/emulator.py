"""An emulator of a test's own."""

from typing import Any

from thunderoci.emulator import UP, ChildProgram
from thunderoci.testing.options import Options
from thunderoci.testing.thunder import Thunder


class Emulator(Thunder):
    """An emulator in a process of its own, for a `with` block; it ends with this process at the latest.

    Its options are those of Options, as keyword arguments. Raises EmulatorFailed, UnknownOption and BadOption.

        with Emulator(profile="entservices") as thunder:
            thunder.call("listContainers")
    """

    def __init__(self, options: Options | None = None, /, **more: Any) -> None:
        chosen = Options.of(options, **more)
        self.program = ChildProgram(*UP, *chosen.words())
        self.program.start()
        try:
            super().__init__(self.program.ready, control_token=chosen.control_token, program=self.program)
        except BaseException:
            self.program.end()
            raise

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.program.running

    def close(self) -> None:
        """End the connections and the emulator."""
        super().close()
        self.program.end()
