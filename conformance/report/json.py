"""The report as JSON: the one form that all other reports, and comparisons, are made of."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from conformance.errors import ReportBroken, ReportNotJSON, ReportOfAnotherFormat, ReportUnreadable
from conformance.report import files

FORMAT = "thunderoci-conformance/1"
"""The format's name and version, which every report begins with."""
SCHEMA = Path(__file__).with_name("report.schema.json")


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    content: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return content


def render(report: dict[str, Any]) -> str:
    """Return the text of a report's file."""
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write(report: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a report to a file. Raises ReportUnwritable."""
    files.write(path, render(report))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the report in a file.

    Raises ReportUnreadable, ReportNotJSON, ReportOfAnotherFormat, or ReportBroken with the JSON path of what is wrong.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as problem:
        raise ReportUnreadable(file=path, why=problem.strerror or problem) from None
    report = _parse(content, path)
    if not isinstance(report, dict) or not isinstance(report.get("format"), str):
        raise ReportBroken(file=path, place="$", why='an object whose "format" is a text was expected')
    if report["format"] != FORMAT:
        raise ReportOfAnotherFormat(file=path, format=report["format"], known=FORMAT)
    wrong = difference(report)
    if wrong is not None:
        raise ReportBroken(file=path, place=wrong[0], why=wrong[1])
    return report


def difference(report: object) -> tuple[str, str] | None:
    """Return the JSON path of the first place where ``report`` breaks the schema and what is wrong there, or None."""
    return _difference(report, schema(), "$")


def _parse(content: bytes, path: str | os.PathLike[str]) -> object:
    """Return the JSON value that ``content`` is."""

    def no_number(text: str) -> object:
        raise ReportNotJSON(file=path, why=f"{text} is no number of JSON")

    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=no_number)
    except UnicodeDecodeError as problem:
        raise ReportNotJSON(file=path, why=f"byte {problem.start} is no UTF-8") from None
    except json.JSONDecodeError as problem:
        raise ReportNotJSON(file=path, why=f"line {problem.lineno}, column {problem.colno}: {problem.msg}") from None
    except (RecursionError, ValueError) as problem:  # nested too deep, or a number of thousands of digits
        raise ReportNotJSON(file=path, why=str(problem)) from None


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
    "boolean": (bool,),
}


def _difference(value: object, rule: dict[str, Any], place: str) -> tuple[str, str] | None:
    """Return where and how ``value`` breaks ``rule``; it knows the words of JSON Schema that our schema uses."""
    if "$ref" in rule:
        return _difference(value, schema()["$defs"][rule["$ref"].rpartition("/")[2]], place)
    if "anyOf" in rule:
        wrong = [_difference(value, option, place) for option in _candidates(value, rule["anyOf"])]
        return None if None in wrong else wrong[0]
    wanted = _unmet(value, rule)
    if wanted:
        return place, f"{wanted} was expected"
    if isinstance(value, dict):
        return _in_object(value, rule, place)
    if isinstance(value, list):
        return _in_array(value, rule, place)
    return None


def _unmet(value: object, rule: dict[str, Any]) -> str:
    """Return what ``rule`` wants of a value itself where that is not so, or nothing."""
    kind = rule.get("type", "")
    if kind and (isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _TYPES[kind])):
        return f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
    if "const" in rule and value != rule["const"]:
        return json.dumps(rule["const"])
    if "enum" in rule and value not in rule["enum"]:
        return f"one of {json.dumps(rule['enum'])}"
    if "minimum" in rule and isinstance(value, int | float) and value < rule["minimum"]:
        return f"a number from {rule['minimum']} on"
    return ""


def _candidates(value: object, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the options that a value's own "kind" leaves, so that it is told what is wrong by what it wants to be."""
    if not isinstance(value, dict) or "kind" not in value:
        return options
    rules = [schema()["$defs"][option["$ref"].rpartition("/")[2]] for option in options if "$ref" in option]
    fitting = [rule for rule in rules if _difference(value["kind"], rule["properties"]["kind"], "") is None]
    return fitting or options


def _in_object(value: dict[str, Any], rule: dict[str, Any], place: str) -> tuple[str, str] | None:
    for name in rule.get("required", ()):
        if name not in value:
            return place, f'the member "{name}" is missing'
    known = rule.get("properties", {})
    for name, member in value.items():
        wanted = known.get(name, rule.get("additionalProperties", {}))
        wrong = _difference(member, wanted, f"{place}.{name}")
        if wrong is not None:
            return wrong
    return None


def _in_array(value: list[Any], rule: dict[str, Any], place: str) -> tuple[str, str] | None:
    least, most = rule.get("minItems", 0), rule.get("maxItems", len(value))
    if not least <= len(value) <= most:
        return place, f"{least} items were expected"
    for index, item in enumerate(value):
        wrong = _difference(item, rule.get("items", {}), f"{place}[{index}]")
        if wrong is not None:
            return wrong
    return None
