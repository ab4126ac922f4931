"""Scenario files: what is refused, with file, line, key, and what was expected."""

import json
import os
import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.errors import BadScenario
from fakedobby.faultkinds import DEADLY, KINDS
from fakedobby.scenario import scenario_of
from fakedobby.scenariofile import ScenarioFile
from fakedobby.scenarioschema import complaints, schema
from fakedobby.scripted import BadProgram, ScriptedProgram
from fakedobby.timings import PROGRESSIONS


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "scenario.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return scenario_of(ScenarioFile(path))

    return load


APP = '[[container]]\nid = "app"\n'
PROGRAM = '[[program]]\nname = "p"\n'
FAULT = '[[fault]]\nplace = "dobby"\n'
HUGE = "f" * 5000


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        (b"\xff", "the file", "utf-8"),
        ("\n[[plugin]", "the file", "line 2"),
        ("x = " + "[" * 100_000, "the file", "it is nested too deep"),
        (
            "plugins = []",
            "line 1, key 'plugins'",
            "these there are: bundle, clock, container, fault, flavour, plugin, ",
        ),
        ("\nprofile = 'rdk'", "line 2, key 'profile'", "rdkservices or entservices expected, not 'rdk'"),
        ("flavour = 'r5'", "line 1, key 'flavour'", "r4.4.1-rdk, r4.4.1 or r4.4.7 expected, not 'r5'"),
        ("clock = 'fast'", "line 1, key 'clock'", "real or virtual expected, not 'fast'"),
        ("progression = true", "line 1, key 'progression'", "real, immediate or manual expected, not true"),
        ("seed = 1.5", "line 1, key 'seed'", "an integer expected, not 1.5"),
        (f"seed = 0x{HUGE}", "line 1, key 'seed'", "an integer of at most 64 bits expected"),
        ("seed = 1979-05-27", "line 1, key 'seed'", "are all that a scenario is made of, not 1979-05-27"),
        ("container = {}", "line 1, key 'container'", "[[container]] tables expected, not {}"),
        ("[container]\nid = 'a'", "line 1, key 'container'", "[[container]] tables expected, not a table"),
        ("[[container]]\nprogram = {}", "line 1, container 1", "the key 'id' is missing: a text expected"),
        (
            APP + "program = {}\nid2 = 1",
            "line 4, container 1, key 'id2'",
            "annotations, bundle, id, program, spec, state",
        ),
        (APP, "line 1, container 1", "exactly one of 'program', 'bundle' and 'spec' expected"),
        (APP + "program = {}\nspec = {}", "line 1, container 1", "exactly one of"),
        (APP + "program = {}\nstate = 'paused'", "line 4, container 1, key 'state'", "Running, Paused or Hibernated"),
        (APP + "program = 5", "line 3, container 1, key 'program'", "the name of a [[program]], or a table"),
        (APP + "program = 'q'", "line 3, container 1, key 'program'", "no [[program]] 'q'; these there are: none"),
        (APP + "program = 'q'\n" + PROGRAM, "line 3, container 1, key 'program'", "these there are: p"),
        (APP + "program = { exit = 256 }", "line 3, container 1, key 'program.exit'", "0 to 255 expected, not 256"),
        (
            APP + "[container.program]\nexit = -1",
            "line 4, container 1, key 'program.exit'",
            "0 to 255 expected, not -1",
        ),
        (APP + "bundle = ''", "line 3, container 1, key 'bundle'", "a text that is not empty expected, not ''"),
        (APP + "spec = {}", "line 3, container 1, key 'spec'", "lacks the mandatory key 'version'"),
        (
            APP + "program = {}\nannotations = { a = 1 }",
            "line 4, container 1, key 'annotations.a'",
            "a text expected, not 1",
        ),
        ("[[container]]\nid = 'a/b'\nprogram = {}", "line 2, container 1, key 'id'", "characters of A-Z"),
        ("[[container]]\nid = '-a'\nprogram = {}", "line 2, container 1, key 'id'", "takes it for an option"),
        (2 * (APP + "program = {}\n"), "line 5, container 2, key 'id'", "there is a container app already"),
        ("[[bundle]]\ncommand = 'a'", "line 1, bundle 1", "the key 'path' is missing: an absolute path expected"),
        ("[[bundle]]\npath = 'a'\ncommand = 'a'", "line 2, bundle 1, key 'path'", "an absolute path expected, not 'a'"),
        ("[[bundle]]\npath = '/a'", "line 1, bundle 1", "at least one of 'command' and 'program' expected"),
        ("[[bundle]]\npath = '/a'\ncommand = ''", "line 3, bundle 1, key 'command'", "not empty expected, not ''"),
        ("[[bundle]]\npath = '/a'\ncommand = []", "line 3, bundle 1, key 'command'", "not empty expected, not []"),
        ("[[bundle]]\npath = '/a'\ncommand = ['a',\n1]", "line 4, bundle 1, key 'command', item 2", "a text expected"),
        (
            "[[bundle]]\npath = '/a'\ncommand = ' '",
            "line 1, bundle 1",
            "'args' must be an array of strings with at least",
        ),
        ("[[bundle]]\npath = '/a'\nprogram = 'q'", "line 3, bundle 1, key 'program'", "there is no [[program]] 'q'"),
        (
            2 * "[[bundle]]\npath = '/a//b/'\ncommand = 'a'\n",
            "line 5, bundle 2, key 'path'",
            "there is a bundle /a/b already",
        ),
        (
            "[[bundle]]\npath = '/a'\ncommand = 'a'\nmemoryLimit = 0",
            "line 4, bundle 1, key 'memoryLimit'",
            "bytes, an integer above 0 expected, not 0",
        ),
        (
            "[[program]]\nruntime = 1",
            "line 1, program 1",
            "the key 'name' is missing: a text that is not empty expected",
        ),
        (PROGRAM + "runtime = -1", "line 3, program 1, key 'runtime'", "seconds, 0 or more expected, not -1"),
        (PROGRAM + "runtime = inf", "line 3, program 1, key 'runtime'", "made of, not inf"),
        (PROGRAM + "exit = 1\nsignal = 'SIGHUP'", "line 1, program 1", "one of 'exit' and 'signal', not both expected"),
        (PROGRAM + "signal = 'SEGV'", "line 3, program 1, key 'signal'", "such as SIGSEGV expected, not 'SEGV'"),
        (PROGRAM + "term = 'lives'", "line 3, program 1, key 'term'", '"dies", "ignores" or a table'),
        (
            PROGRAM + "term = { after = '1' }",
            "line 3, program 1, key 'term.after'",
            "seconds, 0 or more expected, not '1'",
        ),
        (PROGRAM + "term = { soon = 1 }", "line 3, program 1, key 'term.soon'", "these there are: after, exit"),
        (PROGRAM + "memory = []", "line 3, program 1, key 'memory'", "points [seconds, bytes] in the order of"),
        (PROGRAM + "memory = [\n[0, 1],\n[1]]", "line 5, program 1, key 'memory', item 2", "a point [seconds, bytes]"),
        (
            PROGRAM + "memory = [\n[0, 1],\n[1, 0.5]]",
            "line 5, program 1, key 'memory', item 2, item 2",
            "bytes, an integer of 0 or more expected, not 0.5",
        ),
        (
            PROGRAM + "cpu = [[2, 1], [1, 1]]",
            "line 3, program 1, key 'cpu'",
            "the point at 1 seconds is behind that at 2",
        ),
        (PROGRAM + PROGRAM, "line 4, program 2, key 'name'", "there is a program p already; give another name"),
        (
            "[[fault]]\nkind = 'gone'",
            "line 1, fault 1",
            "the key 'place' is missing: dobby, plugin or transport expected",
        ),
        (FAULT, "line 1, fault 1", "the key 'kind' is missing: a kind of fault expected"),
        (FAULT + "kind = 'half'", "line 3, fault 1, key 'kind'", "a kind of fault of Dobby (failure, error, no-reply,"),
        (FAULT + "kind = 'delay'", "line 1, fault 1, key 'seconds'", "needs it: a number of seconds"),
        (
            FAULT + "kind = 'gone'\ntimes = 'never'",
            "line 4, fault 1, key 'times'",
            '"once" or "always" expected, not \'never\'',
        ),
        (FAULT + "kind = 'gone'\nnth = 0", "line 4, fault 1, key 'nth'", "an integer of 1 or more expected, not 0"),
        (FAULT + "kind = 'failure'\nmethod = 'Begin'", "line 4, fault 1, key 'method'", "a pattern for one of"),
        (FAULT + "kind = 'failure'\ncode = 5", "line 4, fault 1, key 'code'", "a fault 'dobby failure' takes"),
        (2 * (FAULT + "kind = 'gone'\nid = 'x'\n"), "line 8, fault 2, key 'id'", "there is a fault x already"),
        ("a = 1\nb = 2", "line 1, key 'a'", "there is no such key"),
        (
            f"[[plugin]]\ncallsign = 'a'\nmethods.m{'.a' * 1500} = 1",
            "line 3",
            "a key has more than 50 parts between dots; write a shorter one",
        ),
        (
            f"[[plugin]]\ncallsign = 'a'\nmethods.m = {'{ a.a.a.a = ' * 60}1{'}' * 60}",
            "line 3, plugin 1, key 'methods'",
            "nested too deep",
        ),
        (f"[[plugin]]\ncallsign = '{HUGE}'\nversion = 1\nclassname = {HUGE!r}\nx = 1", "line 3, plugin 1", "not 1"),
        (f"profile = '{HUGE}'", "line 1, key 'profile'", f"not '{'f' * 59}…"),
    ],
)
def test_what_is_refused(load, tmp_path, text, where, reason):
    with pytest.raises(BadScenario) as refused:
        load(text)
    said = str(refused.value)
    before = f"The scenario {tmp_path}/scenario.toml can't be used; {where}"
    assert said.startswith(before)
    assert said[len(before)] in ":,"
    assert reason in said
    assert "\n" not in said
    assert len(said) < 600


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadScenario, match=f"the file: {os.strerror(2)}"):
        ScenarioFile(tmp_path / "nope.toml")
    with pytest.raises(BadScenario, match=f"the file: {os.strerror(21)}"):
        ScenarioFile(tmp_path)


