"""A bundle that an emulator starts without fuss."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from thunderoci.testing.scratch import scratch

_MEMORY = 64 * 2**20


def bundle(
    directory: str | PathLike[str] | None = None,
    *,
    args: Sequence[str] = ("sleep", "3600"),
    env: Sequence[str] = ("PATH=/usr/bin:/bin",),
    annotations: Mapping[str, str] | None = None,
    **changes: Any,
) -> str:
    """Write an OCI bundle and return its absolute path, for `startContainer`.

    Without a directory it gets a temporary one, which goes when this process ends (after SIGKILL, when the next one
    writes a bundle). `args` is the command line of the
    container's program (an emulator runs nothing: `sleep 5` ends after 5 seconds of its clock, what it does not know
    runs until it is stopped); `changes` replace whole members of config.json, None leaves one out. Write a new one for
    every start: Dobby rewrites the configuration of a bundle that it has started. Raises OSError.
    """
    folder = Path(directory if directory is not None else tempfile.mkdtemp(dir=scratch())).resolve()
    (folder / "rootfs").mkdir(parents=True, exist_ok=True)
    configuration = {
        "ociVersion": "1.0.2-dobby",
        "hostname": "app",
        "root": {"path": "rootfs", "readonly": True},
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": ["/usr/libexec/DobbyInit", *args],
            "env": list(env),
            "cwd": "/",
        },
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
            "resources": {"memory": {"limit": _MEMORY}},
        },
        "rdkPlugins": {"logging": {"required": False, "data": {"sink": "devnull"}}},
        **({"annotations": dict(annotations)} if annotations else {}),
        **changes,
    }
    kept = {name: value for name, value in configuration.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return str(folder)
