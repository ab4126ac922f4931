"""The facts about HTTP, each in a row (tests/facts/thunder.toml, sections 0 and A.1 to A.3)."""

import re

import pytest
from factbench import (
    CALLSIGN,
    EXECUTED,
    PLAIN,
    R447,
    RDK,
    Bench,
    body_of,
    headers_of,
    message,
    reply,
    row,
    status_of,
)

from thunderoci.quirks import HALF_CLOSE, NO_PREFLIGHT, PIPELINE_ORDER, SILENCE

LIST = '{"id":1,"method":"listContainers"}'
VERSION = message()
VERBS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT")
COMMON = ["Access-Control-Allow-Origin", "Cache-Control", "Content-Length"]
BARE = ["Content-Length"]
NO_CALLSIGN = "400 After the //Service/ URL a Callsign is expected."
NO_VERSION = "400 Callsign was oke, but the requested version was not supported."
NO_RESPONSE = "500 There is no response from the requested service."


def request(verb="POST", path="/jsonrpc", body="", headers="", version="HTTP/1.1"):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{verb} {path} {version}\r\n{headers}{length}\r\n{body}"


def ask(text, *quirks, **options):
    return Bench(*quirks, **options).connection.ask(text)


@pytest.mark.fact("T0-executed", "T0-headers", "T0-members")
def test_a_call_that_succeeds():
    assert Bench().post(message("listContainers")) == (
        "HTTP/1.1 200 JSONRPC executed succesfully\r\n"
        "Access-Control-Allow-Origin: *\r\n"
        "Cache-Control: no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0\r\n"
        "Content-Length: 143\r\n"
        "\r\n"
        '{"jsonrpc":"2.0","id":1,"result":{"containers":[{"Descriptor":91,"Id":"com.example.a"},'
        '{"Descriptor":92,"Id":"com.example.b"}],"success":true}}'
    )


@pytest.mark.fact("T0-failure", "T0-headers", "T0-members")
def test_a_call_that_fails():
    answer = Bench(flavour=PLAIN).post(message("nope"))
    assert status_of(answer) == "202 Failure on JSONRPC: 4294934695"
    assert headers_of(answer) == COMMON
    assert answer.endswith('\r\n\r\n{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Unknown method."}}')


@pytest.mark.parametrize("path", ["", "/", "?x=1", "#f", row("TA1-one-more-character", "x"), ".", "%"])
@pytest.mark.fact("TA1-controller")
def test_paths_of_the_controller(path):
    answer = Bench().post(VERSION, "/jsonrpc" + path)
    assert status_of(answer) == EXECUTED
    assert body_of(answer)["result"]["major"] == 4


@pytest.mark.parametrize("path", ["", "/", "/1", "/2", "/1/listContainers", "?token=x", ".1", ".001"])
@pytest.mark.fact("TA1-plugin", "TA1-below-plugin", "TA1-version")
def test_paths_of_the_plugin(path):
    answer = Bench().post(LIST, f"/jsonrpc/{CALLSIGN}{path}")
    assert (status_of(answer), body_of(answer)["result"]["success"]) == (EXECUTED, True)


@pytest.mark.parametrize(
    "path",
    [
        row("TA1-no-callsign", "/jsonrpc/unknown"),
        row("TA1-longer-word", "/jsonrpcx/y"),
        row("TA1-longer-word", "/jsonrpcxy"),
        row("TA1-class-name", "/jsonrpc/OCIContainer"),
        row("TA1-class-name", "/jsonrpc/org.rdk"),
        row("TA1-double-slash", f"/jsonrpc//{CALLSIGN}"),
        row("TA1-callsign-case", "/jsonrpc/ORG.RDK.OCIContainer"),
        row("TA1-callsign-escapes", "/jsonrpc/org%2erdk.OCIContainer"),
    ],
)
@pytest.mark.parametrize(
    ("flavour", "status"),
    [
        row("TA1-no-callsign", RDK, NO_CALLSIGN),
        row("TA1-no-callsign", PLAIN, NO_CALLSIGN),
        row("TA1-no-callsign-r447", R447, "404 Not Found"),
    ],
)
def test_paths_without_a_plugin(path, flavour, status):
    answer = Bench(flavour=flavour).post(LIST, path)
    assert answer == f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("version", [".2", ".99", ".abc", ".0", "."])
