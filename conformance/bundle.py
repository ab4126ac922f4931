"""The OCI bundle that the suite brings: a container that sleeps for a minute and can hurt nothing."""

import json
from pathlib import Path
from typing import Any

from conformance.errors import BadBundleDirectory, tell
from conformance.output import Output

_SHARED = ("/bin", "/lib", "/lib64", "/usr")
"""What the container sees of the device, read-only; its own root file system is empty."""
_MEMORY = 40 * 1024 * 1024
_PROCESSES = 32
_USE = "copy it to the box, and give the path that it has there as --bundle-path."


def write(directory: Path) -> Path:
    """Write the bundle into ``directory`` (made if need be) and return its absolute path.

    To be called for every run: the daemon rewrites a bundle that it starts. Raises OSError.
    """
    (directory / "rootfs").mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(text(), encoding="utf-8")
    return directory.resolve()


def text() -> str:
    """Return the text of the bundle's config.json."""
    return json.dumps(_configuration(), indent=2) + "\n"


def hand_out(where: str, output: Output) -> None:
    """Print config.json when ``where`` is ``-``, else write the bundle there; say what it is good for.

    Raises BadBundleDirectory, also where another configuration would be lost.
    """
    if where == "-":
        output.write(text())
        tell(f"This is the config.json of a bundle, beside an empty directory rootfs; {_USE}")
        return
    try:
        there = Path(where) / "config.json"
        if there.exists() and there.read_bytes() != text().encode():
            raise BadBundleDirectory(directory=where, why="there is another config.json; give a directory without one")
        written = write(Path(where))
    except OSError as problem:
        raise BadBundleDirectory(directory=where, why=problem.strerror) from None
    output.write(f"{written} is a bundle now; {_USE}\n")


def _configuration() -> dict[str, Any]:
    """Return the bundle's config.json.

    The daemon is known to crash on a bundle without hostname, process, linux.resources or any rdkPlugins entry.
    """
    return {
        "ociVersion": "1.0.2-dobby",
        "hostname": "conformance",
        "root": {"path": "rootfs", "readonly": True},
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": ["/usr/libexec/DobbyInit", "sleep", "60"],
            "env": ["PATH=/usr/bin:/bin"],
            "cwd": "/",
            "noNewPrivileges": True,
        },
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
            *(
                {"destination": path, "type": "bind", "source": path, "options": ["rbind", "ro", "nosuid", "nodev"]}
                for path in _SHARED
            ),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
            "resources": {
                "devices": [{"allow": False, "access": "rwm"}],
                "memory": {"limit": _MEMORY},
                "pids": {"limit": _PROCESSES},
            },
        },
        "rdkPlugins": {"logging": {"required": False, "data": {"sink": "devnull"}}},
    }
