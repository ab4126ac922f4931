"""The specification as data: each document, the clause table and the Markdown agree with each other."""

import json
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance import offline, quirks, spec
from conformance.commands import commands
from conformance.spec import markdown

SPEC = Path(spec.__file__).parent
KEYWORDS = {"type", "const", "enum", "oneOf", "not", "pattern", "required"}
COMPLETE = 250
"""How many cases a complete catalogue has at least."""
NEWER = {"hibernateContainer", "wakeupContainer", "annotate", "removeAnnotation", "mount", "unmount"}


@pytest.fixture(params=spec.PROFILES)
def specification(request: pytest.FixtureRequest) -> spec.Specification:
    return spec.load(request.param)


def annotations(node: Any, group: str, specification: spec.Specification) -> Iterator[str]:
    """Yield the clause of every annotation below a node, whatever the keyword that it stands under."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield from annotations(specification.resolved(node), group, specification)
        if "x-clause" in node:
            yield specification.clause_id(node["x-clause"], group)
        for child in node.values():
            yield from annotations(child, group, specification)
    elif isinstance(node, list):
        for child in node:
            yield from annotations(child, group, specification)


def of_documents(specification: spec.Specification) -> set[str]:
    """Return the clauses that a profile's document names or implies."""
    groups = {method.result: method.group for method in specification.methods.values()} | {
        event.params: event.name for event in specification.events.values()
    }
    found = {clause for _, clause in specification.elements()}
    for name, group in groups.items():
        found |= set(annotations(specification.schemas[name], group, specification))
    for name in ("envelope", "event"):
        found |= set(annotations(specification.schemas[name], "", specification))
    for method in specification.methods.values():
        if method.errors or method.refusal:
            for name in ("refusal", "failureForm"):
                found |= set(annotations(specification.schemas[name], method.group, specification))
    return found


def test_each_schema_is_one(specification: spec.Specification) -> None:
    for schema in specification.schemas.values():
        Draft202012Validator.check_schema(schema)


def test_each_rule_in_a_schema_belongs_to_a_clause(specification: spec.Specification) -> None:
    values = {"text", "flag", "dobbySpec"}
    """Schemas of parameters, which judge nothing that a target sends."""

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.keys() & KEYWORDS and "x-clause" not in node:
                # conditions, not rules
                assert node in ({"const": True}, {"type": "object"}, {"required": ["result"]}, {"required": ["error"]})
            for key, child in node.items():
                for part in child.values() if key == "properties" else [child]:
                    walk(part)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    for name, schema in specification.schemas.items():
        if name not in values:
            walk(schema)


def test_each_required_member_has_a_clause_of_its_own(specification: spec.Specification) -> None:
    def walk(schema: dict[str, Any]) -> None:
        schema = specification.resolved(schema)
        assert set(schema.get("required", ())) <= schema.get("properties", {}).keys()
        for member in schema.get("properties", {}).values():
            assert "x-clause" in specification.resolved(member)
            walk(member)

    for name in [*specification.methods, *specification.events, "envelope", "event", "refusal", "failureForm"]:
        walk(specification.schemas[name])


def test_each_reference_to_a_clause_leads_to_one(specification: spec.Specification) -> None:
    assert of_documents(specification) <= specification.clauses.keys()
    assert {clause for _, clause in specification.elements()} <= specification.clauses.keys()


def test_the_names_of_methods_are_those_of_the_profile(specification: spec.Specification) -> None:
    names = {name for name, method in specification.methods.items() if method.group != "events"}
    assert len(names) == (15 if specification.profile == "entservices" else 9)
    assert names >= NEWER if specification.profile == "entservices" else not names & NEWER
    for method in specification.methods.values():
        assert set(method.events) <= specification.events.keys()


