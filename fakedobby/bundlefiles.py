"""What Dobby writes into a bundle directory when it starts it, and removes when the container is gone.

Source: facts/dobby.md 6. A bundle that can't be written to is left as it is: the container runs all the same, and the
log says what is missing, with a warning where the bundle is not what a box would have made of it.
"""

import logging
import os
import tempfile
from pathlib import Path

from fakedobby.bundle import CONFIG, ORIGINAL
from fakedobby.config import Config
from fakedobby.jsontext import indented
from fakedobby.protocol import Descriptor

log = logging.getLogger(__name__)

_PID_FILE = "container.pid"
_HOOK_FILE = "postinstallhooksuccess"


def rewrite_bundle(config: Config, container_id: str) -> None:
    """Turn a bundle into what Dobby makes of it, with `container_id` for host name.

    Does nothing for a Dobby spec and for a bundle that only a scenario knows, as everything here. `config` is what
    read_bundle() returned, before overrides. To be called when the configuration is accepted. The
    original is saved first, and every file appears whole or not at all; a rewritten bundle starts again.
    """
    bundle = config.bundle
    if bundle is None or bundle.known or not bundle.rewritten:
        return
    files = {ORIGINAL: bundle.original} if bundle.original else {}
    files[CONFIG] = indented(config.named(container_id).oci).encode()
    for name, content in files.items():
        file = bundle.directory / name
        if problem := _written(file, content):
            log.warning(
                "%s can't be written: %s; the bundle stays as it was, and is started all the same", file, problem
            )
            return  # without its copy the original is not replaced either


def write_running(config: Config, descriptor: Descriptor, pid: int, *, overridden: bool) -> None:
    """Write what is there while a container runs.

    `config` is the one with overrides; with `overridden` it goes to config-<descriptor>.json. To be called when the
    container was created.
    """
    if config.bundle is None or config.bundle.known:
        return
    directory = config.bundle.directory
    if overridden:
        _write(_running(config.bundle.directory, descriptor), config.oci_text.encode())
    _write(directory / _PID_FILE, str(pid).encode())
    if config.has_plugins:
        _write(directory / _HOOK_FILE, b"")


def remove_running(config: Config, descriptor: Descriptor) -> None:
    """Delete config-<descriptor>.json; to be called when the container is torn down, or could not be created."""
    if config.bundle is None or config.bundle.known:
        return
    try:
        _running(config.bundle.directory, descriptor).unlink(missing_ok=True)
    except OSError as problem:
        log.info("%s can't be cleaned up: %s", config.bundle.directory, problem.strerror)


def _running(directory: Path, descriptor: Descriptor) -> Path:
    return directory / f"config-{descriptor}.json"


def _write(file: Path, content: bytes) -> None:
    if problem := _written(file, content):
        log.info("%s can't be written: %s", file, problem)


def _written(file: Path, content: bytes) -> str:
    """Write a file; return why that is not possible, "" when it is."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as problem:
        return problem.strerror or str(problem)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except OSError as problem:
        Path(name).unlink(missing_ok=True)
        return problem.strerror or str(problem)
    return ""
