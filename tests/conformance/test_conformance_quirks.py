"""Known quirks: all that the emulator can imitate are described, and each explains what it should and no more."""

from typing import Any

import pytest

import fakedobby.quirks
import thunderoci.quirks
from conformance import quirks, spec
from conformance.verdict import Finding

LIST = '{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}'
INFO = '{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.getContainerInfo","params":{"containerId":"x"}}'
RESULT = '{"jsonrpc":"2.0","id":1,"result":{"containers":[],"success":true}}'


def explained(
    clause: str, request: str, answer: str | None, profile: str = "rdkservices", case: str = "", **how: Any
) -> str:
    return quirks.explain(Finding(clause, "$", "this", "that"), request, answer, profile, case, **how)


def test_the_known_quirks_are_those_of_the_emulator() -> None:
    emulated = [quirk.id for quirk in (*thunderoci.quirks.CATALOGUE, *fakedobby.quirks.CATALOGUE)]
    assert sorted(quirks.known()) == sorted(emulated)
    for quirk in (*thunderoci.quirks.CATALOGUE, *fakedobby.quirks.CATALOGUE):
        assert quirks.known()[quirk.id].reference == quirk.source


def test_each_quirk_shows_or_says_why_not() -> None:
    for quirk in quirks.known().values():
        assert bool(quirk.signs) != bool(quirk.unseen), quirk.id
        assert quirk.sentence.endswith(".")
        assert quirk.unseen == "" or quirk.unseen.endswith(".")
        for sign in quirk.signs:
            assert sign.clauses
            assert set(sign.profiles) <= set(spec.PROFILES)
            assert not (sign.silent and sign.answer)


@pytest.mark.parametrize(
    ("quirk", "clause", "request_text", "answer", "profile", "case"),
    [
        ("T-silence", "http.answer", "[]", None, "rdkservices", ""),
        ("T-silence", "http.answer", f"[{LIST}]", "", "entservices", ""),
        ("T-silence", "websocket.answer", "hello", None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST[:-1] + ",}", None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST.replace(":1,", ":4294967296,"), None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST[:-1] + ',"params":' + "[" * 32 + "]" * 32 + "}", None, "rdkservices", ""),
        ("T-silence", "envelope.batch", f"[{LIST}]", None, "rdkservices", ""),
        ("T-silence", "envelope.id-any", LIST.replace(":1,", ':"a-b",'), None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST.replace(":1,", ':"a-b",'), None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST.replace(":1,", ":1.5,"), None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST.replace(":1,", ":true,"), None, "rdkservices", ""),
        ("T-silence", "http.answer", LIST.replace('"id":1,', ""), None, "rdkservices", ""),
        ("T-truncated", "envelope.parse-error", LIST[:-1], RESULT, "rdkservices", ""),
        ("T-stuck-socket", "robustness.after-garbage", LIST, None, "rdkservices", "ocicontainer/robustness/2"),
        ("T-escaped-quotes", "params.escapes", '{"params":{"command":"a \\"b\\""}}', RESULT, "rdkservices", ""),
        ("T-escaped-quotes", "http.answer", '{"id":1,"params":{"command":"a \\"}{\\""}}', None, "rdkservices", ""),
        ("T-raw-utf8", "params.unicode", '{"params":{"containerId":"é"}}', RESULT, "rdkservices", ""),
        ("T-text-null", "startContainer.param.command", '{"params":{"command":"null"}}', RESULT, "entservices", ""),
        ("T-smallest-number", "envelope.json", LIST, '{"Descriptor":-./,),(-*,(,"Id":"x"}', "rdkservices", ""),
        ("T-version-number", "envelope.version", LIST, '{"jsonrpc":2.0,"id":1}', "rdkservices", ""),
        ("T-version-number", "events.message", "", '{"jsonrpc":2.0,"method":"x.y"}', "rdkservices", ""),
        ("T-large-frame", "websocket.large", LIST, None, "rdkservices", ""),
        ("T-invalid-info", "envelope.json", INFO, '{"result":{"info":{"a":1,"success":true}}', "entservices", ""),
        ("T-invalid-info", "envelope.json", INFO, '{"result":{"info":{"a":1}xyz,"success":true}}', "entservices", ""),
        ("T-no-preflight", "http.preflight", "", "", "rdkservices", ""),
        ("T-invalid-info", "envelope.json", INFO, '{"result":{"info":,"success":false}}', "entservices", ""),
        ("T-invalid-info", "envelope.json", INFO, '{"result":{"info":hello,"success":true}}', "entservices", ""),
        (
            "T-unquoted-environment",
            "envelope.json",
            '{"method":"Controller.1.environment@HOME"}',
            "x",
            "rdkservices",
            "",
        ),
        ("T-one-queue", "concurrency.busy", LIST, RESULT, "rdkservices", ""),
        (
            "T-four-workers",
            "concurrency.busy",
            '{"method":"Controller.1.version"}',
            RESULT,
            "rdkservices",
            "ocicontainer/concurrency/1",
        ),
        ("T-null-answers", "envelope.object", LIST, "null", "rdkservices", ""),
        ("D-mount-tunnel", "mount.success", "{}", '{"result":{"success":false}}', "entservices", ""),
    ],
)
def test_a_quirk_explains(  # noqa: PLR0917 - the columns of the table
    quirk: str, clause: str, request_text: str, answer: str | None, profile: str, case: str
) -> None:
    assert explained(clause, request_text, answer, profile, case) == quirk


