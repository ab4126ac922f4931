"""What the faithful emulator says to requests unlike those that are here, the judge does not accuse either.

This finds out whether the judge's rules hold for more than the recorded items.
"""

import base64
import itertools
import json

import pytest
from recorded import PAIRS
from traffic import Box

from conformance import spec
from conformance.offline import judge_exchange
from thunderoci.quirks import CATALOGUE

FAITHFUL = frozenset(quirk for quirk in CATALOGUE if quirk.deterministic)
PLUGIN = "org.rdk.OCIContainer.1."
LIST = f'{{"jsonrpc":"2.0","id":1,"method":"{PLUGIN}listContainers"}}'
VALUES = (
    '"com.example.a"', '"91"', "91", "null", "true", "{}", "[]", '""', '"null"', "1.5",
    '"a\\"b"', '"a\\"b\\"c d"', '"é"',
    '"\\u00e9"', '"}{"', '"a\\"}{\\"b"', '"a\\"b}"', '"\\ud800"', "-7", '"x\\ny"', '"0"', '["ls"]', '{"a":1}',
)  # fmt: skip
IDS = (
    "null", "-1", "1.5", "1e3", "1E+2", '"7"', '"-5"', '"0x1F"', '"abc"', '"+5"', "010", "0x10", "true", "[1]", "{}",
    "4294967295", "4294967296", "12345678901234567890123", '"1.5"', '" 7"', "-0", '"x-y"', '""', "12abc", "1e-3", '"é"',
)  # fmt: skip
BODIES = (
    "{}", "[]", "[1]", "null", "true", '"abc"', "42", "   ", "{", "}", LIST[:-1], LIST[:20], LIST[:40],
    LIST + "}", LIST + " x", LIST + LIST, LIST + "\0", "\ufeff" + LIST, LIST.replace('"', "'"), LIST.replace(",", ""),
    LIST.replace(":", ""),
    '{"id":1}', '{"method":"x"}', '{"id":1,"method":5}', LIST.replace('"id"', '"ID"'),
    f"[{LIST},{LIST}]", f"[{LIST},1]",
    LIST.replace("}", ',"params":' + "[" * 40 + "]" * 40 + "}"), LIST.replace("}", ',"params":nul}'), "NaN",
    LIST.replace('"id":1,', ""), LIST.replace('"id":1', '"id":1,"id":2'),
    LIST.upper(), '{"jsonrpc":"2.0","result":0,"id":5}',
)  # fmt: skip
DESIGNATORS = (
    "", ".", "@", "x", "listContainers", "org.rdk.OCIContainer", "org.rdk.OCIContainer.",
    "ORG.RDK.OCICONTAINER.listContainers", "org.rdk.OCIContainer.LISTCONTAINERS",
    "Controller.1.environment@HOME", "Controller.1.status", "rpc.discover",
    *(f"org.rdk.OCIContainer.{version}.listContainers" for version in ("", "0", "01", "2", "254", "256", "-1", "v1")),
    f"{PLUGIN}deleteContainer", f"{PLUGIN}versions", f"{PLUGIN}exists", f"{PLUGIN}listContainers@x", f"{PLUGIN}a-b",
)  # fmt: skip
INFOS = (
    "", '{"a":1', '{"a":1}x', "[1]", "null", "5", "hello", '{"a":NaN}', '{"a":1,"a":2}', '{"a":{"b":1,"b":2}}',
    '{"id":"é"}', '{"a":1,}', "[", '{"a":[1,{"b":2}]}', '{"a": 01}', "  ", '{"a":"\n"}', '{"success":false}', "}", '"',
)  # fmt: skip
BROKEN = (
    (b"\r\n", b"\n"), (b"POST", b"\r\nPOST"), (b"HTTP/1.1", b"HTTP/1"), (b"POST ", b"POST  "), (b"Host: x", b"Host x"),
    (b"Host: x", b"Content-Encoding: gzip"), (b"Host: x", b"Transfer-Encoding: chunked"),
    (b"Content-Length: ", b"Content-Length: 1"), (b"Content-Length: ", b"Content-Length: -"),
)  # fmt: skip
VERBS = ("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post", "FOO")
PATHS = (
    "/jsonrpc",
    "/",
    "/Service",
    "/jsonrpc/org.rdk.OCIContainer",
    "/nope",
    "/jsonrpc?x=1",
    "/JSONRPC",
    "/jsonrpc/x",
)


def post(body, head="POST /jsonrpc HTTP/1.1\r\nHost: x\r\n"):
    data = body.encode() if isinstance(body, str) else body
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def call(method, params="", number="1"):
    more = f',"params":{params}' if params else ""
    return post(f'{{"jsonrpc":"2.0","id":{number},"method":"{method}"{more}}}')


def guesses():
    """Yield requests, each with what Dobby is told to say."""
    groups = (["containerId"], ["containerId", "bundlePath"], ["containerId", "dobbySpec", "command"], ["event", "id"],
              ["containerId", "force"], ["containerId", "key", "value"])  # fmt: skip
    for method, value, names in itertools.product(spec.load("entservices").methods, VALUES, groups):
        params = dict.fromkeys(names, '"com.example.a"') | {names[-1]: value}
        yield call(PLUGIN + method, "{" + ",".join(f'"{name}":{held}' for name, held in params.items()) + "}"), {}
    for info in INFOS:
        yield call(f"{PLUGIN}getContainerInfo", '{"containerId":"91"}'), {"GetInfo": {"sig": "s", "body": [info]}}
    for state in range(-1, 12):
        yield call(f"{PLUGIN}getContainerState", '{"containerId":"91"}'), {"GetState": {"sig": "i", "body": [state]}}
    for number, method in itertools.product(IDS, ("listContainers", "nope", "getContainerState")):
        yield call(PLUGIN + method, '{"containerId":"91"}', number), {}
    for body, path in itertools.product([*BODIES, b"\xff", b"\x00", LIST.encode() + b"\xe9"], PATHS[::3]):
        yield post(body, f"POST {path} HTTP/1.1\r\n"), {}
    for designator, path in itertools.product(DESIGNATORS, PATHS):
        yield post(json.dumps({"jsonrpc": "2.0", "id": 1, "method": designator}), f"POST {path} HTTP/1.1\r\n"), {}
    for verb, path, body in itertools.product(VERBS, PATHS, ("", LIST)):
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        yield f"{verb} {path} HTTP/1.1\r\n{length}\r\n{body}".encode(), {}
        yield f"{verb} {path} HTTP/1.1\r\nOrigin: x\r\nAccess-Control-Request-Method: POST\r\n\r\n".encode(), {}
    whole = post(LIST)
    for old, new in BROKEN:
        yield whole.replace(old, new), {}
    yield from ((raw, {}) for raw in (b"", b"GET", b"GET /jsonrpc\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01", b"\r\n\r\n"))


@pytest.mark.parametrize("pair", PAIRS)
def test_the_faithful_emulator_is_accused_of_nothing(pair):
    specification = spec.load(pair.partition("@")[0])
    box = Box(pair, FAITHFUL)
    found = []
    count = 0
    for request, dobby in itertools.islice(guesses(), PAIRS.index(pair), None, len(PAIRS)):
        box.bus.load(dobby)
        answer, _ = box.request({"raw_b64": base64.b64encode(request).decode()})
        verdict, breaches = judge_exchange(specification, request, answer or None, dobby="scripted")
        if verdict == "fail":
            found.append((request, answer, [breach.finding for breach in breaches if not breach.quirk]))
        count += 1
    assert found == []
    assert count > 500
