"""What reads bytes of others: each target takes any bytes, and raises for what is a defect only.

Those of the control API, of recordings and of the suite are in modules of their own.
"""

import contextlib
import re
import shlex
from pathlib import Path

from hosting import UPGRADE, Connection, call, post

import controltargets
import recordtargets
import suitetargets
from conformance import curl, markdown, shellwords
from conformance.errors import BadCurl
from fakedobby import messages, shellsyntax
from fakedobby.embeddedbus import authentication, matchrule, message
from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits as BusLimits
from fakedobby.embeddedbus.splitter import Splitter
from fakedobby.errors import BadScenario, Refused
from fakedobby.scenario import scenario_of
from fakedobby.scenariofile import ScenarioFile
from fakedobby.shellwords import NotUnderstood, SyntaxFault
from fakedobby.spec import read_spec
from rawclient import CALL, RETURN, SIGNAL, body_of, encode
from target import FRAMES, HEADS, JSON, Target, complaints
from thunderoci.limits import Limits
from thunderoci.message import Rejected, parse_request
from thunderoci.messagestream import MessageStream
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import CATALOGUE
from thunderoci.recording.httpmessages import Unreadable, request_reader
from thunderoci.scenario import plugins_of
from thunderoci.websocket_frames import FrameReader, Text, masked_text_frame, text_frame

_ALL = (frozenset(), frozenset(CATALOGUE))


def json_message(data):
    """A call is read or refused, and in several frames as in one."""
    for flavour in FLAVOURS.values():
        for quirks in _ALL:
            try:
                request = parse_request(data, flavour, quirks)
            except Rejected:
                continue
            assert request.id is None or 0 <= request.id < 2**32
            if not quirks:
                stream = MessageStream(flavour)
                middle = data.find(b"{") + 1 + len(data) // 3
                found = [*stream.feed(data[:middle]), *stream.feed(data[middle:])]
                assert request in found or middle >= len(data) or data[:middle].count(b"}"), found


def port(data):
    """Any bytes at the port; the connection lives or ends, and what is said is HTTP or frames."""
    complaints.heard.clear()
    connection = Connection(limits=Limits(head=2000, message=5000))
    at = len(data) // 2
    said = connection.send(data[:at]) + connection.send(data[at:])
    assert not said or said.startswith(b"HTTP/1.1 "), said
    connection.leave()
    assert not complaints.heard, complaints.heard


def socket(data):
    """Any bytes on a WebSocket."""
    complaints.heard.clear()
    connection = Connection(limits=Limits(message=5000, calls=3))
    connection.send(UPGRADE)
    said = connection.send(data)
    reader = FrameReader(2**20)
    for frame in reader.feed(said):
        assert not isinstance(frame, Text) or frame.data.startswith(b'{"jsonrpc":"2.0",'), frame
    assert not reader._buffer
    connection.leave()
    assert not complaints.heard, complaints.heard


def frames(data):
    """Frames are the same however they are cut."""
    whole = FrameReader(1000).feed(data)
    for size in (1, 7):
        reader = FrameReader(1000)
        pieces = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
        assert pieces == whole


def http_messages(data):
    """The recorder's reader of HTTP."""
    reader = request_reader()
    reader.feed(data)
    try:
        while reader.next() is not None:
            pass
    except Unreadable:
        pass


def bus_message(data):
    """What the bus takes it can hand on, and that is what it took."""
    try:
        for raw in Splitter(BusLimits(message=2**20, header=2**20)).feed(data):
            taken = message.decode(raw)
            again = message.decode(taken.raw)
            for name in ("kind", "flags", "serial", "path", "interface", "member", "signature", "body", "arguments"):
                assert getattr(taken, name) == getattr(again, name), name
            if not taken.unix_fds:
                read = messages.parse(taken.raw)
                assert read is None or (read.serial, getattr(read, "path", None)) == (taken.serial, taken.path)
    except Malformed:
        pass


def wire_message(data):
    """Bytes that no bus has checked are a message, or left to whoever checks them."""
    for raw in (data, _START[: len(data) % len(_START)] + data):
        read = messages.parse(raw)
        assert read is None or (read.serial, type(read.expectReply)) == (int.from_bytes(raw[8:12], "little"), bool)


def bus_authentication(data):
    conversation = authentication.Authentication("0" * 32, 0, welcome=True, limits=BusLimits())
    with contextlib.suppress(Malformed):
        conversation.feed(data)


def match_rule(data):
    with contextlib.suppress(matchrule.MatchRuleInvalid):
        matchrule.parse(data.decode("latin-1"))


def scenario(data):
    try:
        file = ScenarioFile(Path("scenario.toml"), data=data)
        scenario_of(file)
        plugins_of(file)
    except BadScenario as problem:
        str(problem)


def document(data):
    """The reader of Markdown, shell words and curl command lines."""
    text = data.decode("utf-8", "replace")
    for block in markdown.blocks(text):
        at = 0
        while at < len(block.text):
            try:
                found = shellwords.simple_command(block.text, at)
            except (shellwords.Unfinished, shellwords.NeedsShell):
                break
            assert found.end > at
            at = found.end
            if found.words:
                try:
                    command = curl.parse(found.words, "title", "source", 1)
                    if command is not None and "\0" not in block.text:
                        assert shlex.split(curl.render(command.request))[0] == "curl"
                except BadCurl:
                    pass


