"""Bundles that are known without a file system: what they describe, as if it had been read (no I/O)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakedobby.config import INIT, BundleSource, Config
from fakedobby.filesystem import FileSystem
from fakedobby.jsontext import compact
from fakedobby.scripted import ScriptedProgram
from fakedobby.spec import read_spec

_USER = {"uid": 1000, "gid": 1000}
_UNNAMED = "program"


def known_bundle(document: Mapping[str, Any], program: ScriptedProgram | None) -> Config:
    """Return what a table describes that fits `bundle` of the scenarios' schema; `program` runs in it, if given.

    The configuration is the one that Dobby makes of a Dobby spec with this command, so that clients see the usual
    members.
    """
    words = document.get("command") or (program and program.name) or _UNNAMED
    args = words.split() if isinstance(words, str) else list(words)
    cwd = document.get("cwd", "/")
    spec = {"version": "1.0", "cwd": cwd, "args": args, "user": _USER, "memLimit": 1, "env": document.get("env", [])}
    limit = document.get("memoryLimit")
    plugins = document.get("rdkPlugins", {})
    config = replace(
        read_spec(compact(spec)),
        args=(INIT, *args),
        memory_limit=limit,
        spec_text="",
        has_plugins=bool(plugins),
        files=FileSystem(anything=True),
        bundle=BundleSource(Path(document["path"]), b"", rewritten=True, known=True),
        program=program,
    )
    resources = {"memory": {"limit": limit, "swap": limit}} if limit else {}
    config = config.with_oci(linux={"resources": resources}, rdkPlugins=plugins)
    return config.in_bundle(Path(document["path"]) / "config.json")
