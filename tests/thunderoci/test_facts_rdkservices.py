"""The facts about the methods of rdkservices, each in a row (tests/facts/thunder.toml, sections D and D.1)."""

import json

import pytest
from factbench import ABSENT, GENERAL, PLAIN, R447, RDK, Bench, message, row, status_of

from thunderoci.quirks import RAW_UTF8, TEXT_NULL

PER_CONTAINER = {
    "getContainerState": "GetState",
    "getContainerInfo": "GetInfo",
    "stopContainer": "Stop",
    "pauseContainer": "Pause",
    "resumeContainer": "Resume",
    "executeCommand": "Exec",
}
ENTSERVICES_ONLY = {
    "hibernateContainer": "Hibernate",
    "wakeupContainer": "Wakeup",
    "annotate": "Annotate",
    "removeAnnotation": "RemoveAnnotation",
    "mount": "Mount",
    "unmount": "Unmount",
}
FAILED = '{"code":1,"message":"ERROR_GENERAL"}'
SUCCESS = '{"success":true}'
A = '{"containerId":"91"}'
START = '"containerId":"a","bundlePath":"/b"'
NUL = "null"


def listing(*containers):
    return {"List": ("aias", [number for number, _ in containers], [name for _, name in containers])}


def outcome(method, params, *quirks, **options):
    """Return the JSON text of a result, and the calls to Dobby."""
    bench = Bench(*quirks, **options)
    return bench.raw(method, params), bench.bus.calls


@pytest.mark.parametrize(
    ("profile", "method", "member"),
    [
        *(("rdkservices", *pair) for pair in PER_CONTAINER.items()),
        *(("entservices", *pair) for pair in (PER_CONTAINER | ENTSERVICES_ONLY).items()),
    ],
)
@pytest.mark.fact("TD-list-first")
def test_containers_are_listed_first(profile, method, member):
    bench = Bench(profile=profile)
    bench.call(method, {"containerId": "com.example.a", "command": "ls"})
    assert bench.bus.members == ["List", member]
    assert bench.bus.calls[1][2] == 91


@pytest.mark.parametrize(
    ("container_id", "descriptor"),
    [
        row("TD-match", "com.example.a", 91),
        row("TD-match", "91", 91),
        row("TD-descriptor-wins", "93", 93),
        row("TD-equal-ids", "twin", 5),
        row("TD-zero", "0", 0),
        row("TD-zero", "zero", 0),
        *(row("TD-decimal", text, None) for text in ("091", "+91", "91 ", " 91", "91.0", "0x5b")),
        *(row("TD-negative", text, None) for text in ("-1", "negative")),
        row("TD-match", "nobody", None),
    ],
)
@pytest.mark.parametrize("profile", ["rdkservices", "entservices"])
def test_which_container_is_meant(container_id, descriptor, profile):
    dobby = listing(
        (91, "com.example.a"),
        (93, "b"),
        (7, "93"),
        (5, "twin"),
        (6, "twin"),
        (0, "zero"),
        (-1, "negative"),
        (8, "negative"),
    )
    bench = Bench(profile=profile, dobby=dobby)
    answer = bench.call("pauseContainer", {"containerId": container_id})
    assert bench.bus.calls[1:] == ([] if descriptor is None else [("Pause", "i", descriptor)])
    assert ("error" in answer or not answer["result"]["success"]) == (descriptor is None)


