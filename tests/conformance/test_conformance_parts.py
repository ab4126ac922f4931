"""The parts of the suite that need no network: addresses, curl commands, strict JSON, the specification, the bundle."""

import json
import subprocess
from pathlib import Path

import pytest

from conformance import bundle, curl, spec
from conformance.address import normalise
from conformance.commands import commands
from conformance.errors import BadCurl, BadURL
from conformance.exchange import Request
from conformance.judge import Judge
from conformance.verdict import Finding, Verdict, exit_code

ERROR = {"code": 1, "message": "ERROR_GENERAL"}
OLDER, NEWER = (Judge(spec.load(profile)) for profile in spec.PROFILES)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("box", "http://box:9998/jsonrpc"),
        ("box:80", "http://box:80/jsonrpc"),
        (" 127.0.0.1:9998 ", "http://127.0.0.1:9998/jsonrpc"),
        ("[::1]:9998", "http://[::1]:9998/jsonrpc"),
        ("http://box:9998", "http://box:9998/jsonrpc"),
        ("http://box:9998/", "http://box:9998/jsonrpc"),
        ("http://box/base", "http://box/base/jsonrpc"),
        ("http://box:9998/jsonrpc", "http://box:9998/jsonrpc"),
        ("http://box:9998/jsonrpc/", "http://box:9998/jsonrpc/"),
        ("box:9998/jsonrpc/org.rdk.OCIContainer", "http://box:9998/jsonrpc/org.rdk.OCIContainer"),
        ("http://box:9998/jsonrpc?token=t", "http://box:9998/jsonrpc?token=t"),
        ("http://box:9998/jsonrpcx", "http://box:9998/jsonrpcx/jsonrpc"),
        ("https://box", "https://box/jsonrpc"),
        ("ws://box:9998/jsonrpc", "http://box:9998/jsonrpc"),
        ("WSS://box:8443", "https://box:8443/jsonrpc"),
        ("box?token=t", "http://box:9998/jsonrpc?token=t"),
        ("::1", "http://[::1]:9998/jsonrpc"),
        ("http://[fe80::2]/base", "http://[fe80::2]/base/jsonrpc"),
    ],
)
def test_what_a_target_may_be_called(text: str, url: str) -> None:
    assert normalise(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", ":9998", "http://", "box:port", "box:99999", "box:0", "ftp://box", "me@box"),
        *("box#f", "box#", "http://[::1", "a b", "box/\u00e9", "http://b\u00f6x", "https://me:pw@box", "http:/box"),
        *("http://[box]:80", "http://[v1.a]:80", "b<o>x", "b\x01x", "://box", "http://"),
    ],
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(BadURL, match="is not a target"):
        normalise(text)


DOCUMENT = """# Heading
**Plain**
```
curl -X POST http://h/jsonrpc/ -d '{"a": 1}'

```
## Next
```bash
$ curl -s http://h/x \\
    -H 'Content-Type: text/plain' --data-binary '{
  "b": "it'"'"'s"
}'
```
curl http://not/in/a/fence -d x
"""


def test_commands_in_markdown() -> None:
    first, second = commands(DOCUMENT, "doc.md")
    assert (first.title, first.line, first.method, first.url) == ("Plain", 4, "POST", "http://h/jsonrpc/")
    assert (first.body, first.headers) == ('{"a": 1}', curl.DEFAULT_HEADERS)
    assert (second.title, second.line, second.url) == ("Next", 9, "http://h/x")
    assert second.body == '{\n  "b": "it\'s"\n}'
    assert second.headers == (("Accept", "*/*"), ("Content-Type", "text/plain"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("curl http://h -d 'open", "it has no end"),
        ("curl http://h -d x \\", "it has no end"),
        ("curl http://h -d", "-d lacks its value"),
        ("curl http://h --upload-file x", "--upload-file sends files"),
        ("curl -d x", "it has no URL"),
        ("curl http://h http://i", "it has several URLs"),
        ("curl http://h -u me:secret", "a name and password"),
        ("curl http://h -d @file", "the file 'file' behind -d is not read"),
        ("curl http://h --data-binary @-", "the file '-' behind --data-binary is not read"),
        ("curl http://h -d $(date)", "only a running shell knows"),
        ("ssh box curl http://h", "'ssh' runs it"),
    ],
)
def test_commands_that_cannot_be_replayed(line: str, why: str) -> None:
    with pytest.raises(BadCurl, match=f"doc.md, line 2: this is not a curl command that can be replayed: {why}"):
        list(commands(f"```\n{line}\n```\n", "doc.md"))


