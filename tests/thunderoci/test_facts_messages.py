"""The facts about reading and writing messages, each in a row (tests/facts/thunder.toml, section A.4)."""

import json

import pytest
from factbench import (
    CALLSIGN,
    EXECUTED,
    GENERAL,
    PLAIN,
    R447,
    RDK,
    Bench,
    Socket,
    body_of,
    content,
    message,
    row,
    status_of,
)

from thunderoci.quirks import (
    ESCAPED_QUOTES,
    NULL_ANSWERS,
    RAW_UTF8,
    SILENCE,
    STUCK_SOCKET,
    TRUNCATED,
    VERSION_NUMBER,
)

METHOD = f'"method":"{CALLSIGN}.1.listContainers"'
LIST = f'{{"jsonrpc":"2.0","id":1,{METHOD}}}'
UNKNOWN_METHOD = {"error": {"code": 53, "message": "ERROR_UNKNOWN_METHOD"}}
PARSE_ERROR, INVALID_REQUEST = -32700, -32600


def nested(depth):
    """Return a call with params that nest so deep."""
    return message("listContainers", '{"a":' * depth + "1" + "}" * depth)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        row("TA4-no-object", "[]", INVALID_REQUEST),
        row("TA4-no-object", "null", INVALID_REQUEST),
        row("TA4-no-object", "true", INVALID_REQUEST),
        row("TA4-no-object", "42", INVALID_REQUEST),
        row("TA4-no-object", '"abc"', INVALID_REQUEST),
        row("TA4-batch", f"[{LIST},{LIST}]", INVALID_REQUEST),
        row("TA4-blank", " \r\n\t", PARSE_ERROR),
        row("TA4-commas", LIST.replace("}", ",}"), PARSE_ERROR),
        row("TA4-commas", LIST.replace(",", " "), PARSE_ERROR),
        row("TA4-commas", LIST.replace(":", " "), PARSE_ERROR),
        row("TA4-quotes", LIST.replace('"', "'"), PARSE_ERROR),
        row("TA4-quotes", LIST.replace('"id"', "id"), PARSE_ERROR),
        row("TA4-comments", LIST.replace("{", "{/* why */"), PARSE_ERROR),
        row("TA4-bom", "\N{ZERO WIDTH NO-BREAK SPACE}" + LIST, PARSE_ERROR),
        row("TA4-bom", "x" + LIST, PARSE_ERROR),
        row("TA4-other-text", "hello", PARSE_ERROR),
        row("TA4-other-text", f"id=1&method={CALLSIGN}.1.listContainers", PARSE_ERROR),
        row("TA4-depth", nested(32), PARSE_ERROR),
        row("TA4-raw-nul", LIST.replace("{", "{\0"), PARSE_ERROR),
        *(
            row("TA4-id-refused", LIST.replace(":1,", f":{number},"), INVALID_REQUEST)
            for number in ("1.5", "1.0", '"abc"', '"7d1a9f3e-2b40-4c1e-9d58-1f0c1a5b6e77"', "true", "[1]", "{}")
        ),
        *(row("TA4-id-refused", LIST.replace(":1,", f":{number},"), PARSE_ERROR) for number in ("+5", "0x10")),
        row("TA4-id-refused-last", LIST.replace('"id":1,', "").replace("}", ',"id":1.5}'), INVALID_REQUEST),
    ],
)
@pytest.mark.fact("TA4-nothing-executed")
def test_what_is_never_answered(body, code):
    bench = Bench(SILENCE)
    assert bench.post(body) == ""
    assert (bench.bus.calls, bench.connection.open) == ([], True)
    bench = Bench()
    answer = body_of(bench.post(body))
    assert (answer["id"], answer["error"]["code"], bench.bus.calls) == (None, code, [])


@pytest.mark.fact("TA4-depth")
def test_the_depth_that_is_taken():
    assert status_of(Bench().post(nested(31))) == EXECUTED


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        row("TA4-empty-object", "{}", []),
        row("TA4-upper-case", LIST.replace("id", "ID").replace("method", "METHOD"), []),
        row("TA4-id-missing", LIST.replace('"id":1,', ""), ["List"]),
    ],
)
def test_what_has_no_id(body, calls):
    for quirks, status in [((SILENCE,), ""), ((), "204 No Content")]:
        bench = Bench(*quirks)
        assert status_of(bench.post(body)) == status
        assert bench.bus.members == calls


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        row("TA4-truncated", LIST[:-1], "result"),
        row("TA4-truncated", LIST[:-1] + ',"params":{"a', "result"),
        row("TA4-truncated-method", LIST[:-5], "error"),
    ],
)
def test_truncated_objects(body, answered):
    answer = body_of(Bench(TRUNCATED).post(body))
    assert (answer["id"], answered in answer) == (1, True)
    assert answered == "result" or content(answer) == UNKNOWN_METHOD
    assert body_of(Bench().post(body))["error"]["code"] == PARSE_ERROR


@pytest.mark.fact("TA4-open-brace")
def test_an_open_brace():
    assert Bench(SILENCE, TRUNCATED).post("{") == ""
    assert body_of(Bench().post("{"))["error"]["code"] == PARSE_ERROR


