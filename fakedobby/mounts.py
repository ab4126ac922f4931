"""What Mount and Unmount find inside a container (facts/dobby.md 5).

There is no container. A directory is in it when the bundle's rootfs has it, or a bind mount's source, or when it is a
mount point or lies above one; a container made of a Dobby spec has the usual directories of a Linux system. What Mount
creates is remembered, not written to disk.
"""

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from posixpath import normpath

from fakedobby.config import Config
from fakedobby.errors import Refused

_PATH_MAX = 4096
_BINDING = {"bind", "rbind"}
_ROOT = PurePosixPath("/")
_SPEC_DIRECTORIES = "bin dev etc home lib mnt opt proc root run sbin sys tmp usr usr/bin usr/lib usr/share var var/lib"
_STANDARD = frozenset({_ROOT, *(PurePosixPath("/", name) for name in _SPEC_DIRECTORIES.split())})


class Mounts:
    """The mount points of one container, and what is under them.

    Every method raises Refused with the reason when Dobby would answer false.
    """

    def __init__(self, config: Config) -> None:
        self._rootfs = config.files.rootfs
        self._points: dict[PurePosixPath, Path | None] = {}
        for mount in config.mounts:
            if isinstance(mount.get("destination"), str):
                source = mount.get("source")
                binds = mount.get("type") == "bind" and isinstance(source, str)
                self._points[_inside(mount["destination"])] = Path(str(source)) if binds else None

    def mount(self, source: str, destination: str, flags: Iterable[str]) -> None:
        """Bind a directory of this machine to a new one inside the container; unknown flags are ignored."""
        if not _BINDING & set(flags):
            raise Refused("neither bind nor rbind is among the flags")
        if not _holds(Path.is_dir, Path("/", source)):  # a daemon's working directory is the root
            raise Refused(f"the source {source!r} is no directory of this machine")
        point = _inside(destination)
        if self._has(point, Path.exists):
            raise Refused(f"{point} is there already, and Dobby creates what it mounts on")
        if not self._has(point.parent, Path.is_dir):
            raise Refused(f"{point.parent} is no directory in the container")
        self._points[point] = Path("/", source)

    def unmount(self, path: str) -> None:
        """Unmount whatever is mounted at `path`, also what the container was made with; a made directory goes too."""
        point = _inside(path)
        if point not in self._points:
            raise Refused(f"nothing is mounted at {point}")
        del self._points[point]

    def _has(self, path: PurePosixPath, test: Callable[[Path], bool]) -> bool:
        """Tell whether `path` is in the container; where that is up to this machine's files, `test` decides."""
        if any(point == path or path in point.parents for point in self._points):
            return True
        for parent in path.parents:
            if parent in self._points:
                source = self._points[parent]
                return source is not None and _holds(test, source / path.relative_to(parent))
        if self._rootfs is not None:
            return _holds(test, self._rootfs / path.relative_to(_ROOT))
        return path in _STANDARD


def _inside(path: str) -> PurePosixPath:
    """Return a path inside the container; raises Refused for one that no kernel takes."""
    if len(path.encode()) >= _PATH_MAX:
        raise Refused(f"a path has less than {_PATH_MAX} bytes, and this one has {len(path.encode())}")
    # two slashes at the beginning mean something else to POSIX, and nothing to Linux
    return PurePosixPath("/" + normpath("/" + path).lstrip("/"))


def _holds(test: Callable[[Path], bool], path: Path) -> bool:
    try:
        return test(path)
    except (OSError, ValueError):  # a name that no file system holds
        return False