@pytest.mark.parametrize(
    ("method", "params", "result"),
    [
        *(
            row(
                "TD1-list TD1-list-params",
                "listContainers",
                params,
                '{"containers":[{"Descriptor":91,"Id":"com.example.a"},{"Descriptor":92,"Id":"com.example.b"}],'
                '"success":true}',
            )
            for params in ("null", '{"containerId":5}', "[]", '"x"')
        ),
        row("TD1-state", "getContainerState", A, '{"containerId":"91","state":"Running","success":true}'),
        row(
            "TD1-state",
            "getContainerState",
            '{"containerId":"com.example.a"}',
            '{"containerId":"com.example.a","state":"Running","success":true}',
        ),
        row("TD1-info", "getContainerInfo", A, '{"info":{"id":"com.example.a"},"success":true}'),
        row("TD1-start TD1-bundle", "startContainer", f"{{{START}}}", '{"descriptor":93,"success":true}'),
        row(
            "TD1-start",
            "startContainerFromDobbySpec",
            '{"containerId":"a","dobbySpec":{}}',
            '{"descriptor":93,"success":true}',
        ),
        *(row("TD1-simple", f"{name}Container", A, SUCCESS) for name in ("stop", "pause", "resume")),
        row("TD1-simple", "executeCommand", '{"containerId":"91","command":"ls"}', SUCCESS),
    ],
)
def test_results(method, params, result):
    bench = Bench()
    assert bench.raw(method, params) == result
    assert status_of(bench.post(message(method, params))) == "200 JSONRPC executed succesfully"


@pytest.mark.fact("TD1-list-none")
def test_no_containers():
    assert outcome("listContainers", NUL, dobby=listing())[0] == '{"containers":[],"success":true}'


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        *(
            row("TD1-state-names", ("i", number), name)
            for number, name in enumerate(("Invalid", "Starting", "Running", "Stopping", "Paused"))
        ),
        *(row("TD1-state-hibernation", ("i", number), "Unknown") for number in (5, 6, 7)),
        *(row("TD1-state-invalid", ("i", number), "Invalid") for number in (8, 99, -1)),
        *(row("TD1-state-invalid", answer, "Invalid") for answer in (ABSENT, ("u", 2), ("s", "x"))),
    ],
)
def test_states(answer, state):
    result, _ = outcome("getContainerState", A, dobby={"GetState": answer})
    assert result == f'{{"containerId":"91","state":"{state}","success":true}}'


FAILURES = {"Stop": ("b", False), "Pause": ("b", False), "Resume": ("b", False), "Exec": ("b", False)} | {
    "StartFromBundle": ("i", -1),
    "StartFromSpec": ("i", 0),
    "GetInfo": ("s", ""),
}
GOOD = {
    "getContainerInfo": '{"containerId":"91"}',
    "startContainer": f"{{{START}}}",
    "startContainerFromDobbySpec": '{"containerId":"a","dobbySpec":{}}',
    "stopContainer": A,
    "pauseContainer": A,
    "resumeContainer": A,
    "executeCommand": '{"containerId":"91","command":"ls"}',
}


@pytest.mark.parametrize("method", GOOD)
@pytest.mark.parametrize("dobby", [FAILURES, dict.fromkeys(FAILURES, ABSENT)])
@pytest.mark.fact("TD1-failure", "TD1-no-details")
def test_failures_of_dobby(method, dobby):
    answer = Bench(dobby=dobby).post(message(method, GOOD[method]))
    assert status_of(answer) == "202 Failure on JSONRPC: 1"
    assert answer.endswith('\r\n\r\n{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"ERROR_GENERAL"}}')


@pytest.mark.parametrize("method", [*GOOD, "getContainerState"])
@pytest.mark.parametrize(
    "params",
    [
        row("TD1-failure", "{}"),
        *(row("TD1-types", f'{{"containerId":{raw}}}') for raw in ("91", "true", "{}", "[]")),
    ],
)
def test_failures_before_any_call(method, params):
    assert outcome(method, params)[0] == FAILED or method == "startContainerFromDobbySpec"
    assert outcome(method, params)[1] == []


@pytest.mark.parametrize(
    ("method", "params"),
    [
        row("TD1-failure", "startContainer", '{"containerId":"a"}'),
        row("TD1-failure", "executeCommand", '{"containerId":"91"}'),
        row("TD1-types", "startContainer", '{"containerId":"a","bundlePath":5}'),
        row("TD1-types", "executeCommand", '{"containerId":"91","command":["ls"]}'),
    ],
)
def test_other_parameters_that_are_needed(method, params):
    assert outcome(method, params) == (FAILED, [])