def dobby_spec(data):
    with contextlib.suppress(Refused):
        read_spec(data.decode("utf-8", "replace"))


def shell(data):
    with contextlib.suppress(SyntaxFault, NotUnderstood):
        shellsyntax.parse(data.decode("utf-8", "replace"))


_SPEC = (
    b'{"version":"1.0","cwd":"/","args":["sleep","60"],"user":{"uid":1,"gid":1},"memLimit":41943040,'
    b'"env":["A=b"],"mounts":[{"source":"/a","destination":"/b","type":"bind","options":["ro"]}],"plugins":[]}'
)
_START = encode(
    CALL,
    7,
    body_of("sah", ["app", []]),
    path="/org/rdk/dobby",
    interface="org.rdk.dobby.ctrl1",
    member="StartFromSpec",
    destination="org.rdk.dobby",
    signature="sah",
)
_REPLY = encode(RETURN, 8, body_of("aias", [[1], ["a"]]), reply_serial=7, destination=":1.1", signature="aias")
_SIGNAL = encode(
    SIGNAL, 9, body_of("a{sv}", [{"a": 1}]), path="/a", interface="a.b", member="C", signature="a{sv}", little=False
)
_SCENARIO = b"""
[[container]]
id = "a"
program = { runtime = 60, memory = [[0, 1000], [5, 2000]] }
[[fault]]
place = "dobby"
kind = "gone"
seconds = 1
[[plugin]]
callsign = "org.rdk.Network"
version = "1.0.0"
[plugin.methods]
getInterfaces = { interfaces = [], success = true }
"""
_DOCUMENT = (
    b"# A\n\n```sh\n$ curl -X POST -H 'A: b' -d '{\"a\":1}' \\\n  http://127.0.0.1:9998/jsonrpc; echo $'\\x41'\n```\n\n"
    b"    curl \"http://a/${B}\" --json @x <<EOF\n\n> ~~~\n> curl -sS --data-raw a=b 'http://[::1]:9/[-X-]'\n> ~~~\n"
)

TARGETS = {
    "json_message": Target(
        json_message, (call(), b' {"id":"7","params":{"a":[1,{"b":"c\\""}]},"method":"a.1.b@c"} x'), JSON
    ),
    "port": Target(
        port,
        (
            post(),
            UPGRADE + text_frame(call()),
            post(headers=b"Transfer-Encoding: chunked\r\n"),
            b"GET /Service HTTP/1.1\r\n\r\n",
        ),
        (
            *HEADS,
            b"Connection: upgrade\r\n",
            b"OPTIONS ",
            b"/Service/Controller/",
            b"HTTP/1.1",
            b"5\r\n",
            b"0\r\n\r\n",
        ),
    ),
    "socket": Target(socket, (text_frame(call()), masked_text_frame(call("fail"), b"mask") * 3), (*FRAMES, *JSON)),
    "frames": Target(frames, (text_frame(b"x" * 200) + b"\x01\x02ab\x80\x01c\x89\x00",), FRAMES),
    "http_messages": Target(
        http_messages, (post(), post(b"", b"Transfer-Encoding: chunked\r\n") + b"5\r\nabcde\r\n0\r\n\r\n"), HEADS
    ),
    "bus_message": Target(
        bus_message,
        (_START, _REPLY, _SIGNAL, _START + _REPLY),
        (b"l\1", b"B\4", b"\1s\0", b"\1g\0", b"a{sv}", b"\xff\xff\xff\xff"),
    ),
    "wire_message": Target(
        wire_message,
        (_START, _REPLY, _SIGNAL, _REPLY[:40]),
        (b"l\1", b"l\2", b"\5\1u\0", b"\1s\0", b"\1g\0", b"\2as", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xc3("),
    ),
    "bus_authentication": Target(
        bus_authentication,
        (b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl",),
        (b"DATA\r\n", b"\r\n", b"AUTH", b"ERROR", b"CANCEL"),
    ),
    "match_rule": Target(
        match_rule,
        (b"type='signal',sender='a.b',arg0='c',path_namespace='/d'",),
        (b"'", b"\\'", b"arg63path=", b",", b"="),
    ),
    "scenario": Target(
        scenario,
        (_SCENARIO,),
        (b"[[container]]", b"nan", b"1979-05-27", b"'''", b'"""', b"\\u0000", b".", b"= {", b"]]"),
    ),
    "document": Target(
        document,
        (_DOCUMENT,),
        (b"```", b"\\\n", b"$'", b"`", b"<<E\n", b"curl ", b"${", b"'", b'"', b"--data-urlencode ", b"<pre>", b"://"),
    ),
    "dobby_spec": Target(
        dobby_spec, (_SPEC,), (*JSON, b'"rdkPlugins":{"x":{}}', b'"network":"nat"', b'"restartOnCrash":true')
    ),
    "shell": Target(
        shell,
        (b"for i in a b; do echo $i | cat > /dev/null && exit 1; done",),
        (b"if ", b"; then ", b" fi", b"$((", b"${a:-", b"`", b"case ", b"<<E", b"()", b"{ ", b"!"),
    ),
}
TARGETS |= controltargets.TARGETS | recordtargets.TARGETS | suitetargets.TARGETS


def dictionary(words):
    """Return words as libFuzzer reads them."""
    return "".join(
        '"' + re.sub(rb"[^ -!#-\[\]-~]", lambda m: b"\\x%02x" % m[0][0], word).decode() + '"\n' for word in words
    )
