"""The facts about the methods of entservices, each in a row (tests/facts/thunder.toml, section D.2)."""

import json

import pytest
from factbench import ABSENT, NOBODY, PLAIN, R447, RDK, Bench, message, row, status_of

from thunderoci.quirks import INVALID_INFO, TEXT_NULL

A, NOBODY_THERE = '{"containerId":"91"}', '{"containerId":"nobody"}'
SIMPLE = {
    "pauseContainer": ("Pause", "i", 91),
    "resumeContainer": ("Resume", "i", 91),
    "hibernateContainer": ("Hibernate", "is", 91, "o"),
    "wakeupContainer": ("Wakeup", "i", 91),
    "executeCommand": ("Exec", "iss", 91, "o", "ls"),
    "annotate": ("Annotate", "iss", 91, "k", "v"),
    "removeAnnotation": ("RemoveAnnotation", "is", 91, "k"),
    "mount": ("Mount", "issass", 91, "s", "t", [], ""),
    "unmount": ("Unmount", "is", 91, "t"),
}
REFUSING = {call[0]: ("b", False) for call in SIMPLE.values()}
MEMBERS = '"containerId":"91","options":"o","command":"ls","key":"k","value":"v","source":"s","target":"t","type":"x"'


def outcome(method, params, *quirks, **options):
    """Return the JSON text of a result, and the calls to Dobby."""
    bench = Bench(*quirks, profile="entservices", **options)
    return bench.raw(method, params), bench.bus.calls


@pytest.mark.parametrize(
    ("method", "params", "result"),
    [
        row(
            "TD2-list",
            "listContainers",
            "null",
            '{"containers":[{"Descriptor":91,"Id":"com.example.a"},{"Descriptor":92,"Id":"com.example.b"}],'
            '"success":true,"errorReason":""}',
        ),
        row("TD2-state", "getContainerState", A, '{"state":"RUNNING","success":true,"errorReason":""}'),
        row(
            "TD2-state-not-found",
            "getContainerState",
            NOBODY_THERE,
            '{"state":"INVALID","success":false,"errorReason":""}',
        ),
        row("TD2-start", "startContainer", A, '{"descriptor":93,"success":true,"errorReason":""}'),
        row("TD2-start", "startContainerFromDobbySpec", A, '{"descriptor":93,"success":true,"errorReason":""}'),
        row("TD2-simple", "stopContainer", A, '{"success":true,"errorReason":""}'),
        row(
            "TD2-stop-not-found", "stopContainer", NOBODY_THERE, '{"success":false,"errorReason":"Container not found"}'
        ),
        *(
            row("TD2-stop-not-found TD2-simple", method, NOBODY_THERE, '{"success":false,"errorReason":""}')
            for method in SIMPLE
        ),
    ],
)
@pytest.mark.fact("TD2-success")
def test_results(method, params, result):
    bench = Bench(profile="entservices")
    assert bench.raw(method, params) == result
    assert status_of(bench.post(message(method, params))) == "200 JSONRPC executed succesfully"


@pytest.mark.parametrize("method", SIMPLE)
@pytest.mark.fact("TD2-simple", "TD2-mount", "TD3-exec", "TD3-annotations", "TD3-mounts", "TD3-stop")
def test_the_nine_simple_methods(method):
    call = SIMPLE[method]
    assert outcome(method, f"{{{MEMBERS}}}") == ('{"success":true,"errorReason":""}', [("List", ""), call])
    assert outcome(method, f"{{{MEMBERS}}}", dobby=REFUSING)[0] == '{"success":false,"errorReason":""}'


NAMES = ("INVALID", "STARTING", "RUNNING", "STOPPING", "PAUSED", "HIBERNATING", "HIBERNATED", "AWAKENING")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        *(row("TD2-state-names", ("i", number), name) for number, name in enumerate(NAMES)),
        *(row("TD2-state-error", answer, "INVALID") for answer in (ABSENT, ("u", 2), ("i", 99), ("i", -1))),
    ],
)
def test_states(answer, state):
    result, _ = outcome("getContainerState", A, dobby={"GetState": answer})
    assert result == f'{{"state":"{state}","success":true,"errorReason":""}}'


NO_INFO = "Failed to get info for container"


@pytest.mark.parametrize(
    ("params", "info", "faithful", "sane"),
    [
        row("TD2-info", A, ("s", '{"é" : 1.0}\n'), '{"info":{"é" : 1.0}\n,"success":true,"errorReason":""}', None),
        row(
            "TD2-info-not-found",
            NOBODY_THERE,
            ("s", "{}"),
            '{"info":,"success":false,"errorReason":""}',
            '{"success":false,"errorReason":""}',
        ),
        *(
            row(
                "TD2-info-empty",
                A,
                info,
                f'{{"info":,"success":false,"errorReason":"{NO_INFO}"}}',
                f'{{"success":false,"errorReason":"{NO_INFO}"}}',
            )
            for info in (("s", ""), ABSENT)
        ),
        row(
            "TD2-info-no-json",
            A,
            ("s", "hello"),
            '{"info":hello,"success":true,"errorReason":""}',
            '{"success":false,"errorReason":"Dobby\'s information is no JSON"}',
        ),
    ],
)
@pytest.mark.parametrize("flavour", [RDK, PLAIN])
def test_information(params, info, faithful, sane, flavour):
    assert outcome("getContainerInfo", params, INVALID_INFO, flavour=flavour, dobby={"GetInfo": info})[0] == faithful
    assert outcome("getContainerInfo", params, flavour=flavour, dobby={"GetInfo": info})[0] == (sane or faithful)


