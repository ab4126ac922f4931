"""What reads requests to the control API, and what a bundle holds."""

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from controlled import Controlled
from test_daemoncontrol import Bench  # a fake daemon without a bus

from fakedobby import strictjson
from fakedobby.bundle import read_bundle
from fakedobby.bundlefiles import rewrite_bundle
from fakedobby.errors import BadInput, Refused
from fakedobby.operations import document
from target import JSON, Target, complaints
from wire import made


def _asked(request, body=b""):
    """Send a request to an emulator of its own; return the status, None when the answer is waited for."""
    complaints.heard.clear()
    bench = Bench()
    api = Controlled(daemon=bench.control, clock=bench.clock)
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    said = api.send(b"%b HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n%b" % (request, length, body))
    assert not complaints.heard, complaints.heard
    _closed(api)
    if not said:
        return None
    head, _, answer = said.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    if answer and b"ndjson" not in head:
        json.loads(answer)
    assert status < 500, said
    return status


def _closed(api):
    for connection in made:
        connection.daemon.manager.close()
    made.clear()
    api.leave()


def control_query(data):
    """A path below /emulator with its query."""
    printable = bytes(byte for byte in data if byte > 0x20 and byte != 0x7F)
    _asked(b"GET /emulator/" + printable)


@cache
def _with_bodies():
    return [
        b"%b /emulator/%b" % (one.verb.encode(), "/".join(one.segments).replace("{id}", "a").encode())
        for one in document.operations().values()
        if one.body is not None
    ]


def control_body(data):
    """A body for one of the operations; the first byte says which."""
    operations = _with_bodies()
    _asked(operations[(data[:1] or b"\0")[0] % len(operations)], data[1:])


def _body(operation, value):
    """Return a body as `control_body` wants it."""
    known = [one.id for one in document.operations().values() if one.body is not None]
    return bytes([known.index(operation)]) + json.dumps(value).encode()


def strict_json(data):
    """What is read is what others read, and can be written again."""
    try:
        value = strictjson.parse(data, "it")
    except BadInput as problem:
        str(problem)
        return
    assert value == json.loads(data)
    assert json.loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode()) == value


@cache
def _folder():
    folder = Path(mkdtemp())
    (folder / "rootfs").mkdir()
    return folder


def bundle(data):
    """A bundle is read or refused, and one that was rewritten can be read again and means the same."""
    folder = _folder()
    text, marker, original = data.partition(b"\0")
    (folder / "config.json").write_bytes(text)
    (folder / "config-dobby.json").unlink(missing_ok=True)
    if marker:
        (folder / "config-dobby.json").write_bytes(original)
    try:
        config = read_bundle(str(folder))
        config.with_command("a b").named("a").oci_text  # noqa: B018 (it is written here)
        rewrite_bundle(config, "a")
    except Refused as reason:
        str(reason)
        return
    if config.bundle.rewritten:
        with suppress(Refused):  # with its indentation it may be larger than what is read
            again = read_bundle(str(folder))
            assert (again.args, again.memory_limit, again.has_plugins) == (
                config.args,
                config.memory_limit,
                config.has_plugins,
            )


_CONFIG = (
    b'{"ociVersion":"1.0.2-dobby","process":{"args":["sleep","60"],"cwd":"/","env":["A=b"],"user":{"uid":1}},'
    b'"root":{"path":"rootfs"},"hostname":"x","mounts":[{"destination":"/d","source":"/s","type":"bind"}],'
    b'"linux":{"resources":{"memory":{"limit":4096}}},"rdkPlugins":{"logging":{"required":true}}}'
)


def _snapshot():
    """Return what a snapshot of a fake daemon holds that has a container."""
    bench = Bench()
    api = Controlled(daemon=bench.control, clock=bench.clock)
    bench.start("a", program={"runtime": 60, "memory": [[0, 1000], [5, 2000]]})
    snapshot = api.do("POST", "/state/snapshot")
    _closed(api)
    return snapshot


_FAULT = {"place": "dobby", "kind": "error", "method": "Start*", "times": 2, "nth": 1, "probability": 0.5}

TARGETS = {
    "control_query": Target(
        control_query,
        (
            b"journal?since=3&limit=5&kind=request,answer&method=*.list*&container=a&wait=2.5",
            b"containers/a%20b",
            b"faults/f1?x=1#y",
            b"journal/export",
        ),
        (b"?", b"&", b"=", b"%", b"%00", b"%ff", b"%2F", b"#", b"since=", b"wait=1e999", b"limit=1e5", b"+", b"1_0"),
    ),
    "control_body": Target(
        control_body,
        (
            _body("setState", {name: _snapshot()[name] for name in ("containers", "plugins")}),
            _body("restoreState", _snapshot() | {"faults": [_FAULT | {"id": "f1", "seen": 1, "struck": 0}]}),
            _body("startContainer", {"id": "a", "program": {"runtime": 60, "exit": 3}}),
            _body("addFault", _FAULT),
            _body("sendEvent", {"event": "onContainerStarted", "params": {"name": "a"}}),
            _body("advanceClock", {"seconds": 60}),
            _body("setClockSpeed", {"speed": 1000}),
            _body("stepProgression", {"steps": 2}),
        ),
        (*JSON, b'"id":', b'"kind":"gone"', b'"seconds":1e300', b'"runtime":', b'"times":"once"', b"1e308", b"0.1e-9"),
    ),
    "strict_json": Target(
        strict_json,
        (b'{"a":[1,-2.5e3,"\\u00e9\\ud83d\\ude00",null,true,{"":{}}]}',),
        (*JSON, b"NaN", b"\xff", b'"a":1,'),
    ),
    "bundle": Target(
        bundle,
        (_CONFIG, _CONFIG.replace(b"-dobby", b"") + b"\0" + _CONFIG, b"{\0" + _CONFIG),
        (*JSON, b"\0", b'"hooks":{}', b'"args":"sleep"', b'"rootfs/../.."', b'"legacyPlugins":{}', b'"1.0.2"'),
    ),
}
