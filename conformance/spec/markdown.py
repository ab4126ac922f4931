"""Writes the specification of each profile as Markdown, out of its OpenRPC document and the clause table.

``python -m conformance.spec.markdown`` writes the files that stand beside the documents.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from conformance.spec import PROFILES, Event, Method, Parameter, Specification, load


def render(specification: Specification) -> str:
    """Return the Markdown of a profile's specification."""
    info = specification.document["info"]
    parts = [
        f"# {info['title']}, profile `{specification.profile}`",
        _WRITTEN.format(profile=specification.profile),
        info["description"],
        _CALLS.format(callsign=specification.callsign),
        "It says in words of its own what these documents say: " + "; ".join(info["x-sources"]) + ".",
        "# Methods",
    ]
    for method in specification.methods.values():
        parts += _method(specification, method)
    parts += ["# Events", _EVENTS]
    for event in specification.events.values():
        parts += _event(specification, event)
    parts += ["# Where the sources contradict each other", _contradictions(specification.document["x-contradictions"])]
    parts += [
        "# Commands",
        "`[-INSERT BUNDLE PATH-]` stands for the path of an OCI bundle on the device.",
        *_commands(specification),
    ]
    parts += ["# Clauses", *_clauses(specification)]
    return "\n\n".join(parts) + "\n"


_WRITTEN = (
    "This file is written by `python -m conformance.spec.markdown` out of `{profile}.openrpc.json` and `clauses.toml`; "
    "change those."
)
_CALLS = (
    "Calls are JSON-RPC 2.0 by HTTP POST, or on a WebSocket; each method is addressed as `{callsign}.<method>`. Its "
    "parameters are given by name."
)
_LEVELS = (
    "MUST is what the documents or the standards demand. What only real devices showed is SHOULD or MAY; its source is "
    '"observed". Another source is a standard, or a heading of the plugin\'s documentation.'
)
_EVENTS = (
    "A client subscribes on a WebSocket with `register`. An event is a notification: its method is the id that the "
    "client gave, a dot and the event's name."
)


def main() -> None:
    """Write the Markdown of every profile."""
    for profile in PROFILES:
        Path(__file__).with_name(f"{profile}.md").write_text(render(load(profile)), encoding="utf-8")


def curl(specification: Specification, method: str) -> str:
    """Return the documented command for ``method``, in the style of the profile's own documentation."""
    url = specification.document["servers"][0]["url"]
    body = specification.body(method)
    if specification.profile == "entservices":
        return f"curl -H 'content-type:text/plain;' --data-binary '{body}' {url}"
    return f"curl -X POST {url} -d '{body}'"


def _method(specification: Specification, method: Method) -> Iterator[str]:
    yield f"## {method.name}"
    yield f"{method.summary} {method.description}"
    yield "### Parameters"
    yield _parameters(method.params) if method.params else "None."
    yield "### Result"
    yield _fenced({"jsonrpc": "2.0", "id": 3, "result": method.example.result})
    if members := list(_members(specification, method.result, method.group)):
        yield _table(("Member", "Type", "Clause"), members)
    if method.errors or method.refusal:
        yield "### Failure"
        yield "Either form is one; this is the profile's own."
        for error in method.errors:
            yield _fenced({"jsonrpc": "2.0", "id": 3, "error": {"code": error.code, "message": error.message}})
        if method.refusal:
            yield _fenced({"jsonrpc": "2.0", "id": 3, "result": method.refusal})
    if method.events:
        yield "### Events"
        yield ", ".join(f"`{event}`" for event in method.events)
    if method.group == "events":
        yield "### Message"
        yield _fenced(json.loads(specification.body(method.name)))


def _event(specification: Specification, event: Event) -> Iterator[str]:
    yield f"## {event.name}"
    yield event.description
    yield _fenced({"jsonrpc": "2.0", "method": f"client.events.{event.name}", "params": event.example})
    yield _table(("Member", "Type", "Clause"), _members(specification, event.params, event.name))


def _parameters(params: Iterable[Parameter]) -> str:
    return _table(
        ("Name", "Type", "Given", "Meaning"),
        (
            (
                parameter.name,
                " or ".join(parameter.types),
                "always" if parameter.required else "optional",
                parameter.description,
            )
            for parameter in params
        ),
    )


def _members(specification: Specification, name: str, group: str) -> Iterator[tuple[str, str, str]]:
    """Yield the named members of a schema, in depth: path, types, clause id."""

    def walk(schema: dict[str, Any], path: str, *, required: bool = True) -> Iterator[tuple[str, str, str]]:
        schema = specification.resolved(schema)
        if path:
            yield (
                f"{path}{'' if required else ' (optional)'}",
                _types(schema),
                specification.clause_id(schema["x-clause"], group),
            )
        for key, member in schema.get("properties", {}).items():
            yield from walk(member, f"{path}.{key}" if path else key, required=key in schema.get("required", ()))
        if "items" in schema:
            yield from walk(schema["items"], f"{path}[*]")

    yield from walk(specification.schemas[name], "")


def _types(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    allowed = schema["type"]
    return allowed if isinstance(allowed, str) else " or ".join(allowed)


def _contradictions(rows: Iterable[dict[str, str]]) -> str:
    return _table(
        ("What", "One place says", "Another says", "What holds, and why"),
        ((row["what"], row["one"], row["other"], row["holds"]) for row in rows),
    )


def _commands(specification: Specification) -> Iterator[str]:
    for method in specification.methods.values():
        if method.group != "events":
            yield f"**{method.summary.removesuffix('.')}**\n```\n{curl(specification, method.name)}\n```"


def _clauses(specification: Specification) -> Iterator[str]:
    yield _LEVELS
    groups: dict[str, list[tuple[str, str, str, str]]] = {}
    for clause in specification.clauses.values():
        row = (f"`{clause.id}`", clause.level, clause.requirement, clause.source)
        groups.setdefault(clause.id.partition(".")[0], []).append(row)
    for group, rows in groups.items():
        yield f"**{group}**"
        yield _table(("Clause", "Level", "Requirement", "Source"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _fenced(value: object) -> str:
    """Return JSON in a fenced block; arrays of numbers stay in one line."""
    text = json.dumps(value, indent=3, ensure_ascii=False)
    text = re.sub(r"\[\s+((?:\d+,\s+)*\d+)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)
    return f"```json\n{text}\n```"


if __name__ == "__main__":
    main()