@pytest.mark.fact("TA1-other-version")
def test_paths_with_another_version(version):
    answer = Bench().post(LIST, f"/jsonrpc/{CALLSIGN}{version}")
    assert answer == f"HTTP/1.1 {NO_VERSION}\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "path",
    [
        row("TA1-not-found", "/unknown"),
        row("TA1-prefix-case", "/JSONRPC"),
        row("TA1-prefix-case", "/service"),
        row("TA1-not-normalised", "//jsonrpc"),
        row("TA1-not-normalised", "/./jsonrpc"),
        row("TA1-prefix-escapes", "/json%72pc"),
        row("TA1-odd-targets", "jsonrpc"),
        row("TA1-odd-targets", "*"),
        row("TA1-odd-targets", "http://127.0.0.1/jsonrpc"),
    ],
)
@pytest.mark.parametrize("body", [VERSION, ""])
@pytest.mark.fact("TA1-not-found")
def test_paths_that_are_not_found(path, body):
    assert ask(request("POST", path, body)) == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.fact("TA1-root", "TA1-root-verbs")
def test_the_root(verb):
    assert ask(request(verb, "/")) == (
        "HTTP/1.1 301 MOVED_PERMANENTLY\r\nLocation: /Service/Controller/UI?ip=127.0.0.1&port=9998\r\n"
        "Content-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize("path", ["/Service", "/Service/", "/Service/Controller"])
@pytest.mark.fact("TA1-service-post")
def test_post_below_service(path):
    assert status_of(ask(request("POST", path, VERSION))) == "400 There are no POST handlers!"


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "OPTIONS"])
@pytest.mark.fact("TA1-service-plugin", "TA1-service-deactivated")
def test_the_plugin_below_service(verb):
    bench = Bench()
    question = request(verb, f"/Service/{CALLSIGN}")
    assert status_of(bench.connection.ask(question)) == "503 The requested service is not loaded."
    bench.deactivate()
    expected = "410 The requested service is currently in the deactivated mode."
    assert status_of(bench.connection.ask(question)) == expected


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "POST"])
@pytest.mark.fact("TA2-post-only", "TA2-405-headers")
def test_other_verbs_with_a_body(verb):
    bench = Bench()
    answer = bench.connection.ask(request(verb, body=message("listContainers")))
    assert status_of(answer) == "405 JSON-RPC only supported via POST request"
    assert (headers_of(answer), answer.partition("\r\n\r\n")[2]) == (COMMON, "")
    assert bench.bus.calls == []


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        row("TA2-get", "GET", "200 OK"),
        row("TA2-put-delete", "PUT", "200 OK"),
        row("TA2-put-delete", "DELETE", "200 OK"),
        row("TA2-post-empty", "POST", "400 There are no POST handlers!"),
        *(row("TA2-no-response", verb, NO_RESPONSE) for verb in ("OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT")),
    ],
)
@pytest.mark.fact("TA2-no-body")
def test_verbs_without_a_body(verb, status):
    answer = ask(request(verb))
    assert status_of(answer) == status
    if verb == "GET":
        assert "\r\nContent-Type: application/json\r\n" in answer
        assert [plugin["callsign"] for plugin in body_of(answer)["plugins"]] == ["Controller", CALLSIGN]
    else:
        assert answer.endswith("\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("length", ["", "Content-Length: 0", "Content-Length: -5", "Content-Length: many"])
@pytest.mark.fact("TA2-odd-length")
def test_a_length_that_means_no_body(length):
    answer = ask(request(headers=length and length + "\r\n"))
    assert status_of(answer) == "400 There are no POST handlers!"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.fact("TA2-plugin-without-body")
def test_the_plugin_without_a_body(verb):
    assert status_of(ask(request(verb, f"/jsonrpc/{CALLSIGN}"))) == NO_RESPONSE


PREFLIGHT = request("OPTIONS", headers="Origin: http://example.com\r\nAccess-Control-Request-Method: POST\r\n")


@pytest.mark.fact("TA2-no-preflight", "TA2-preflight-cors")
def test_a_preflight():
    answer = ask(PREFLIGHT, NO_PREFLIGHT)
    assert status_of(answer) == NO_RESPONSE
    assert "\r\nAccess-Control-Allow-Origin: *\r\n" in answer
    assert status_of(ask(PREFLIGHT)) == "204 No Content"


@pytest.mark.parametrize("path", ["/Service", "/Service/Controller", f"/Service/{CALLSIGN}"])
@pytest.mark.fact("TA2-options-service")
def test_options_below_service(path):
    assert ask(request("OPTIONS", path)) == (
        "HTTP/1.1 204 No Content\r\nAllow: \r\nAccess-Control-Allow-Headers: Content-Type\r\n"
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET,POST,PUT,DELETE\r\n"
        "Access-Control-Max-Age: 3600\r\nContent-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("data", "status"),
    [
        row("TA2-unknown-verb", request("BREW", body=VERSION), "501 Not Implemented"),
        row("TA2-unknown-verb", request("post", body=VERSION), "501 Not Implemented"),
        row("TA2-request-line", "GET /jsonrpc\r\n\r\n", "400 Bad Request"),
        row("TA2-request-line", "GET /jsonrpc HTTP/0.9\r\n\r\n", "400 Bad Request"),
        row("TA2-line-ends", request().replace("\r", ""), "400 Bad Request"),
        row("TA2-leading-crlf", "\r\n" + request(body=VERSION), EXECUTED),
        row("TA2-garbage", "hello, is there anybody?\r\n\r\n", "400 Bad Request"),
        row("TA2-garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400 Bad Request"),
        row("TA3-gzip", request(body=VERSION, headers="Content-Encoding: gzip\r\n"), "415 Unsupported Media Type"),
    ],
)
@pytest.mark.fact("TA2-stays-open")
def test_what_is_never_answered(data, status):
    bench = Bench(SILENCE)
    assert bench.connection.ask(data) == ""
    bench.clock.advance(179)
    assert bench.connection.open
    bench.clock.advance(1)
    assert not bench.connection.open
    assert status_of(ask(data)) == status


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        row("TA2-http-1-0 TA3-keep-alive TA3-no-host", "HTTP/1.0", ""),
        row("TA2-http-2-0", "HTTP/2.0", ""),
        row("TA3-keep-alive TA3-no-host TA3-content-type", "HTTP/1.1", ""),
        *(
            row("TA3-content-type", "HTTP/1.1", f"Content-Type: {kind}\r\n")
            for kind in ("text/xml", "application/x-www-form-urlencoded", "~garbage~")
        ),
        row("TA3-ignored-headers", "HTTP/1.1", "Authorization: Bearer x\r\nOrigin: http://example.com\r\n"),
        row("TA3-double-length", "HTTP/1.1", f"Content-Length: {len(VERSION)}\r\n"),
        row("TA3-large-head", "HTTP/1.1", f"X-Large: {'x' * 9000}\r\n"),
        row("TA3-large-head", "HTTP/1.1", "".join(f"X-{number}: y\r\n" for number in range(300))),
    ],
)
def test_what_does_not_matter(version, headers):
    bench = Bench()
    for _ in range(2):
        answer = bench.connection.ask(request(body=VERSION, headers=headers, version=version))
        assert answer.startswith(f"HTTP/1.1 {EXECUTED}\r\n")
        assert bench.connection.open


