"""The directory in which Dobby makes bundles of Dobby specs (facts/dobby.md 1 and 6)."""

import logging
import shutil
import tempfile
from pathlib import Path
from random import Random

from fakedobby.bundle import CONFIG
from fakedobby.config import Config
from fakedobby.errors import Refused

log = logging.getLogger(__name__)

_DIGITS = (10_000, 99_999)
_TRIES = 100


class Workspace:
    """Bundles below `<directory>/dobby/bundles`, each `<id>.<5 digits>`.

    Without a directory a temporary one is made when it is needed, and removed by close().
    """

    def __init__(self, directory: Path | None, random: Random) -> None:
        self._directory = directory
        self._random = random
        self._own: Path | None = None

    def write(self, container_id: str, config: Config) -> tuple[Path, Config]:
        """Make a bundle; return its directory, and the configuration as it is in there. Raises Refused."""
        try:
            directory = self._new_directory(container_id)
            config = config.in_bundle(directory / CONFIG)
            (directory / "rootfs").mkdir()
            (directory / CONFIG).write_text(config.oci_text, encoding="utf-8")
        except OSError as problem:
            raise Refused(f"no bundle can be made in the workspace: {problem}") from None
        return directory, config

    def remove(self, directory: Path | None) -> None:
        """Remove a bundle, if there is one."""
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)

    def close(self) -> None:
        """Remove the temporary directory."""
        self.remove(self._own)
        self._own = None

    def _new_directory(self, container_id: str) -> Path:
        bundles = self._root() / "dobby" / "bundles"
        bundles.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            directory = bundles / f"{container_id}.{self._random.randint(*_DIGITS)}"
            try:
                directory.mkdir()
            except FileExistsError:
                continue
            return directory
        raise Refused(f"no bundle can be made in the workspace: {bundles} is full of bundles of {container_id}")

    def _root(self) -> Path:
        if self._directory is not None:
            return self._directory
        if self._own is None:
            self._own = Path(tempfile.mkdtemp(prefix="thunderoci-"))
        return self._own
