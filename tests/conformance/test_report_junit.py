"""The report as JUnit XML: which verdict becomes what, and that any text can be in it."""

import xml.etree.ElementTree as ET

from conformance.report import junit
from made_reports import HOSTILE, failure, finding, one_of_each, report, request, result, target, waiver


def suites(made):
    return ET.fromstring(junit.render(made)).findall("testsuite")  # noqa: S314 - we made it ourselves


def shown(case):
    """Return the one element that tells how a case ended."""
    (element,) = case
    return element


def test_what_each_verdict_becomes():
    (suite,) = suites(report(target(*one_of_each())))
    cases = suite.findall("testcase")
    assert [[child.tag for child in case] for case in cases] == [
        *([], ["failure"], ["system-out"], ["skipped"], ["skipped"], ["system-out"], ["skipped"], ["error"]),
    ]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8",
        "failures": "1",
        "errors": "1",
        "skipped": "3",
    }
    failed = cases[1]
    assert failed.get("classname") == "ocicontainer.pauseContainer"
    assert failed.get("name") == "3: A container that does not exist can not be paused."
    assert failed.get("time") == "0.012"
    assert shown(failed).get("type") == "pauseContainer.refusal"
    assert shown(failed).get("message") == (
        "pauseContainer.refusal (MUST) at $.result.success: expected false, or an error, got true"
    )
    assert "again    curl -X POST http://127.0.0.1:9998/jsonrpc -d '{" in shown(failed).text
    assert "[observed]" in shown(cases[2]).text
    assert shown(cases[3]).get("message") == "known quirk T-silence"
    waived = "waived until 2027-03-01: mended in the next release (https://issues.example/77)"
    assert shown(cases[4]).get("message") == waived
    assert shown(cases[5]).text.startswith("the waiver is not needed")
    assert shown(cases[6]).get("message") == "there is no bundle on the target: give --bundle-path"
    assert shown(cases[7]).get("message") == "The conformance suite itself failed: KeyError: 'p50'."


def test_in_a_strict_run_what_is_non_strict_is_a_failure():
    (suite,) = suites(report(target(*one_of_each()), strict=True))
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("2", "1", "3")
    case = suite.findall("testcase")[2]
    assert (shown(case).tag, shown(case).get("type")) == ("failure", "envelope.message")
    assert shown(case).get("message").startswith("envelope.message (SHOULD) at $.result.success: expected false")
    assert "[observed]" in shown(case).text
    for strict, said in (({}, "false"), ({"strict": False}, "false"), ({"strict": True}, "true")):
        (suite,) = suites(report(**strict))
        assert {entry.get("name"): entry.get("value") for entry in suite.find("properties")}["strict"] == said


def test_a_waiver_that_ended_is_named():
    (suite,) = suites(report(target(failure(waiver=waiver(expires="2026-01-31", link="")))))
    assert shown(suite.find("testcase")).text.startswith("the waiver ended on 2026-01-31: mended in the next release\n")


def test_the_must_is_the_headline():
    findings = [finding("a.b", "SHOULD", got="x"), finding("c.d", "MUST", got="y")]
    (suite,) = suites(report(target(failure(findings=findings))))
    assert shown(suite.find("testcase")).get("type") == "c.d"


def test_the_headline_is_no_quirk_and_no_may_where_a_should_is_broken():
    findings = [finding("a.b", "MAY"), finding("e.f", "MUST", quirk="T-silence"), finding("c.d", "SHOULD")]
    made = result(verdict="non-strict", findings=findings)
    (suite,) = suites(report(target(made), strict=True))
    assert shown(suite.find("testcase")).get("type") == "c.d"


def test_a_suite_for_each_target_with_its_facts():
    first, second = suites(
        report(target(result()), target(url="http://box:9998/jsonrpc", profile="entservices", exit_status=3), seed=7)
    )
    assert first.get("name") == "http://127.0.0.1:9998/jsonrpc (rdkservices)"
    facts = {entry.get("name"): entry.get("value") for entry in second.find("properties")}
    assert (facts["url"], facts["profile"], facts["seed"]) == ("http://box:9998/jsonrpc", "entservices", "7")


def test_a_target_that_could_not_be_judged_is_an_error_and_not_an_empty_suite():
    (suite,) = suites(report(target(exit_status=3, profile="", problem="Nothing can be reached at x.")))
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert shown(suite.find("testcase")).get("message") == "Nothing can be reached at x."


def test_any_text_can_be_in_it():
    text = "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ud800\ufffe\uffff\U0010ffff ]]> " + HOSTILE
    made = failure(title=text, reason=text, findings=[finding(got=text, expected=text, curl=text)])
    made["steps"] = [request("x", answer=text)]
    (suite,) = suites(report(target(made, problem=text, url=text)))
    case = suite.findall("testcase")[1]
    assert "\\x00\\x01" in case.get("name")
    assert "\\ud800\\ufffe\\uffff\U0010ffff ]]> </script>" in case.get("name")
    assert "\\x1f" in shown(case).text
    assert "\\r" in shown(case).text
    assert "\r" not in junit.render(report(target(made)))
