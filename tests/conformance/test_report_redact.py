"""Secrets do not get into reports, in whatever way they are written there."""

import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.report import json as report_json
from conformance.report.redact import REDACTED, Redactor, redact
from made_reports import one_of_each, report, request, result, target

SECRET = "s3cr\"e't/\\ \u00fc+%&\U0001f600\n"  # noqa: S105 - a made-up one
WAYS = [
    str,
    quote,
    lambda text: quote(text, safe=""),
    lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: json.dumps(json.dumps(text))[3:-3],
    lambda text: shlex.quote(text)[1:-1],
    lambda text: shlex.quote(json.dumps(text))[2:-2],
    lambda text: "".join(f"\\u{ord(sign):04X}" if ord(sign) < 0x10000 else sign for sign in text),
    lambda text: text.encode().decode("ascii", "backslashreplace"),
]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_each_way_of_writing(way):
    written = WAYS[way](SECRET)
    assert Redactor([SECRET]).text(f"before {written} behind") == f"before {REDACTED} behind"


@given(st.text(min_size=4, alphabet=st.characters(exclude_categories=["Cs"])), st.sampled_from(WAYS[:11]))
@example("a\u2028b\x7f", WAYS[5])
def test_any_secret(secret, way):
    if secret.strip() and (way is not WAYS[9] or shlex.quote(secret)[0] == "'"):
        assert way(secret) not in Redactor([secret]).text(f"[{way(secret)}]")[1:-1] or way(secret) in REDACTED


def test_everywhere_in_a_report_but_in_its_own_words():
    steps = [request("x", url=f"http://h/jsonrpc?token={SECRET}", headers=[["X-Key", SECRET]], answer=f"<{SECRET}>")]
    made = report(target(*one_of_each(), result(steps=steps), problem=SECRET, url=f"http://h?token={quote(SECRET)}"))
    cleaned = redact(made, [SECRET, "pass", "rdkservices", "http", "MUST"])
    assert report_json.difference(cleaned) is None
    assert [one["verdict"] for one in cleaned["targets"][0]["results"]] == [
        one["verdict"] for one in made["targets"][0]["results"]
    ]
    (step,) = cleaned["targets"][0]["results"][-1]["steps"]
    assert (step["kind"], step["headers"], step["answer"]) == ("http", [["X-Key", REDACTED]], f"<{REDACTED}>")
    assert step["url"] == f"{REDACTED}://h/jsonrpc?token={REDACTED}"
    assert cleaned["targets"][0]["problem"] == REDACTED
    text = json.dumps(cleaned)
    assert "s3cr" not in text


def test_the_token_behind_a_scheme_is_a_secret_of_its_own():
    clean = Redactor(["Bearer abcdef"]).text
    assert clean("Authorization: Bearer abcdef") == f"Authorization: {REDACTED}"
    assert clean("?token=abcdef") == f"?token={REDACTED}"


def test_the_longer_secret_goes_first():
    assert Redactor(["abcd", "abcdef"]).text("abcdef abcd") == f"{REDACTED} {REDACTED}"


def test_a_short_value_takes_no_words_apart():
    redactor = Redactor(["1"])
    assert redactor.text('{"id":1} conf-1a2b3c4d') == '{"id":1} conf-1a2b3c4d'
    assert redactor.text("http://h/x?token=1&y=1") == f"http://h/x?token={REDACTED}&y=1"
    assert redactor.value([["X-Debug", "1"]]) == [["X-Debug", REDACTED]]


def test_without_secrets_nothing_changes():
    made = report(target(*one_of_each()))
    assert redact(made, ["", " "]) == made