LIST_FIRST = f'{{{METHOD},"id":1'


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        *(row("TA4-trailing", LIST + rest, 1) for rest in ("}", "garbage", '{"id":2}', " \r\n", "\0\0")),
        row("TA4-leading-blank", " \r\n\t" + LIST, 1),
        row("TA4-jsonrpc", LIST.replace('"jsonrpc":"2.0",', ""), 1),
        *(
            row("TA4-jsonrpc", LIST.replace('"2.0"', version), 1)
            for version in ('"1.0"', '"3.0"', '""', "null", "2.0", "2", "{}", "true")
        ),
        *(
            row(facts, LIST.replace(":1,", f":{number},"), message_id)
            for facts, number, message_id in [
                ("TA4-id-null", "null", 0),
                ("TA4-id-zero", "0", 0),
                ("TA4-id-zero", '""', 0),
                ("TA4-id-negative", "-1", 4294967295),
                ("TA4-id-text", '"7"', 7),
                ("TA4-id-text", '"-5"', 4294967291),
                ("TA4-id-hex-text", '"0x1F"', 31),
                ("TA4-id-leading-zero", "010", 10),
                ("TA4-id-hex-digits", "1e3", 303),
                ("TA4-id-hex-digits", "12abc", 51900),
                ("TA4-id-wraps", "4294967296", 0),
                ("TA4-id-wraps", "4294967297", 1),
                ("TA4-id-wraps", "123456789012345678901234567890", 1312754386),
            ]
        ),
        row("TA4-duplicates", LIST.replace('"id":1', '"id":1,"method":"nope","id":2'), 2),
        row("TA4-other-members", LIST.replace('"id":1', '"a":[1],"result":2,"error":{},"id":1'), 1),
        row("TA4-escaped-name", LIST.replace('"id"', r'"\u0069d"'), 1),
        *(
            row("TA4-no-params", LIST.replace("}", f',"params":{params}}}'), 1)
            for params in ("null", "{}", '""', '"x"', "5", "true")
        ),
        row("TA4-array-params", LIST.replace("}", ',"params":[1,{}]}'), 1),
    ],
)
def test_what_is_answered(body, message_id):
    bench = Bench()
    answer = bench.post(body)
    assert status_of(answer) == EXECUTED
    assert body_of(answer)["id"] == message_id
    assert bench.bus.members == ["List"]


@pytest.mark.parametrize("number", ["4294967296", "123456789012345678901234567890"])
@pytest.mark.fact("TA4-id-wraps-r447")
def test_large_ids_of_r4_4_7(number):
    body = LIST.replace(":1,", f":{number},")
    assert Bench(SILENCE, flavour=R447).post(body) == ""
    assert body_of(Bench(flavour=R447).post(body))["error"]["code"] == INVALID_REQUEST


@pytest.mark.parametrize(
    "method", ["", '"method":"",', *(f'"method":{raw},' for raw in ("null", "5", "{}", "[]", "true"))]
)
@pytest.mark.fact("TA4-method")
def test_methods_that_are_none(method):
    assert content(body_of(Bench().post(f'{{{method}"id":1}}'))) == UNKNOWN_METHOD


@pytest.mark.parametrize(
    "params", ["", ',"params":null', *(f',"params":{raw}' for raw in ("{}", "[]", '"a"', "5", "true"))]
)
@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
@pytest.mark.fact("TA4-no-params")
def test_params_that_are_none(params, profile):
    bench = Bench(profile=profile)
    answer = bench.post(f'{{"id":1,"method":"{CALLSIGN}.1.startContainer"{params}}}')
    if profile == "rdkservices":
        assert (content(body_of(answer)), bench.bus.calls) == (GENERAL, [])
    else:
        assert bench.bus.calls == [("StartFromBundle", "ssahssasuu", "", "", [], "", "", [], 0, 0)]


@pytest.mark.fact("TA4-array-params")
def test_params_have_no_positions():
    bench = Bench()
    assert bench.call("stopContainer", ["91", True]) == GENERAL
    assert bench.bus.calls == []


def started(command, *quirks, **options):
    """Start a container with a command as it is written in JSON; return the answer and the calls to Dobby."""
    bench = Bench(*quirks, **options)
    params = f'{{"containerId":"a","bundlePath":"/b","command":"{command}"}}'
    return bench.post(message("startContainer", params)), bench.bus.calls


def command_in(calls):
    """Return the command that reached Dobby."""
    return calls[0][5]


@pytest.mark.parametrize(
    ("command", "received"),
    [
        row("TA4-unicode", r"\u00e9\ud83d\ude00", "é\N{GRINNING FACE}"),
        row("TA4-lone-surrogate", r"\ud83d", ""),
        row("TA4-nul-escape", r"a\u0000b", "a"),
        row("TA4-raw-utf8-r447", "é", "é"),
        row("TA4-quote-r447", r"sh -c \"echo  hi there\"", 'sh -c "echo  hi there"'),
        row("TA4-quote-r447", r"echo \"}{\"", 'echo "}{"'),
    ],
)
@pytest.mark.parametrize("flavour", [RDK, R447])
def test_strings_in_params(command, received, flavour):
    quirks = (RAW_UTF8, ESCAPED_QUOTES) if flavour == R447 else ()
    answer, calls = started(command, *quirks, flavour=flavour)
    assert status_of(answer) == EXECUTED
    assert command_in(calls) == received