@pytest.mark.parametrize("body", ['{"id":3}', 'it\'s\n"two" lines', "$HOME `id` \\ !"])
def test_a_rendered_command_is_what_a_shell_reads_back(body: str) -> None:
    request = Request("http://h/jsonrpc?a=b&c", (*curl.DEFAULT_HEADERS, ("X-Y", "z w")), body.encode())
    line = curl.render(request)
    words = subprocess.run(
        ["/bin/sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {line}"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    assert words[:-1] == ["-X", "POST", request.url, "-H", "X-Y: z w", "-d", body]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"   ", b"<html>", b"{}{}", b'{"a":1} x', b'{"a":1,"a":1}', b'{"a":NaN}', b"[-Infinity]", b"{'a':1}"),
        *(
            b'"\\ud800"',
            b'["\\udc00\\ud800"]',
            b'"\xff"',
            b"\xef\xbb\xbf{}",
            b'{"a":\n',
            b"[" * 100_000,
            b"1" * 5000,
            b'{"a":1,}',
        ),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_strict_json(body: bytes) -> None:
    (finding,) = judged(body)
    assert finding.clause == "envelope.json"


def judged(body: bytes) -> list[Finding]:
    return OLDER.envelope(body, 3, status=200).findings


@pytest.mark.parametrize(
    ("answer", "clauses"),
    [
        ({"jsonrpc": "2.0", "id": 3, "result": None}, []),
        ({"jsonrpc": "2.0", "id": 3, "error": ERROR}, []),
        ({"jsonrpc": "2.0", "id": 3, "error": {"code": 1}}, ["envelope.message"]),
        ({}, ["envelope.version", "envelope.id", "envelope.outcome"]),
        ([], ["envelope.object"]),
        (None, ["envelope.object"]),
        ({"jsonrpc": 2.0, "id": 3, "result": 1}, ["envelope.version"]),
        ({"jsonrpc": "2.0", "id": "3", "result": 1}, ["envelope.id"]),
        ({"jsonrpc": "2.0", "id": 3.0, "result": 1}, ["envelope.id"]),
        ({"jsonrpc": "2.0", "id": 4, "result": 1}, ["envelope.id"]),
        ({"jsonrpc": "2.0", "id": None, "result": 1}, ["envelope.id"]),
        ({"jsonrpc": "2.0", "id": 3}, ["envelope.outcome"]),
        ({"jsonrpc": "2.0", "id": 3, "result": 1, "error": ERROR}, ["envelope.outcome"]),
        ({"jsonrpc": "2.0", "id": 3, "error": "no"}, ["envelope.error"]),
        ({"jsonrpc": "2.0", "id": 3, "error": {"code": "1", "message": "m"}}, ["envelope.code"]),
        ({"jsonrpc": "2.0", "id": 3, "error": {"code": True, "message": "m"}}, ["envelope.code"]),
        ({"jsonrpc": "2.0", "id": 3, "result": 1, "more": 2}, ["envelope.closed"]),
    ],
)
def test_the_envelope(answer: object, clauses: list[str]) -> None:
    assert sorted(finding.clause for finding in judged(json.dumps(answer).encode())) == sorted(clauses)


@pytest.mark.parametrize("asked", ["7", -1, None, 1.5, 2**32, True])
def test_an_odd_id_that_does_not_come_back_breaks_a_recommendation(asked: object) -> None:
    answer = json.dumps({"jsonrpc": "2.0", "id": 7, "result": 0})
    assert [finding.clause for finding in OLDER.envelope(answer, asked).findings] == ["envelope.id-any"]


def test_a_state_that_is_not_documented_breaks_a_recommendation() -> None:
    (finding,) = OLDER.result("getContainerState", {"containerId": "x", "state": "Stopping", "success": True})
    assert (finding.clause, finding.path) == ("getContainerState.states", "$.result.state")
    assert spec.clauses()[finding.clause].level == "SHOULD"


def test_what_real_devices_add_or_cannot_tell_is_legal() -> None:
    info = {
        "annotations": {"k": "v"},
        "cpu": {"usage": {"percpu": None, "total": None}},
        "gpu": {},
        "id": "x",
        "memory": None,
        "pids": [],
        "processes": [],
        "state": "running",
        "timestamp": 2**64 - 1,
    }
    assert OLDER.result("getContainerInfo", {"info": info, "success": True}) == []
    assert NEWER.result("getContainerInfo", {"info": info, "success": True, "errorReason": ""}) == []


@pytest.mark.parametrize(
    ("answer", "older", "newer"),
    [
        ({"error": ERROR}, [], ["stopContainer.failure-form"]),
        ({"error": {"code": 2, "message": "m"}}, ["stopContainer.failure-form"], ["stopContainer.failure-form"]),
        ({"result": {"success": False, "errorReason": "x"}}, ["stopContainer.failure-form"], []),
        ({"result": {"success": True}}, ["stopContainer.refusal"], ["stopContainer.refusal"]),
        ({"result": {"success": "false"}}, ["stopContainer.refusal"], ["stopContainer.refusal"]),
        ({"result": {}}, ["stopContainer.refusal"], ["stopContainer.refusal"]),
        ({"result": None}, ["stopContainer.refusal"], ["stopContainer.refusal"]),
    ],
)
def test_a_refusal(answer: dict[str, object], older: list[str], newer: list[str]) -> None:
    assert [finding.clause for finding in OLDER.refusal("stopContainer", answer)] == older
    assert [finding.clause for finding in NEWER.refusal("stopContainer", answer)] == newer


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.PASS, Verdict.SKIPPED], 0),
        ([Verdict.NON_STRICT], 0),
        ([Verdict.QUIRK, Verdict.WAIVED], 0),
        ([Verdict.PASS, Verdict.FAIL], 1),
        ([Verdict.FAIL, Verdict.ERROR], 3),
        ([Verdict.SKIPPED], 3),
        ([], 3),
    ],
)
def test_exit_codes(verdicts: list[Verdict], code: int) -> None:
    assert exit_code(verdicts) == code