@pytest.mark.fact("TA3-large-head")
def test_a_long_query():
    assert status_of(Bench().post(VERSION, "/jsonrpc?" + "x" * 9000)) == EXECUTED


@pytest.mark.parametrize("value", ["close", "Close", "CLOSE"])
@pytest.mark.fact("TA3-close", "TA3-close-header")
def test_connection_close(value):
    bench = Bench()
    answer = bench.connection.ask(request(body=VERSION, headers=f"Connection: {value}\r\n"))
    assert (status_of(answer), headers_of(answer)) == (EXECUTED, COMMON)
    assert not bench.connection.open


@pytest.mark.parametrize("path", ["/unknown", "/", "/jsonrpc/unknown", f"/jsonrpc/{CALLSIGN}.2"])
@pytest.mark.fact("TA3-close-no-job")
def test_connection_close_on_other_paths(path):
    bench = Bench()
    answer = bench.connection.ask(request("POST", path, VERSION, "Connection: close\r\n"))
    assert status_of(answer)[:3] in {"404", "301", "400"}
    assert bench.connection.open


@pytest.mark.fact("TA3-close-notification")
def test_connection_close_with_a_notification():
    notification = request(body=VERSION.replace('"id":1,', ""), headers="Connection: close\r\n")
    for quirks, status in [((SILENCE,), ""), ((), "204 No Content")]:
        bench = Bench(*quirks)
        assert status_of(bench.connection.ask(notification)) == status
        assert bench.connection.open == bool(quirks)


