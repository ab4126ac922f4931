"""What the description of a container says about it, as scenarios and the control API have it (no I/O but bundles)."""

from collections.abc import Mapping
from typing import Any

from fakedobby.bundle import read_bundle
from fakedobby.config import Config
from fakedobby.errors import Refused
from fakedobby.jsontext import compact
from fakedobby.knownbundle import known_bundle
from fakedobby.scenario import Scenario
from fakedobby.scripted import BadProgram, ScriptedProgram
from fakedobby.spec import read_spec


def described(document: Mapping[str, Any], scenario: Scenario) -> Config:
    """Return the configuration of a container that has one of `program`, `bundle` and `spec`; raises Refused.

    A program is a table, or the name of one that the scenario has. A container that has nothing but that is one of a
    bundle which lies nowhere.
    """
    if "bundle" in document:
        return read_bundle(document["bundle"], scenario.bundles)
    if "spec" in document:
        return read_spec(compact(document["spec"]))
    program = document["program"]
    if isinstance(program, str):
        found = scenario.programs.named(program)
        if found is None:
            raise Refused(f"the scenario has no program {program!r}")
    else:
        try:
            found = ScriptedProgram.of(program)
        except BadProgram as problem:
            raise Refused(f"the program can't be run: {problem}") from None
    return known_bundle({"path": f"/{document['id']}"}, found)