def test_what_makes_a_run_fail_beside_failures() -> None:
    assert exit_code([Verdict.PASS, Verdict.NON_STRICT], strict=True) == 1
    assert exit_code([Verdict.PASS], expired=True) == 1


def test_the_bundle_has_what_keeps_a_daemon_alive(tmp_path: Path) -> None:
    written = bundle.write(tmp_path / "new" / "bundle")
    assert written == (tmp_path / "new" / "bundle").resolve()
    assert list((written / "rootfs").iterdir()) == []
    config = json.loads((written / "config.json").read_text())
    assert config["ociVersion"] == "1.0.2-dobby"
    assert config["hostname"]
    assert config["process"]["args"][-2:] == ["sleep", "60"]
    assert config["linux"]["resources"]["pids"]["limit"] > 0
    assert len(config["rdkPlugins"]) == 1
    assert all("source" in mount for mount in config["mounts"])
    assert all({"ro", "rbind"} <= set(mount["options"]) for mount in config["mounts"] if mount["type"] == "bind")


def test_a_used_bundle_is_written_afresh(tmp_path: Path) -> None:
    config = bundle.write(tmp_path) / "config.json"
    fresh = config.read_bytes()
    config.write_text("rewritten by a daemon")
    bundle.write(tmp_path)
    assert config.read_bytes() == fresh