@pytest.mark.parametrize(
    ("clause", "request_text", "answer", "profile"),
    [
        # a well-formed request has to be answered, and so has one that nobody can show
        ("http.answer", LIST, None, "rdkservices"),
        ("http.answer", LIST.replace(":1,", ':"7",'), None, "rdkservices"),
        ("http.answer", "", None, "rdkservices"),
        ("http.answer", LIST.replace(":1,", ":4294967295,"), None, "rdkservices"),
        ("http.answer", LIST[:-1] + ',"params":{"dobbySpec":"{\\"a\\":[]}"}}', None, "entservices"),
        ("websocket.answer", LIST, None, "rdkservices"),
        # answered, but wrongly
        ("envelope.batch", f"[{LIST}]", RESULT, "rdkservices"),
        ("envelope.parse-error", "{", '{"error":{"code":-32700}}', "rdkservices"),
        ("envelope.id-any", LIST, RESULT, "rdkservices"),
        ("websocket.large", LIST, RESULT, "rdkservices"),
        # other clauses, other profiles, other answers
        ("envelope.json", INFO, '{"result":{"info":,"success":false}}', "rdkservices"),
        ("envelope.json", INFO, '{"result":{"info":{"id":"x",},"success":true}}', "entservices"),
        ("envelope.json", LIST, '{"Descriptor":-5,}', "rdkservices"),
        ("envelope.version", LIST, '{"jsonrpc":"1.0"}', "rdkservices"),
        ("envelope.object", LIST, "[]", "rdkservices"),
        ("params.escapes", '{"params":{"command":"a"}}', RESULT, "rdkservices"),
        ("startContainerFromDobbySpec.success", '{"dobbySpec":"{\\"a\\":1}"}', RESULT, "entservices"),
        ("startContainer.success", '{"containerId":"x"}', RESULT, "rdkservices"),
        ("mount.success", "{}", '{"result":{"success":true}}', "entservices"),
        ("listContainers.success", LIST, RESULT, "rdkservices"),
    ],
)
def test_no_quirk_explains(clause: str, request_text: str, answer: str | None, profile: str) -> None:
    assert explained(clause, request_text, answer, profile) == ""


def test_an_id_among_the_params_excuses_nothing() -> None:
    register = LIST.replace("listContainers", "register")[:-1] + ',"params":{"event":"onContainerStarted","id":"me"}}'
    assert explained("http.answer", register, None) == ""
    assert explained("websocket.answer", register.replace('"id":1', '"id":"a-b"'), None) == "T-silence"


@pytest.mark.parametrize(
    ("before", "quirk"),
    [
        ("{", "T-stuck-socket"),
        (' {"id":1,"method":"x', "T-stuck-socket"),
        ('{"params":{"command":"a \\"b"}}', "T-stuck-socket"),
        ('{"params":{"command":"a \\"b\\""}}', ""),
        ("hello", ""),
        ("[", ""),
        ('{"id":1,}', ""),
        (LIST, ""),
    ],
)
def test_only_what_is_unfinished_swallows_what_comes_after(before: str, quirk: str) -> None:
    assert explained("websocket.answer", LIST, None, before=[LIST, before]) == quirk


def test_a_string_that_a_miscounting_host_does_not_end_is_waited_for() -> None:
    odd = LIST[:-1] + ',"params":{"containerId":"a \\" b"}}'
    assert explained("websocket.answer", odd, None) == "T-escaped-quotes"
    assert explained("http.answer", odd, None) == ""
    assert explained("websocket.answer", odd.replace("b", '\\"'), None) == ""


def test_odd_documents_are_excused_only_where_dobby_was_told_to_say_them() -> None:
    answer = '{"jsonrpc":"2.0","id":1,"result":{"info":{"a":1,"a":2},"success":true}}'
    assert explained("envelope.json", INFO, answer, scripted=True) == "T-invalid-info"
    assert explained("envelope.json", INFO, answer) == ""
    assert explained("envelope.json", INFO, answer.replace('"success":true', '"success":tru'), scripted=True) == ""


def test_a_blank_in_an_info_excuses_nothing() -> None:
    answer = '{"jsonrpc": "2.0", "id": 1, "result": {"info": {"id": "x"}, "success": true, "errorReason": ""}}'
    assert explained("getContainerInfo.cpu", INFO, answer, "entservices") == ""


def test_text_that_devices_misread_excuses_a_refusal_and_no_missing_success() -> None:
    request = '{"params":{"containerId":"é","command":"null"}}'
    for answer, quirk in (('{"error":{"code":1}}', "T-raw-utf8"), ('{"result":{"descriptor":5}}', "")):
        assert explained("startContainer.success", request, answer) == quirk
