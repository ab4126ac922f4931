"""Print the reference of scenario files that docs/scenarios.md holds, from the schema that the programs go by."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from fakedobby.scenarioschema import schema

PARTS = {
    "The file": "",
    "[[container]]": "container",
    "[[bundle]]": "bundle",
    "[[program]]": "program",
    "[[fault]]": "fault",
    "[[plugin]]": "plugin",
}


def reference() -> Iterator[str]:
    """Give the lines of the reference."""
    whole = schema()
    for title, name in PARTS.items():
        part = whole["$defs"][name] if name else whole
        yield from ("", f"### {title}", "", "| key | what is expected | what it means |", "|---|---|---|")
        needed = {*part.get("required", ()), *({"name"} if name == "program" else ())}
        for key, value in part["properties"].items():
            yield from rows(key, value, whole, needed=key in needed)
        for rule in part.get("allOf", ()):
            if "title" in rule:
                yield from ("", f"A table has {rule['title'].replace(chr(39), '`')}.")


def rows(key: str, value: dict[str, Any], whole: dict[str, Any], *, needed: bool) -> Iterator[str]:
    """Give the row of a key, and those of the keys below it."""
    if "$ref" in value:
        value = {**whole["$defs"][value["$ref"].rpartition("/")[2]], **value}
    expected = value["title"].replace("|", "\\|")
    meaning = value["description"].replace("|", "\\|")
    if needed:
        meaning += " It must be there."
    if "default" in value:
        meaning += f" Without it: `{json.dumps(value['default'])}`."
    yield f"| `{key}` | {expected} | {meaning} |"
    if key == "term":
        for name, below in value["properties"].items():
            yield from rows(f"{key}.{name}", below, whole, needed=False)


if __name__ == "__main__":
    sys.stdout.write("\n".join(reference()) + "\n")