@pytest.mark.fact("TA3-pipelining")
def test_pipelined_requests():
    requests = request(body=message("listContainers", message_id="7")) + request(body=VERSION)
    for quirks, order in [((PIPELINE_ORDER,), [b"1", b"7"]), ((), [b"7", b"1"])]:
        bench = Bench(*quirks, dobby={"List": None})
        early = bench.connection.send(requests)
        bench.bus.waiting[0].callback(reply("aias", [], []))
        assert re.findall(rb'"id":(\d)', early + bench.connection.received()) == order


@pytest.mark.fact("TA3-chunked")
def test_a_body_in_chunks():
    chunks = f"5\r\n{VERSION[:5]}\r\n{len(VERSION) - 5:x}\r\n{VERSION[5:]}\r\n0\r\n\r\n"
    assert status_of(ask(request(headers="Transfer-Encoding: chunked\r\n") + chunks)) == EXECUTED


@pytest.mark.fact("TA3-expect", "TA3-short-body")
def test_a_body_that_comes_late():
    connection = Bench().connection
    head = request(body=VERSION, headers="Expect: 100-continue\r\n").removesuffix(VERSION)
    assert connection.ask(head) == ""
    assert connection.ask(VERSION[:-1]) == ""
    assert status_of(connection.ask(VERSION[-1:])) == EXECUTED


@pytest.mark.fact("TA3-surplus")
def test_what_comes_behind_the_body():
    answer = ask(request(body=VERSION) + "and more\r\n\r\n", SILENCE)
    assert status_of(answer) == EXECUTED
    assert answer.count("HTTP/1.1 ") == 1
    assert ask(request(body=VERSION) + "and more\r\n\r\n").count("HTTP/1.1 ") == 2


@pytest.mark.fact("TA3-half-close")
def test_a_half_closed_connection():
    for quirks, answered in [((HALF_CLOSE,), False), ((), True)]:
        bench = Bench(*quirks, dobby={"List": None})
        connection = bench.connection
        assert connection.post(message("listContainers")) == ""
        connection.channel.readConnectionLost()
        assert connection.open == answered
        if not answered:
            connection.channel.connectionLost(None)  # what a transport does next
        bench.bus.waiting[0].callback(reply("aias", [], []))
        assert bool(connection.received()) == answered


@pytest.mark.fact("TA3-idle")
def test_an_idle_connection():
    bench = Bench()
    bench.clock.advance(179)
    assert status_of(bench.post(VERSION)) == EXECUTED
    bench.clock.advance(179)
    assert bench.connection.open
    bench.clock.advance(181)
    assert not bench.connection.open


@pytest.mark.fact("TA3-big-body")
def test_a_big_body():
    bench = Bench()
    command = "x" * 5_000_000
    assert bench.call("startContainer", {"containerId": "a", "bundlePath": "/b", "command": command}) == {
        "result": {"descriptor": 93, "success": True}
    }
    assert command in bench.bus.calls[0]


@pytest.mark.fact("TA3-big-answer")
def test_a_big_answer():
    ids = [f"com.example.{number}" for number in range(5000)]
    bench = Bench(dobby={"List": ("aias", list(range(5000)), ids)})
    containers = bench.call("listContainers")["result"]["containers"]
    assert [container["Id"] for container in containers] == ids
