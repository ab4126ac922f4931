"""Which programs a container could find, without a container.

There is no container, so the rule is lenient. A program is missing when it is named by a path, and

* it is a directory, or
* it is not there, and the directory that it should be in is not there either, or is the root.

"There" is this machine, the container's rootfs, or the source of one of its bind mounts. `/no/such` is missing;
`/usr/bin/app` runs, for somebody means to install it. A name without a slash is looked for nowhere: it runs.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class FileSystem:
    """Where the files of a container come from: its rootfs, and (destination, source) of its bind mounts."""

    rootfs: Path | None = None
    binds: tuple[tuple[str, str], ...] = ()
    anything: bool = False
    """Whether every program is there: a scenario describes the container, and nobody looks for files."""

    def has_program(self, name: str, cwd: str = "/") -> bool:
        """Tell whether `name` can be run from `cwd`, by the rule above."""
        if not name or "\0" in name:
            return False
        if self.anything or "/" not in name:
            return True
        places = self._places(PurePosixPath("/", cwd, name))
        try:
            return any(_could_be(place) for place in places)
        except OSError:  # a name that no file system holds
            return False

    def _places(self, path: PurePosixPath) -> list[Path]:
        places = [Path(path)]
        if self.rootfs is not None:
            places.append(self.rootfs / path.relative_to("/"))
        places.extend(
            Path(source, path.relative_to(destination))
            for destination, source in self.binds
            if path.is_relative_to(destination)
        )
        return places


def _could_be(place: Path) -> bool:
    if place.exists():
        return not place.is_dir()
    return place.parent != Path("/") and place.parent.is_dir()