@pytest.mark.parametrize("command", ["a\tb", "a\nb", r"\x", r"\u12"])
@pytest.mark.fact("TA4-bad-string")
def test_strings_that_spoil_the_params(command):
    answer, calls = started(command)
    assert (content(body_of(answer)), calls) == (GENERAL, [])
    _, calls = started(command, profile="entservices")
    assert calls[0][2:4] == ("", "")


@pytest.mark.parametrize("flavour", [RDK, PLAIN])
@pytest.mark.fact("TA4-raw-utf8", "TA4-raw-utf8-empty", "TD2-bad-string")
def test_raw_utf8(flavour):
    answer, calls = started("é", RAW_UTF8, flavour=flavour)
    assert (content(body_of(answer)), calls) == (GENERAL, [])
    _, calls = started("é", RAW_UTF8, flavour=flavour, profile="entservices")
    assert calls == [("StartFromBundle", "ssahssasuu", "", "", [], "", "", [], 0, 0)]


@pytest.mark.fact("TA4-quote-odd")
def test_an_odd_number_of_escaped_quotes():
    answer, calls = started(r"a\"b", ESCAPED_QUOTES, TRUNCATED)
    assert (content(body_of(answer)), calls) == (GENERAL, [])
    assert command_in(started(r"a\"b")[1]) == 'a"b'


@pytest.mark.fact("TA4-quote-odd-ws")
def test_an_odd_number_of_escaped_quotes_on_a_websocket():
    call = message("startContainer", r'{"containerId":"a","bundlePath":"/b","command":"a\"b"}')
    socket = Socket(Bench(ESCAPED_QUOTES, STUCK_SOCKET))
    assert socket.say(call, message(), message()) == []
    assert len(Socket(Bench()).say(call, message(), message())) == 3


@pytest.mark.fact("TA4-quote-blanks")
def test_blanks_between_escaped_quotes():
    command = r"sh -c \"echo  hi there\""
    assert command_in(started(command, ESCAPED_QUOTES)[1]) == 'sh -c "echohithere"'
    assert command_in(started(command)[1]) == 'sh -c "echo  hi there"'


@pytest.mark.fact("TA4-quote-brackets")
def test_brackets_between_escaped_quotes():
    command = r"echo \"}{\""
    assert started(command, ESCAPED_QUOTES, SILENCE) == ("", [])
    assert command_in(started(command)[1]) == 'echo "}{"'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        row("TA4-slash", "/a/b", r"\/a\/b"),
        row("TA4-escapes", "é\x7f\x01", r"\u00E9\u007F\u0001"),
        row("TA4-short-escapes", "\b\t\n\f\r", r"\b\t\n\f\r"),
        row("TA4-slash", '"\\', r"\"\\"),
    ],
)
def test_how_text_is_written(text, written):
    answer = Bench(dobby={"List": ("aias", [5], [text])}).post(message("listContainers"))
    assert f'"Id":"{written}"' in answer


@pytest.mark.parametrize(
    ("quirk", "flavour", "body", "spoilt"),
    [
        row("TA4-version-number", VERSION_NUMBER, RDK, LIST.replace('"2.0"', "null"), '{"jsonrpc":2.0,"'),
        row("TA4-version-number", VERSION_NUMBER, R447, LIST.replace('"2.0"', "null"), '{"jsonrpc":2.0,"'),
        row("TA4-null-answers", NULL_ANSWERS, R447, "null", "null"),
        row("TA4-null-answers", NULL_ANSWERS, RDK, "null", None),
    ],
)
def test_what_one_request_spoils_for_ever(quirk, flavour, body, spoilt):
    for quirks in ((quirk,), ()):
        bench = Bench(*quirks, flavour=flavour)
        socket = Socket(bench)
        socket.say(message("register", '{"event":"onContainerStarted","id":"me"}'), body)
        texts = [bench.post(LIST).partition("\r\n\r\n")[2] for _ in range(500)]
        for number in range(250):
            texts += socket.say(LIST)
            bench.bus.signal("Started", "is", number, "x")
            texts += socket.say()
        sound = [text for text in texts if text.startswith('{"jsonrpc":"2.0","')]
        odd = [text for text in texts if spoilt and text.startswith(spoilt)]
        assert len(sound) + len(odd) == 1000
        assert 150 < len(odd) < 250 if quirks and spoilt else not odd


@pytest.mark.fact("TA4-duplicates")
def test_duplicates_in_params():
    bench = Bench()
    answer = bench.raw("startContainer", '{"containerId":"a","bundlePath":"/b","containerId":"c"}')
    assert json.loads(answer)["success"]
    assert bench.bus.calls[0][2] == "c"