def test_a_pipe_that_nobody_writes_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadScenario, match=r"the file: it is a pipe whose end has not come within 0\.1 seconds"):
        ScenarioFile(pipe, patience=0.1)


def test_a_pipe_that_somebody_writes_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("# long\n" * 100_000 + "seed = 7\n",))
    writer.start()
    assert ScenarioFile(pipe).document == {"seed": 7}
    writer.join()


@pytest.mark.parametrize("endless", [True, False])
def test_a_file_that_is_too_long(tmp_path, endless):
    file = tmp_path / "long.toml"
    if endless:
        file.symlink_to("/dev/zero")
    else:
        file.touch()
        os.truncate(file, 2**40)
    with pytest.raises(BadScenario, match="the file: it has more than 4194304 bytes"):
        ScenarioFile(file)


@pytest.mark.parametrize("text", ["", "plugin = []", "# nothing", "container = []\nfault = []"])
def test_nothing_is_a_scenario(load, text):
    scenario = load(text)
    assert (scenario.containers, scenario.faults, dict(scenario.bundles), list(scenario.programs)) == ((), (), {}, [])


def parts(part, path="the schema"):
    """Give every subschema that describes a property, with its path."""
    for name, below in {**part.get("properties", {}), **part.get("$defs", {})}.items():
        yield f"{path}/{name}", below
        yield from parts(below, f"{path}/{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            yield from parts(part[key], f"{path}/{key}")


@pytest.mark.parametrize(("path", "part"), list(parts(schema())))
def test_every_part_of_the_schema_is_described(path, part):
    assert set(part) == {"$ref"} or (part["title"] and part["description"].endswith(".")), path


def test_the_schema_is_one():
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_and_the_program_know_the_same_names():
    whole = schema()
    kinds = {
        rule["if"]["properties"]["place"]["const"]: rule["then"]["properties"]["kind"]["enum"]
        for rule in whole["$defs"]["fault"]["allOf"]
    }
    assert kinds == {place: list(names) for place, names in KINDS.items()}
    options = {key for names in KINDS.values() for kind in names.values() for key in (*kind.needs, *kind.takes)}
    common = {"id", "place", "kind", "method", "container", "nth", "times", "probability", "seed"}
    assert set(whole["$defs"]["fault"]["properties"]) == options | common
    assert set(whole["$defs"]["signal"]["enum"]) == set(DEADLY)
    assert set(whole["properties"]["progression"]["enum"]) == set(PROGRESSIONS)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 300) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["name", "match", "runtime", "exit", "signal", "term", "memory", "cpu", "x"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON | st.sampled_from(["dies", "SIGHUP", [[0, 1]], {"after": 1}])))
def test_what_the_schema_lets_through_can_be_used(document):
    found = list(complaints(document, "program"))
    assert all(complaint.reason for complaint in found)
    if not found:
        with suppress(BadProgram):  # a curve whose times do not grow, which no schema can say
            assert ScriptedProgram.of(document).document == json.loads(json.dumps(document))
