"""The facts about designators, each in a row (tests/facts/thunder.toml, section B)."""

import pytest
from factbench import CALLSIGN, PLAIN, R447, RDK, Bench, body_of, content, message, row

FLAVOURS = [RDK, PLAIN, R447]
VERSION_TEXT = "Requested version is not supported."
DIRECT = f"/jsonrpc/{CALLSIGN}"


def error(code, text=None):
    return {"error": {"code": code} | ({} if text is None else {"message": text})}


UNKNOWN_METHOD = {RDK: error(53, "ERROR_UNKNOWN_METHOD")} | dict.fromkeys(
    (PLAIN, R447), error(-32601, "Unknown method.")
)
NOT_ACTIVE = error(2, "Service is not active")


@pytest.mark.parametrize(
    "method",
    [
        row("TB-version", f"{CALLSIGN}.1.listContainers"),
        row("TB-version", f"{CALLSIGN}.01.listContainers"),
        row("TB-version", f"{CALLSIGN}.001.listContainers"),
        row("TB-no-version", f"{CALLSIGN}.listContainers"),
        row("TB-no-version", f"{CALLSIGN}..listContainers"),
        row("TB-no-version", f"{CALLSIGN}.1..listContainers"),
        row("TB-index", f"{CALLSIGN}.1.listContainers@5"),
        *(row("TB-version-255", f"{CALLSIGN}.{version}.listContainers") for version in (255, 256, 257, 999)),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_names_the_plugin(method, flavour):
    assert Bench(flavour=flavour).call(method)["result"]["success"]


def cases(methods, *outcomes):
    """Return a case for each method and flavour, with what is answered there."""
    return [
        row(f"{facts} {fact}" if facts else fact, flavour, method, answer)
        for facts, method in methods
        for fact, flavour, answer in outcomes
    ]


OTHER_VERSION = cases(
    [
        *(("", f"{CALLSIGN}.{version}.listContainers") for version in (0, 2, 99, 254)),
        ("TB-version-twice", f"{CALLSIGN}.1.0.listContainers"),
    ],
    ("TB-other-version", PLAIN, error(45, VERSION_TEXT)),
    ("TB-other-version", RDK, error(45, VERSION_TEXT)),
    ("TB-other-version-r447", R447, error(-32602, VERSION_TEXT)),
)
SIGNATURE = cases(
    [
        ("", f"{CALLSIGN}.{version}")
        for version in ("1.0.4.listContainers", "-1.listContainers", "1a.listContainers", "latest.listContainers")
    ]
    + [("", f"{CALLSIGN}.listContainers.x")],
    ("TB-signature", PLAIN, error(38, "ERROR_INVALID_SIGNATURE")),
    ("TB-signature-rdk TB-forgotten-texts", RDK, error(-32602)),
    ("TB-signature-r447", R447, error(-32602, VERSION_TEXT)),
)
METHOD = cases(
    [
        ("", f"{CALLSIGN}.1.nope"),
        *(
            ("TB-method-form", f"{CALLSIGN}.{rest}")
            for rest in ("1.LISTCONTAINERS", "1.listContainers ", "1.", "1", "")
        ),
        ("TB-bare", "listContainers"),
        ("TB-bare", "1.listContainers"),
    ],
    ("TB-unknown-method", PLAIN, UNKNOWN_METHOD[PLAIN]),
    ("TB-unknown-method-rdk", RDK, UNKNOWN_METHOD[RDK]),
    ("TB-unknown-method", R447, UNKNOWN_METHOD[R447]),
)
CALLSIGNS = cases(
    [
        ("", "org.rdk.Nope.1.listContainers"),
        *(
            ("TB-callsign-form", method)
            for method in (
                "OCIContainer.1.listContainers",
                f"{CALLSIGN.lower()}.1.listContainers",
                CALLSIGN,
                f" {CALLSIGN}.1.listContainers",
                "rpc.discover",
            )
        ),
    ],
    ("TB-unknown-callsign", PLAIN, error(2, "ERROR_UNAVAILABLE")),
    ("TB-unknown-callsign", RDK, error(2, "ERROR_UNAVAILABLE")),
    ("TB-unknown-callsign-r447", R447, error(-32603, "Could not access requested service")),
)


@pytest.mark.parametrize(("flavour", "method", "answer"), OTHER_VERSION + SIGNATURE + METHOD + CALLSIGNS)
def test_what_names_nothing(flavour, method, answer):
    bench = Bench(flavour=flavour)
    assert (
        content(body_of(bench.post(message(method) if "." in method else f'{{"id":1,"method":"{method}"}}'))) == answer
    )
    assert bench.bus.calls == []


@pytest.mark.parametrize("method", ["1.listContainers", "1.nope", "99.listContainers", "1.register"])
@pytest.mark.parametrize("state", ["deactivate", "unavailable"])
@pytest.mark.parametrize(
    ("flavour", "path", "answer"),
    [
        row("TB-inactive", PLAIN, "/jsonrpc", error(5, "The service is in an illegal state!!!.")),
        row("TB-inactive", RDK, "/jsonrpc", error(5, "The service is in an illegal state!!!.")),
        row("TB-inactive-r447", R447, "/jsonrpc", NOT_ACTIVE),
        *(row("TB-inactive-direct", flavour, DIRECT, NOT_ACTIVE) for flavour in FLAVOURS),
    ],
)
def test_a_plugin_that_is_not_active(method, state, flavour, path, answer):
    bench = Bench(flavour=flavour)
    bench.deactivate(state)
    assert bench.call(f"{CALLSIGN}.{method}", path=path) == answer


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.fact("TB-general")
def test_a_failure_of_the_plugin(flavour):
    assert Bench(flavour=flavour).call("stopContainer") == error(1, "ERROR_GENERAL")


@pytest.mark.parametrize("callsign", ["Controller.1.", "org.rdk.Nope.", "x..", "1.", ""])
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.fact("TB-direct", "TB-direct-version")
def test_on_the_path_of_the_plugin_no_callsign_counts(callsign, flavour):
    bench = Bench(flavour=flavour)
    answer = bench.post(f'{{"id":1,"method":"{callsign}listContainers"}}', DIRECT)
    assert body_of(answer)["result"]["success"]
    answer = bench.post(f'{{"id":1,"method":"{callsign}nope"}}', DIRECT)
    assert content(body_of(answer)) == UNKNOWN_METHOD[flavour]


@pytest.mark.fact("TB-direct-version")
def test_on_the_path_of_the_plugin_the_version_counts():
    assert Bench().call("Controller.2.listContainers", path=DIRECT) == error(45, VERSION_TEXT)