@pytest.mark.parametrize("method", [name for name in (*GOOD, "getContainerState") if "start" not in name])
@pytest.mark.fact("TD1-failure")
def test_an_unknown_container(method):
    assert outcome(method, '{"containerId":"nobody","command":"ls"}') == (FAILED, [("List", "")])


@pytest.mark.parametrize("method", ENTSERVICES_ONLY)
@pytest.mark.fact("TD1-absent")
def test_methods_of_the_other_generation(method):
    assert Bench(flavour=PLAIN).call(method, {"containerId": "91"}) == {
        "error": {"code": -32601, "message": "Unknown method."}
    }


@pytest.mark.parametrize(
    ("flavour", "result", "calls"),
    [
        row("TD1-null", RDK, '{"descriptor":93,"success":true}', [("", "")]),
        row("TD1-null", PLAIN, '{"descriptor":93,"success":true}', [("", "")]),
        row("TD1-null-r447", R447, FAILED, []),
    ],
)
def test_null_for_a_string(flavour, result, calls):
    found, made = outcome("startContainer", '{"containerId":null,"bundlePath":null}', flavour=flavour)
    assert (found, [call[2:4] for call in made]) == (result, calls)
    lists = [("List", "")] if calls else []
    assert outcome("pauseContainer", '{"containerId":null}', flavour=flavour) == (FAILED, lists)


def started(members, *quirks, **options):
    """Start a container with more members, and return what reached Dobby."""
    _, calls = outcome("startContainer", f"{{{START}{members}}}", *quirks, **options)
    return calls[0][2:]


@pytest.mark.fact("TD1-empty")
def test_empty_texts():
    assert started(',"bundlePath":"","containerId":""')[:2] == ("", "")


@pytest.mark.parametrize(
    ("members", "command", "socket"),
    [
        row("TD1-options", "", "", ""),
        row("TD1-options", ',"command":"ls","westerosSocket":"/s"', "ls", "/s"),
        *(
            row("TD1-options", f',"command":{raw},"westerosSocket":{raw}', raw, raw)
            for raw in ("5", "true", '{"a":1}', "[1,2]", "1.50")
        ),
        row("TD1-options", ',"command":null', "", ""),
        row("TD1-env", ',"envvar":["A=B"],"envVars":"A=B"', "", ""),
    ],
)
def test_what_a_start_may_have(members, command, socket):
    assert started(members) == ("a", "/b", [], command, socket, [], 0, 0)


@pytest.mark.parametrize(
    ("quirks", "flavour", "command"),
    [
        row("TD1-text-null", (TEXT_NULL,), RDK, '"null"'),
        row("TD1-text-null", (TEXT_NULL,), PLAIN, '"null"'),
        row("TD1-text-null-r447", (TEXT_NULL,), R447, ""),
        row("TD1-text-null", (), RDK, "null"),
        row("TD1-text-null-r447", (), R447, "null"),
    ],
)
def test_the_text_null(quirks, flavour, command):
    assert started(',"command":"null"', *quirks, flavour=flavour)[3] == command


@pytest.mark.parametrize(
    ("raw", "force"),
    [("true", True), *((raw, False) for raw in ('"true"', '"TRUE"', '"1"', "1", "{}", "null", "false"))],
)
@pytest.mark.fact("TD1-force")
def test_force(raw, force):
    _, calls = outcome("stopContainer", f'{{"containerId":"91","force":{raw}}}')
    assert calls[1] == ("Stop", "ib", 91, force)


