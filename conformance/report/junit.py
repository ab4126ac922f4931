"""The report as JUnit XML, in the form that Jenkins' schema junit-10 describes and other CI systems read."""

import json
import os
import re
from typing import Any
from xml.etree import ElementTree as ET

from conformance.report import files, tally
from conformance.report.printable import escaped

_LEVELS = ("MUST", "SHOULD", "MAY")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to carry, and the carriage return, which its readers turn into a line feed."""


def write(report: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a report to a file as JUnit XML. Raises ReportUnwritable."""
    files.write(path, render(report))


def render(report: dict[str, Any]) -> str:
    """Return JUnit XML with a test suite a target and a test case a case."""
    suites = [_suite(number, target, report) for number, target in enumerate(report["targets"])]
    root = ET.Element("testsuites", name="conformance", time=_time(report["seconds"]))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(number: int, target: dict[str, Any], report: dict[str, Any]) -> ET.Element:
    """Return the test suite of one target; why it could not be judged is one more test case, an error."""
    broken = tally.broken(report)
    cases = [_case(result, broken) for result in target["results"]]
    if target["problem"]:
        case = ET.Element("testcase", classname="ocicontainer.target", name="The target can be judged", time="0.000")
        _add(case, "error", "target", target["problem"], target["problem"])
        cases.insert(0, case)
    suite = ET.Element("testsuite", name=_safe(tally.label(target)), id=str(number), tests=str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _time(target["seconds"]))
    suite.set("timestamp", _safe(report["started"].removesuffix("Z")))
    properties = ET.SubElement(suite, "properties")
    facts = {
        "url": target["url"],
        "profile": target["profile"],
        "seed": report["seed"],
        "suite": report["suite"],
        "strict": json.dumps(report.get("strict", False)),
        "run": target["run"],
        "exit_status": target["exit_status"],
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=_safe(str(value)))
    suite.extend(cases)
    return suite


def _case(result: dict[str, Any], broken: frozenset[str]) -> ET.Element:
    """Return the test case of one result, where ``broken`` are the verdicts that are failures."""
    folder, _, number = result["id"].rpartition("/")
    case = ET.Element(
        "testcase",
        classname=_safe(folder.replace("/", ".")),
        name=_safe(f"{number}: {result['title']}"),
        time=_time(result["seconds"]),
    )
    text = _text(result)
    match result["verdict"]:
        case "error":
            _add(case, "error", "engine error", result["reason"], text or result["reason"])
        case verdict if verdict in broken:
            _add(case, "failure", *_headline(result), text)
        case "skipped":
            _add(case, "skipped", "skipped", result["reason"], "")
        case "waived":
            _add(case, "skipped", "waived", tally.waiver(result) or result["reason"], text)
        case "known quirk":
            _add(case, "skipped", "known quirk", f"known quirk {', '.join(result['quirks'])}", text)
        case _ if text:
            ET.SubElement(case, "system-out").text = _safe(text)
    return case


def _add(case: ET.Element, tag: str, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, tag, type=_safe(kind), message=_safe(message)).text = _safe(text) or None


def _headline(result: dict[str, Any]) -> tuple[str, str]:
    """Return the clause that a failure breaks and the failure in one line: of the first of the highest level."""
    findings = sorted(result["findings"], key=lambda finding: (finding["quirk"] != "", _LEVELS.index(finding["level"])))
    if not findings:
        return result["clause"], result["reason"] or tally.waiver(result)
    first = findings[0]
    difference = f"at {first['path']}: expected {first['expected']}, got {first['got']}"
    return first["clause"], f"{first['clause']} ({first['level']}) {difference}"


def _text(result: dict[str, Any]) -> str:
    """Return what was found, and how to see it again."""
    parts = [tally.waiver(result)] if result["waiver"] else []
    for finding in result["findings"]:
        quirk = f"\n  quirk    {finding['quirk']}" if finding["quirk"] else ""
        again = f"\n  again    {finding['curl']}" if finding["curl"] else ""
        parts.append(
            f"{finding['clause']} ({finding['level']}): {finding['requirement']} [{finding['source']}]\n"
            f"  at       {finding['path']}\n  expected {finding['expected']}\n  got      {finding['got']}{quirk}{again}"
        )
    if result.get("script"):
        parts.append(f"shown again by\n{result['script']}")
    return "\n\n".join(parts)


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _safe(text: str) -> str:
    r"""Return ``text`` with what XML can't carry written as ``\x00``."""
    return _NOT_XML.sub(lambda found: escaped(found[0]), text)