def test_examples_are_valid(specification: spec.Specification) -> None:
    for method in specification.methods.values():
        assert method.examples
        for example in method.examples:
            assert list(specification.validator(method.result).iter_errors(example.result)) == []
            assert {parameter.name for parameter in method.params if parameter.required} <= example.params.keys()
            for parameter in method.params:
                if parameter.name in example.params:
                    assert Draft202012Validator(parameter.schema).is_valid(example.params[parameter.name])
    for event in specification.events.values():
        assert list(specification.validator(event.params).iter_errors(event.example)) == []
        message = {"jsonrpc": "2.0", "method": f"x.{event.name}", "params": event.example}
        assert list(specification.validator("event").iter_errors(message)) == []


def test_examples_of_failures_are_valid_and_in_the_profiles_own_form(specification: spec.Specification) -> None:
    for method in specification.methods.values():
        answers: list[dict[str, Any]] = [
            {"jsonrpc": "2.0", "id": 3, "error": {"code": error.code, "message": error.message}}
            for error in method.errors
        ]
        if method.refusal:
            assert list(specification.validator("refusal").iter_errors(method.refusal)) == []
            answers.append({"jsonrpc": "2.0", "id": 3, "result": method.refusal})
        assert len(answers) == (method.params != () and method.group != "events")
        for answer in answers:
            assert list(specification.validator("envelope").iter_errors(answer)) == []
            assert list(specification.validator("failureForm").iter_errors(answer)) == []
            assert specification.failure_form in {*answer, *answer.get("result", ())}


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ("rdkservices", {"error": {"code": 2, "message": "m"}}),
        ("rdkservices", {"result": {"success": False}}),
        ("entservices", {"error": {"code": 1, "message": "m"}}),
        ("entservices", {"result": {"success": False}}),
        ("entservices", {"result": {"success": True, "errorReason": ""}}),
    ],
)
def test_another_form_of_failure_is_noticed(profile: str, answer: dict[str, Any]) -> None:
    (error,) = spec.load(profile).validator("failureForm").iter_errors(answer)
    assert error.schema["x-clause" if "x-clause" in error.schema else "properties"]


def broken(profile: str, name: str, value: Any) -> set[str]:
    """Return the annotations of the rules that a value breaks."""
    return {error.schema["x-clause"] for error in spec.load(profile).validator(name).iter_errors(value)}


def test_an_unknown_member_breaks_a_clause_of_its_own(specification: spec.Specification) -> None:
    for method in specification.methods.values():
        if method.group != "events":
            result = method.example.result | {"unheardOf": 1}
            assert broken(specification.profile, method.result, result) == {".closed"}
    for event in specification.events.values():
        assert broken(specification.profile, event.params, event.example | {"unheardOf": 1}) == {".closed"}
    levels = {clause.level for name, clause in specification.clauses.items() if name.endswith(".closed")}
    assert levels == {"SHOULD", "MAY"}


def test_what_may_have_further_members(specification: spec.Specification) -> None:
    result = specification.methods["getContainerInfo"].example.result
    info = result["info"] | {"gpu": {}, "annotations": {"k": "v"}, "memory": None}
    info["cpu"] = {"usage": {"percpu": None, "total": None}}
    assert broken(specification.profile, "getContainerInfo", result | {"info": info}) == set()
    result = specification.methods["listContainers"].example.result
    entries = [entry | {"State": "Running"} for entry in result["containers"]]
    assert broken(specification.profile, "listContainers", result | {"containers": entries}) == set()


@pytest.mark.parametrize(
    ("profile", "state", "clauses"),
    [
        ("rdkservices", "Stopping", {".states"}),
        ("rdkservices", 5, {".state", ".states"}),
        ("entservices", "running", {".states"}),
        ("entservices", "Hibernated", {".states"}),
        ("entservices", "AWAKENING", set()),
        ("entservices", "RUNNINGS", {".state", ".states"}),
        ("entservices", "RUNNING\n", {".state", ".states"}),
    ],
)
def test_words_for_states(profile: str, state: object, clauses: set[str]) -> None:
    result = spec.load(profile).methods["getContainerState"].example.result | {"state": state}
    assert broken(profile, "getContainerState", result) == clauses