@pytest.mark.parametrize(
    ("raw", "spec"),
    [
        row("TD1-spec-object", '{ "b" : 1.0 , "a" : 1E5 }', '{"b":1.0,"a":1E5}'),
        row("TD1-spec-duplicates", '{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
        row("TD1-spec-string", r'"{ \"a\" : 1 }"', '{"a":1}'),
        *(row("TD1-spec-other", raw, "{}") for raw in ('"/path"', '""', "null", "5", "[1]", "true")),
        row("TD1-spec-escapes", r'{"a":"\u00e9","b":{"c":"\u00e9"}}', r'{"a":"\u00E9","b":{"c":"\u00e9"}}'),
    ],
)
def test_the_spec(raw, spec):
    _, calls = outcome("startContainerFromDobbySpec", f'{{"containerId":"a","dobbySpec":{raw}}}')
    assert calls[0][2:] == ("a", spec, [], "", "", [])


@pytest.mark.parametrize(("flavour", "spec"), [(RDK, "{}"), (PLAIN, "{}"), (R447, "null")])
@pytest.mark.fact("TD1-spec-missing")
def test_a_missing_spec(flavour, spec):
    _, calls = outcome("startContainerFromDobbySpec", '{"containerId":"a"}', flavour=flavour)
    assert calls[0][3] == spec


@pytest.mark.parametrize(
    ("members", "options"),
    [
        row("TD1-exec-options", "", "null"),
        row("TD1-exec-empty", ',"options":""', ""),
        row("TD1-exec-empty", ',"options":null', ""),
        row("TD1-exec-options", ',"options":"-d"', "-d"),
    ],
)
def test_options_of_a_command(members, options):
    _, calls = outcome("executeCommand", f'{{"containerId":"91","command":"ls"{members}}}')
    assert calls[1] == ("Exec", "iss", 91, options, "ls")


STYLED = '{\n   "a" : {\n      "b" : [ 1, 2 ]\n   }\n}\n'


@pytest.mark.parametrize(
    ("info", "shown"),
    [
        *(
            row("TD1-info-numbers", f'{{"a":{number}}}', f'{{"a":{number}}}')
            for number in ("18446744073709551615", "1e10", "100.0", "1E5", "123456789012345678901234567890")
        ),
        row("TD1-info-order", '{"b":1,"a":2}', '{"b":1,"a":2}'),
        row("TD1-info-order", '{"b":1,"a":2,"b":3}', '{"b":3,"a":2}'),
        row("TD1-info-nested", STYLED, '{"a":{\n      "b" : [ 1, 2 ]\n   }}'),
        *(row("TD1-info-refused", info, None) for info in ("", "[1]", "5", '{"a":1', '{"a":1} x')),
    ],
)
def test_information(info, shown):
    result, _ = outcome("getContainerInfo", A, dobby={"GetInfo": ("s", info)})
    assert result == (FAILED if shown is None else f'{{"info":{shown},"success":true}}')


@pytest.mark.parametrize(
    ("quirks", "flavour", "info", "shown"),
    [
        row("TD1-info-utf8", (RAW_UTF8,), RDK, '{"a":"é"}', None),
        row("TD1-info-utf8", (RAW_UTF8,), PLAIN, '{"a":"é"}', None),
        row("TD1-info-utf8", (RAW_UTF8,), R447, '{"a":"é"}', r'{"a":"\u00E9"}'),
        row("TD1-info-utf8", (), RDK, '{"a":"é"}', r'{"a":"\u00E9"}'),
        row("TD1-info-null", (TEXT_NULL,), RDK, '{"a":"null"}', '{"a":null}'),
        row("TD1-info-null", (TEXT_NULL,), R447, '{"a":"null"}', '{"a":"null"}'),
        row("TD1-info-null", (), RDK, '{"a":"null"}', '{"a":"null"}'),
    ],
)
def test_information_that_a_quirk_touches(quirks, flavour, info, shown):
    result, _ = outcome("getContainerInfo", A, *quirks, flavour=flavour, dobby={"GetInfo": ("s", info)})
    assert result == (FAILED if shown is None else f'{{"info":{shown},"success":true}}')


@pytest.mark.parametrize("descriptor", [0, -1, -734])
@pytest.mark.fact("TD1-no-descriptor")
def test_a_descriptor_that_is_none(descriptor):
    bench = Bench(dobby={"StartFromBundle": ("i", descriptor)})
    assert bench.call("startContainer", json.loads(f"{{{START}}}")) == GENERAL
