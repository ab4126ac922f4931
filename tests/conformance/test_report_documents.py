"""The report as Markdown, as a badge, and as HTML where that needs no browser."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from conformance.report import badge, html, junit, markdown
from made_reports import HOSTILE, failure, finding, one_of_each, report, request, result, target


class Page(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text):
        self.words.append(text)


def test_markdown_has_totals_a_table_and_the_failures():
    text = markdown.render(report(target(*one_of_each())))
    assert "**NOT conformant**: 2 passed, 1 failed, 1 skipped, 1 non-strict, 1 known quirk, 1 waived, 1 error" in text
    assert "| `envelope` |  | 1 |  |  |  |  |  | 1 |" in text
    assert "| **all** | **2** | **1** | **1** | **1** | **1** | **1** | **1** | **8** |" in text
    assert "### Failures (2)" in text
    assert "```sh\ncurl -X POST http://127.0.0.1:9998/jsonrpc -d '{" in text
    assert "`ocicontainer/onContainerStopped/2`: `T-silence`" in text
    assert "seed 1, 4.2 s, exit status 1." in text


def test_markdown_of_a_conformant_target_has_no_failures():
    text = markdown.render(report())
    assert "**conformant**: 1 passed, 0 failed, 0 skipped" in text
    assert "Failures" not in text
    assert "| clause group | ✅ pass | cases |" in text


def test_markdown_of_a_strict_run_has_what_is_non_strict_among_the_failures():
    for strict in (False, True):
        text = markdown.render(report(target(*one_of_each()), strict=strict))
        assert (f"### Failures ({2 + strict})" in text, "Recommendations that are not kept" in text) == (
            True,
            not strict,
        )
        assert ("<summary>🟡 <code>ocicontainer/envelope/4</code>" in text) is strict
        assert text.rstrip().endswith("exit status 1, strict: what is non-strict is a failure.") is strict


def test_html_says_that_a_run_was_strict():
    for strict in (False, True):
        page = Page(html.render(report(strict=strict)))
        assert ("yes: what is non-strict is a failure" in page.words) is strict


@pytest.mark.parametrize(
    ("results", "message"),
    [([result(verdict="non-strict")], "1 failed"), ([result(verdict="non-strict"), failure()], "2 failed")],
)
def test_a_badge_counts_what_is_non_strict_as_failed_in_a_strict_run(results, message):
    assert badge.message(report(target(*results, exit_status=1), strict=True)) == (message, badge._RED)
    assert badge.message(report(target(*results, exit_status=1)))[0] != message


def test_markdown_says_why_there_is_no_verdict_and_what_was_left():
    text = markdown.render(report(target(exit_status=3, problem="Nothing *there*.", left_behind=["conf-1a2b3c4d-x"])))
    assert "> Nothing &#42;there&#42;." in text
    assert "Containers left behind: `conf-1a2b3c4d-x`" in text


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`a``b`", "``` `a``b` ```"),
        ("", "`  `"),
        (" a ", "`  a  `"),
        ("a\nb", "`a\\nb`"),
        ("a|b", "`a\\|b`"),
    ],
)
def test_code_in_a_cell(content, shown):
    assert markdown.code(content, cell=True) == shown


def test_a_fence_is_longer_than_what_is_in_it():
    assert markdown.fenced("a\n````\nb", "sh") == "`````sh\na\n````\nb\n`````"


def test_nothing_that_is_said_becomes_markdown():
    evil = f"x | ``` [x](http://y) @somebody {HOSTILE}\n# head\r\n"
    made = failure(title=evil, findings=[finding(path=evil, expected=evil, got=evil, curl=evil)], clause=f"{evil}.x")
    text = markdown.render(report(target(made, problem=evil, url=evil)))
    outside = re.sub(r"(`{1,5})(?!`).*?(?<!`)\1(?!`)", "", text, flags=re.DOTALL)
    assert "<script>" not in outside
    assert "<img" not in outside
    assert "@somebody" not in outside
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 4
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_only_so_many_failures_are_shown():
    text = markdown.render(report(target(*(failure(f"pauseContainer/{number}") for number in range(60)))))
    assert text.count("<summary>❌") == 50
    assert "… and 10 more, see the other reports." in text


@pytest.mark.parametrize(
    ("results", "code", "message", "colour"),
    [
        ([result()] * 291, 0, "291/291", "brightgreen"),
        ([result(), result(verdict="skipped")], 0, "1/1", "brightgreen"),
        ([result(), result(verdict="non-strict")], 0, "1/2", "yellow"),
        ([result(), failure(), failure()], 1, "2 failed", "red"),
        ([result()], 1, "not conformant", "red"),
        ([], 3, "no verdict", "lightgrey"),
        ([result()], 130, "interrupted", "lightgrey"),
    ],
)
def test_what_a_badge_says(tmp_path, results, code, message, colour):
    made = report(target(*results, exit_status=code))
    badge.write(made, tmp_path / "badge.json")
    assert json.loads((tmp_path / "badge.json").read_text()) == {
        "schemaVersion": 1,
        "label": "conformance",
        "message": message,
        "color": colour,
    }
    badge.write(made, tmp_path / "badge.svg")
    picture = ET.parse(tmp_path / "badge.svg").getroot()  # noqa: S314 - we made it ourselves
    assert picture.get("aria-label") == f"conformance: {message}"
    assert [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")].count(message) == 2


def test_html_is_one_file_that_asks_for_nothing():
    page = Page(html.render(report(target(*one_of_each()), target(*one_of_each()))))
    assert {tag for tag, _ in page.tags} & {"img", "iframe", "object", "embed", "base", "form"} == set()
    addresses = [value for _, attributes in page.tags for name, value in attributes.items() if name in {"src", "href"}]
    assert {address.partition(":")[0][:1] for address in addresses} == {"#", "d"}
    (policy,) = (attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not any(
        "style" in attributes or any(name.startswith("on") for name in attributes) for _, attributes in page.tags
    )


def test_html_shows_everything_of_a_case():
    text = "".join(Page(html.render(report(target(*one_of_each())))).words)
    quirk, failed = one_of_each()[3], one_of_each()[1]
    for step in (*quirk["steps"], *failed["steps"]):
        assert step["text" if "text" in step else "body"] in text
    for name in ("requirement", "source", "path", "expected", "got", "curl"):
        assert failed["findings"][0][name] in text
    assert "waived until 2027-03-01: mended in the next release (https://issues.example/77)" in text
    assert "Known quirk: T-silence" in text
    assert "Content-Type: application/json" in text


def test_a_script_that_shows_it_again_is_in_every_document():
    lines = "set -eu\ncurl 'http://box:9998/jsonrpc' -d '{}' && echo <done>"
    found = report(target(failure("model/1", script=lines)))
    assert lines in Page(html.render(found)).words
    assert f"```sh\n{lines}\n```" in markdown.render(found)
    failed = ET.fromstring(junit.render(found)).find(".//failure")  # noqa: S314 - we made it ourselves
    assert failed.text.endswith(f"shown again by\n{lines}")


def test_html_takes_hostile_text_as_text():
    evil = f"\"'>{HOSTILE}"
    made = failure(f"{evil}/3", title=evil, tags=[evil], reason=evil, quirks=[evil], clause=f"{evil}.x")
    made["findings"] = [finding(evil, path=evil, got=evil, curl=evil, quirk=evil, source=evil, requirement=evil)]
    made["steps"] = [request(evil, url=evil, answer=evil, reason=evil, error=evil, method=evil)]
    several = [target(made, url=evil, profile=evil, problem=evil, left_behind=[evil])] * 2
    for several_targets in (several, several[:1]):
        page = Page(html.render(report(*several_targets, suite=evil, started=evil)))
        assert [tag for tag, _ in page.tags].count("script") == 1
        assert not any(tag == "img" for tag, _ in page.tags)


def test_html_of_nothing():
    page = html.render(report(target(exit_status=3, problem="Nothing can be reached.", profile="", latencies={})))
    assert "Nothing can be reached." in page
    assert html.render(report(targets=[], exit_status=3))