@pytest.mark.parametrize(("params", "dobby", "reason"), [(NOBODY_THERE, {}, ""), (A, {"GetInfo": ("s", "")}, NO_INFO)])
@pytest.mark.fact("TD2-info-r447")
def test_no_information_of_r4_4_7(params, dobby, reason):
    result, _ = outcome("getContainerInfo", params, INVALID_INFO, flavour=R447, dobby=dobby)
    assert result == f'{{"success":false,"errorReason":"{reason}"}}'


@pytest.mark.parametrize("descriptor", [0, -1])
@pytest.mark.parametrize(
    ("method", "reason"),
    [
        row("TD2-start-failed", "startContainer", "dobby start failed"),
        row("TD2-spec-failed", "startContainerFromDobbySpec", ""),
    ],
)
def test_a_start_that_failed(descriptor, method, reason):
    dobby = dict.fromkeys(("StartFromBundle", "StartFromSpec"), ("i", descriptor))
    expected = f'{{"descriptor":{descriptor},"success":false,"errorReason":"{reason}"}}'
    assert outcome(method, A, dobby=dobby)[0] == expected
    expected = expected.replace(f":{descriptor},", ":-1,")
    assert outcome(method, A, dobby=NOBODY)[0] == expected


@pytest.mark.fact("TD2-stop-false")
def test_a_stop_that_dobby_refuses():
    assert outcome("stopContainer", A, dobby={"Stop": ("b", False)})[0] == '{"success":false,"errorReason":""}'


@pytest.mark.parametrize(
    ("method", "params", "call"),
    [
        row(
            "TD2-none-required",
            "startContainer",
            "null",
            ("StartFromBundle", "ssahssasuu", "", "", [], "", "", [], 0, 0),
        ),
        row(
            "TD2-none-required",
            "startContainerFromDobbySpec",
            "{}",
            ("StartFromSpec", "ssahssas", "", "", [], "", "", []),
        ),
        row("TD2-none-required", "annotate", A, ("Annotate", "iss", 91, "", "")),
        row("TD2-none-required", "executeCommand", A, ("Exec", "iss", 91, "", "")),
        row("TD2-types", "pauseContainer", '{"containerId":91}', ("Pause", "i", 91)),
        row("TD2-types", "pauseContainer", '{"containerId":91.0}', ("List", "")),
        row("TD2-types", "annotate", '{"containerId":91,"key":true,"value":{}}', ("Annotate", "iss", 91, "true", "{}")),
        row("TD2-null", "annotate", '{"containerId":91,"key":null,"value":null}', ("Annotate", "iss", 91, "", "")),
        row("TD2-force", "stopContainer", A, ("Stop", "ib", 91, False)),
        row("TD2-force", "stopContainer", '{"containerId":"91","force":true}', ("Stop", "ib", 91, True)),
        row("TD2-force", "stopContainer", '{"containerId":"91","force":1}', ("Stop", "ib", 91, True)),
        row("TD2-force", "stopContainer", '{"containerId":"91","force":0}', ("Stop", "ib", 91, False)),
        row("TD2-force", "stopContainer", '{"containerId":"91","force":null}', ("Stop", "ib", 91, False)),
    ],
)
def test_parameters(method, params, call):
    assert outcome(method, params)[1][-1] == call


@pytest.mark.parametrize(
    ("quirks", "flavour", "key"),
    [
        row("TD2-text-null", (TEXT_NULL,), RDK, ""),
        row("TD2-text-null", (TEXT_NULL,), R447, "null"),
        row("TD2-text-null", (), RDK, "null"),
    ],
)
def test_the_text_null(quirks, flavour, key):
    _, calls = outcome("removeAnnotation", '{"containerId":"91","key":"null"}', *quirks, flavour=flavour)
    assert calls[1] == ("RemoveAnnotation", "is", 91, key)


@pytest.mark.parametrize("raw", ['"true"', "2", '""', "{}", "1.5"])
@pytest.mark.fact("TD2-one-bad")
def test_one_bad_member(raw):
    result, calls = outcome("stopContainer", f'{{"containerId":"91","force":{raw}}}')
    assert (json.loads(result)["errorReason"], calls) == ("Container not found", [("List", "")])


@pytest.mark.parametrize(
    ("raw", "spec"),
    [
        ('{ "b" : 1.0 , "a" : " " }', '{"b":1.0,"a":" "}'),
        (r'"{ \"a\" : 1 }"', '{ "a" : 1 }'),
        ('"/path"', "/path"),
    ],
)
@pytest.mark.fact("TD2-spec")
def test_the_spec(raw, spec):
    _, calls = outcome("startContainerFromDobbySpec", f'{{"containerId":"a","dobbySpec":{raw}}}')
    assert calls == [("StartFromSpec", "ssahssas", "a", spec, [], "", "", [])]