def test_each_clause_has_a_level_a_sentence_and_a_source(specification: spec.Specification) -> None:
    headings = {*specification.methods, *specification.events, "deleteContainer", "Methods", "Commands"} | {
        "Where the sources contradict each other"
    }
    for clause in specification.clauses.values():
        source = clause.source.removeprefix("OCIContainer.md: ")
        assert (source != clause.source) == (specification.profile == "entservices" and source in headings)
        assert source in {*spec.STANDARDS, spec.OBSERVED, *headings}, clause
        assert clause.level in ({"SHOULD", "MAY"} if clause.source == spec.OBSERVED else {"MUST", "SHOULD", "MAY"})
        assert clause.requirement.endswith("."), clause
        assert specification.profile in clause.profiles
        assert set(clause.profiles) <= set(spec.PROFILES)


def test_events_are_observed_in_the_one_profile_and_documented_in_the_other() -> None:
    for name, level in (("rdkservices", "SHOULD"), ("entservices", "MUST")):
        assert spec.load(name).clauses["onContainerStarted.once"].level == level
        assert spec.clauses(name)["onContainerStarted.once"].level == level


def test_a_table_of_a_profile_says_what_is_different_there() -> None:
    for name, entry in tomllib.loads(spec.text("clauses.toml")).items():
        plain = {key: value for key, value in entry.items() if key not in spec.PROFILES}
        for profile in spec.PROFILES:
            for key, value in entry.get(profile, {}).items():
                assert plain[key] != value, name


def test_no_clause_is_unused() -> None:
    from conformance.catalogue import catalogue  # noqa: PLC0415 - what is wrong with a case fails this test alone

    if len(catalogue()) < COMPLETE:
        pytest.skip(f"the catalogue is not complete: {len(catalogue())} of {COMPLETE} cases")
    used = {clause for case in catalogue() for clause in (case.clause, *case.also)} | offline.CLAUSES
    for profile in spec.PROFILES:
        used |= of_documents(spec.load(profile))
    assert used <= spec.clauses().keys()
    assert sorted(spec.clauses().keys() - used) == []


@pytest.mark.parametrize("profile", spec.PROFILES)
def test_the_markdown_is_current(profile: str) -> None:
    # written by: python -m conformance.spec.markdown
    assert (SPEC / f"{profile}.md").read_text(encoding="utf-8") == markdown.render(spec.load(profile))


def test_the_markdown_has_each_documented_command(specification: spec.Specification) -> None:
    text = (SPEC / f"{specification.profile}.md").read_text(encoding="utf-8")
    bodies = {json.loads(command.body)["method"]: json.loads(command.body) for command in commands(text, "")}
    assert len(bodies) == len(spec.documented(specification.profile))
    for method, body in spec.documented(specification.profile).items():
        assert bodies[f"{specification.callsign}.{method}"] == json.loads(body)


def test_the_documented_ids_are_in_the_examples(specification: spec.Specification) -> None:
    for method in specification.methods.values():
        if any(parameter.name == "containerId" for parameter in method.params):
            assert method.example.params["containerId"] == spec.DOCUMENTED_ID
    assert specification.methods["startContainer"].example.params["bundlePath"] == spec.BUNDLE_PLACEHOLDER
    assert specification.dobby_spec()["args"] == ["sleep", "60"]


def test_elements_name_each_parameter_member_error_and_event(specification: spec.Specification) -> None:
    names = [name for name, _ in specification.elements()]
    for method in specification.methods.values():
        assert method.name in names
        for parameter in method.params:
            assert f"{method.name} param {parameter.name}" in names
            if method.group != "events":
                assert f"{method.name} param {parameter.name} missing" in names
                assert f"{method.name} param {parameter.name} type" in names
        for error in method.errors:
            assert f"{method.name} error {error.code}" in names
        if method.group != "events":
            assert f"{method.name} result $.success" in names
    assert "getContainerInfo result $.info.cpu.usage.percpu[*]" in names
    assert "onContainerStarted params $.name" in names
    assert specification.events.keys() <= set(names)


def test_the_globs_of_quirks_and_clauses_meet() -> None:
    for quirk in quirks.known().values():
        for sign in quirk.signs:
            for pattern in sign.clauses:
                assert any(fnmatchcase(clause, pattern) for clause in spec.clauses()), (quirk.id, pattern)
