"""How long input takes that is bad for what reads it: who reads in squared time is kept busy for hours by a megabyte.

Sixteen times as much takes such a reader 256 times as long; half of that is too long here. Others take it 16 times as
long, or up to five times that: so much has no room in the processor's caches, and its memory is new. A step of four
times as much could not tell the one from the other on a busy machine.
"""

import contextlib
import gc
import json
import os
from pathlib import Path
from time import process_time

import pytest
from controlled import Controlled
from hosting import UPGRADE, Connection, call, post, result
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport

from conformance import curl, http, markdown, rawhttp, shellwords, spec
from conformance import recording as suites
from conformance.diff_recorded import RecordedSide, Script
from conformance.errors import BadCurl, UserError
from conformance.judge import Judge
from conformance.offline import judge_exchange
from conformance.tomlfile import TomlFile
from conformance.trace import Trace
from conformance.traffic import Traffic
from fakedobby import jsontext, messages, shellsyntax, strictjson
from fakedobby.embeddedbus import authentication, matchrule, message
from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits as BusLimits
from fakedobby.embeddedbus.splitter import Splitter
from fakedobby.errors import BadInput, BadScenario, Refused
from fakedobby.scenario import scenario_of
from fakedobby.scenariofile import ScenarioFile
from fakedobby.shellwords import NotUnderstood, SyntaxFault
from fakedobby.spec import read_spec
from rawclient import CALL, RETURN, body_of, encode
from thunderoci.message import Rejected, parse_request
from thunderoci.messagestream import MessageStream
from thunderoci.profiles import FLAVOURS
from thunderoci.recording.conversation import Conversation
from thunderoci.recording.format import FORMAT
from thunderoci.recording.framemessages import FrameMessages
from thunderoci.recording.httpmessages import Unreadable
from thunderoci.recording.jsonmembers import members_of, raw_member, with_member
from thunderoci.recording.recording import load
from thunderoci.recording.redaction import Redactor
from thunderoci.replaying.book import Book
from thunderoci.replaying.timeline import timeline
from thunderoci.websocket_frames import FrameReader, masked_text_frame, text_frame

ENOUGH = 0.2 if os.environ.get("FUZZ") == "long" else 0.005
"""Seconds of processor time that are long enough to be compared; what grows slowly at first shows in long ones."""
MOST = 2**20
"""Bytes of an input at most: what takes less than that time for so many is fast whatever its growth."""
MORE = 16
"""How many times as much is read."""
TOO_LONG = MORE**2 / 2
"""How many times as long that may not take."""
FLAVOUR = FLAVOURS["r4.4.1-rdk"]


def pieces(data, size=1000):
    return [data[at : at + size] for at in range(0, len(data), size)]


# ----- what reads


def a_call(data):
    with contextlib.suppress(Rejected):
        parse_request(data, FLAVOUR, frozenset())


def calls_in_frames(data):
    stream = MessageStream(FLAVOUR)
    for piece in pieces(data, 500):
        stream.feed(piece)


def the_port(data):
    connection = Connection()
    for piece in pieces(data):
        connection.send(piece)
    connection.leave()


def a_socket(data):
    the_port(UPGRADE + data)


def frames(data):
    reader = FrameReader(2**26)
    for piece in pieces(data):
        reader.feed(piece)


def control(data):
    api = Controlled()
    api.send(b"%b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % data)
    api.leave()


def control_body(data):
    api = Controlled()
    assert api.ask("POST", "/emulator/events", data) is not None
    api.leave()


def strict_json(data):
    with contextlib.suppress(BadInput):
        strictjson.parse(data, "it")


def config(data):
    with contextlib.suppress(Refused):
        jsontext.indented(jsontext.load_object(data, "it"))


def dobby_spec(data):
    with contextlib.suppress(Refused):
        read_spec(data.decode())


def recorded_frames(data):
    reader = FrameMessages()
    with contextlib.suppress(Unreadable):
        for piece in pieces(data):
            list(reader.feed(piece))
    reader.rest()


def conversation(data):
    lines = []
    talk = Conversation(1, lines.append, lambda: 0.0, Redactor(["pin"]))
    for number, said in enumerate(data.split(b"\0\0")):
        for piece in pieces(said):
            (talk.from_client, talk.from_box)[number % 2](piece)
    talk.end("client")


def secrets(data):
    redactor = Redactor(["pin"])
    redactor.head(data)
    redactor.body(data)
    redactor.raw(data)


def secret_messages(data):
    redactor = Redactor()
    for line in data.split(b"\n"):
        redactor.body(line)


def members(data):
    members_of(data)
    raw_member(data, "id")
    with_member(data, "id", b"7")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recording(data):
    with open("box.jsonl", "wb") as file:  # noqa: PTH123 (the test's own folder is where we are)
        file.write(data)
    found = timeline(load("box.jsonl"))
    book = Book(found.told)
    for told in found.told:
        book.find(told.call)


def suites_recording(data):
    with open("box.jsonl", "wb") as file:  # noqa: PTH123 (as above)
        file.write(data)
    found = suites.load("box.jsonl")
    side = RecordedSide(found)
    side.transcript()
    RecordedSide(found).as_asked_in(side)
    list(Script(found, "conf-00000000", "org.rdk.OCIContainer").steps())


def document(data):
    for block in markdown.blocks(data.decode()):
        at = 0
        while at < len(block.text):
            try:
                found = shellwords.simple_command(block.text, at)
                at = found.end
                if found.words:
                    curl.parse(found.words, "title", "source", 1)
            except (shellwords.Unfinished, shellwords.NeedsShell, BadCurl):
                break


def shell(data):
    with contextlib.suppress(SyntaxFault, NotUnderstood):
        shellsyntax.parse(data.decode())


def scenario(data):
    with contextlib.suppress(BadScenario):
        scenario_of(ScenarioFile(Path("scenario.toml"), data=data))


def suites_toml(data):
    with contextlib.suppress(UserError):
        TomlFile("it", data.decode()).line("absent")


def bus(data):
    splitter = Splitter(BusLimits(message=2**26, header=2**20))
    with contextlib.suppress(Malformed):
        for piece in pieces(data):
            for raw in splitter.feed(piece):
                message.decode(raw)


def wire(data):
    messages.parse(data)


def bus_authentication(data):
    talk = authentication.Authentication("0" * 32, 0, welcome=True, limits=BusLimits())
    with contextlib.suppress(Malformed):
        for piece in pieces(data):
            talk.feed(piece)


def match_rule(data):
    with contextlib.suppress(matchrule.MatchRuleInvalid):
        matchrule.parse(data.decode())


class _Transport(StringTransport):
    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.disconnecting = True


def suite_http(data):
    connection = http.HTTPConnection()
    connection.makeConnection(_Transport())
    reading = Deferred.fromCoroutine(connection.answer())
    reading.addErrback(lambda failure: failure.trap(http.Broken, http.TooLong))
    for piece in pieces(data):
        connection.dataReceived(piece)
    connection.connectionLost()


def suite_bytes(data):
    rawhttp.received(data)
    rawhttp.answer(data)


def suite_answer(data):
    specification = spec.load("rdkservices")
    judge = Judge(specification)
    judge.outcome("listContainers", {}, judge.envelope(data, 1))
    judge_exchange(specification, post(call("listContainers")), b"HTTP/1.1 200 OK\r\n\r\n" + data)


def suite_session(data):
    specification = spec.load("rdkservices")
    traffic, trace = Traffic(specification), Trace(specification)
    traffic.connected("a", b"GET /jsonrpc HTTP/1.1\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n")
    for line in data.decode().splitlines():
        said, _, came = line.partition("\t")
        traffic.sent("a", said)
        traffic.came("a", came)
        trace.called(said, came)
    traffic.finish()
    trace.finish()


# ----- what is bad for it


def times(unit, begin=b"", end=b""):
    """Return what makes an input of about so many bytes out of one unit again and again."""
    return lambda size: begin + unit * (size // len(unit)) + end


def numbered(line, begin=b"", end=b""):
    """As above, of units which have a number."""
    return lambda size: begin + b"".join(line.replace(b"#", b"%d" % at) for at in range(size // len(line))) + end


def _recorded_on_socket(line_for, *, begun=()):
    header = {"kind": "header", "format": FORMAT, "redacted": []}

    def made(size):
        lines = [header, *begun]
        at = 0
        while size > 0:
            more = line_for(at)
            size -= 150 * len(more)
            lines += more
            at += 1
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return made


def _said(by, at, text):
    return {"kind": "message", "connection": 1, "at": at, "from": by, "opcode": "text", "body": text.decode()}


def _asked_at_once(size):
    """Return the recording of calls that are answered when all of them were made."""
    number = size // 300
    lines = [{"kind": "header", "format": FORMAT, "redacted": []}]
    lines += [_said("client", 0, call("echo", at)) for at in range(number)]
    lines += [_said("box", 1, result(call_id=at)) for at in reversed(range(number))]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _unanswered(size):
    number = size // 300
    said = b"".join(post(call("echo", at)) for at in range(number))
    answer = result(call_id=10**9)
    return said + b"\0\0" + (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)) * number


_EVENT = b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"name":"#"}}'
_TWICE = numbered(b'"a#":0,', b"{", b'"z":0,"z":0}')
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\n"
_LISTED = numbered(
    b'{"Id":"a#","Descriptor":#},',
    b'{"jsonrpc":"2.0","id":1,"result":{"success":true,"containers":[',
    b'{"Id":"a","Descriptor":1}]}}',
)


def _keys_of_a_long_name(size):
    return b"[" + b"a." * (size // 4) + b"a]\n" + numbered(b"k# = 1\n")(size // 2)


def _tables_in_tables(size):
    """Return tables as deep as the parser reads, each under a key that is as long as may be."""
    begin = b"{" + b"a." * 45 + b"a = "
    number = size // len(begin)
    return b"".join(
        b"k%d = " % at + begin * min(300, number - at) + b"1" + b"}" * min(300, number - at) + b"\n"
        for at in range(0, number, 300)
    )


CASES = {
    # JSON-RPC
    "a call: brackets": (a_call, times(b"[")),
    "a call: braces": (a_call, times(b'{"a":')),
    "a call: strings that do not end": (a_call, times(b'\\"', b'{"a":"')),
    "a call: quotes": (a_call, times(b'"', b'{"a":')),
    "a call: blanks": (a_call, times(b" ", b"{", b"x")),
    "a call: members": (a_call, numbered(b'"a#":{"b":[1]},', b'{"params":{', b'"b":1},"method":"a.1.b","id":1}')),
    "a call: digits": (a_call, times(b"1", b'{"id":', b"}")),
    "calls in pieces: braces": (calls_in_frames, times(b'{"a":')),
    "calls in pieces: one text": (calls_in_frames, times(b"x", b'{"a":"', b'"}')),
    "calls in pieces: rubbish": (calls_in_frames, times(b"x ")),
    "calls in pieces: many": (calls_in_frames, times(call())),
    "the port: a body": (the_port, lambda size: post(call()[:-1] + b',"params":"%b"}' % (b"x" * size))),
    "the port: small chunks": (the_port, times(b"1\r\nx\r\n", b"POST /jsonrpc HTTP/1.1\r\n" + _CHUNKED)),
    "the port: many calls": (the_port, times(post())),
    "the port: headers": (the_port, times(b"a: b\r\n", b"GET / HTTP/1.1\r\n")),
    "a socket: tiny frames": (a_socket, times(b"\x01\x00\x00\x00")),
    "a socket: calls": (a_socket, times(masked_text_frame(call(), b"mask"))),
    "a socket: pings": (a_socket, times(b"\x89\x80mask")),
    "frames: one that is long": (frames, lambda size: text_frame(b"x" * size)),
    "frames: empty ones": (frames, times(b"\x01\x00")),
    # control API, scenarios, Dobby specs and bundles
    "control: a number": (control, lambda size: b"GET /emulator/journal?since=%bx" % (b"1" * min(size, 60_000))),
    "control: parameters": (control, lambda size: b"GET /emulator/journal?%b" % (b"a=b&" * min(size // 4, 15_000))),
    "control: percents": (control, lambda size: b"GET /emulator/journal?a=%b" % (b"%" * min(size, 60_000))),
    "control: slashes": (control, lambda size: b"GET /emulator/%b" % (b"/" * min(size, 60_000))),
    "control body: members": (control_body, numbered(b'"a#":0,', b'{"event":"e",', b'"b":0}')),
    "strict JSON: a member that is there twice": (strict_json, _TWICE),
    "strict JSON: all members twice": (strict_json, lambda size: _TWICE(size // 2)[:-15] + _TWICE(size // 2)[1:]),
    "strict JSON: brackets": (strict_json, times(b"[")),
    "strict JSON: halves of pairs": (strict_json, times(b"\\ud83d\\ude00", b'"', b'"')),
    "strict JSON: digits": (strict_json, times(b"1")),
    "config: strings that do not end": (config, times(b'\\"')),
    "config: one string that does not end": (config, times(b'\\"', b'"')),
    "config: quotes": (config, times(b'"')),
    "config: members": (config, numbered(b'"a#":[{}],', b"{", b'"b":0}')),
    "config: deep arrays": (config, times(b"[" * 100 + b"]" * 100 + b",", b'{"a":[', b"0]}")),
    "spec: mounts": (
        dobby_spec,
        times(
            b'{"source":"/a","destination":"/b","type":"bind","options":[]},',
            b'{"version":"1.0","cwd":"/","args":["a"],"user":{"uid":1,"gid":1},"memLimit":41943040,"mounts":[',
            b'{"source":"/a","destination":"/b","type":"bind","options":[]}]}',
        ),
    ),
    "scenario: tables": (scenario, numbered(b'[[container]]\nid = "a#"\n')),
    "scenario: texts in texts": (scenario, times(b"'''\n")),
    "scenario: brackets": (scenario, times(b"[", b"a = ")),
    "scenario: parts of a key": (scenario, times(b"a.", b"", b"a = 1")),
    "scenario: parts of a key that are quoted": (scenario, times(b"'.' . ", b"a = {", b"a = 1}")),
    "scenario: parts of a table's name": (scenario, times(b"a.", b"[[", b"a]]")),
    "scenario: keys in a table of a long name": (scenario, _keys_of_a_long_name),
    "scenario: a text that does not end": (scenario, times(b'\\"""', b'a = """')),
    "scenario: quotes that do not end": (scenario, times(b'\\"', b'a = "')),
    "scenario: blanks between parts": (scenario, times(b" ", b"a", b"= 1")),
    "shell: parentheses": (shell, times(b"(")),
    "shell: braces": (shell, times(b"{ ")),
    "shell: commands in commands": (shell, times(b"$(")),
    "shell: backquotes": (shell, times(b"`\\")),
    "shell: here documents": (shell, times(b"<<E ")),
    "shell: words": (shell, times(b"a ")),
    "shell: pipes": (shell, times(b"a | ", b"", b"b")),
    "shell: an open quote": (shell, times(b"a$b", b'"')),
    # D-Bus
    "bus: small messages": (bus, times(encode(CALL, 7, path="/a", member="b"))),
    "bus: one that is long": (
        bus,
        lambda size: encode(CALL, 7, body_of("as", [["a"] * (size // 8)]), path="/a", member="b", signature="as"),
    ),
    "bus: structs in structs": (
        bus,
        lambda size: encode(
            RETURN, 7, b"", reply_serial=1, signature="(" * min(size, 127) + "i" + ")" * min(size, 127)
        ),
    ),
    "wire: texts": (
        wire,
        lambda size: encode(RETURN, 7, body_of("as", [["a"] * (size // 8)]), reply_serial=1, signature="as"),
    ),
    "wire: fields": (wire, lambda size: encode(CALL, 7, extra=[[1, "/a"]] * min(size // 16, 5000))),
    "authentication: lines": (bus_authentication, times(b"DATA\r\n", b"\0")),
    "authentication: no end": (bus_authentication, times(b"A", b"\0")),
    "match rule: keys": (match_rule, times(b"type='signal',")),
    "match rule: quotes": (match_rule, times(b"'\\'", b"type=")),
    # recordings
    "recorded frames: tiny": (recorded_frames, times(b"\x01\x00")),
    "recorded frames: one that is long": (recorded_frames, lambda size: text_frame(b"x" * size)),
    "conversation: a chunk that has no size": (conversation, times(b"1", b"POST / HTTP/1.1\r\n" + _CHUNKED)),
    "conversation: trailers without end": (
        conversation,
        times(b"a: b\r\n", b"POST / HTTP/1.1\r\n" + _CHUNKED + b"0\r\n"),
    ),
    "conversation: small chunks": (conversation, times(b"1\r\nx\r\n", b"POST / HTTP/1.1\r\n" + _CHUNKED)),
    "conversation: a head without end": (conversation, times(b"a: b\r\n", b"GET / HTTP/1.1\r\n")),
    "conversation: lines that go on": (conversation, times(b" a\r\n", b"GET / HTTP/1.1\r\na: b\r\n", b"\r\n")),
    "the port: lines that go on": (the_port, times(b" a\r\n", b"GET / HTTP/1.1\r\na: b\r\n", b"\r\n")),
    "conversation: empty lines": (conversation, times(b"\r\n")),
    "conversation: answers to nobody": (conversation, _unanswered),
    "conversation: rubbish": (conversation, times(b"x\n")),
    "secrets: many in one text": (secrets, numbered(b'{"token":"a-secret-#"},')),
    "secrets: many in one query": (secrets, numbered(b"token=a-secret-#&", b"GET /?", b" HTTP/1.1")),
    "secrets: escapes": (secrets, times(b"%2525")),
    "secrets: escapes of JSON": (secrets, times(b"\\\\u0041", b'{"token":"', b'"}')),
    "secrets: users": (secrets, times(b"://a:b@")),
    "secrets: almost users": (secrets, times(b"://a")),
    "secrets: objects in objects": (secrets, times(b'{"a":', b'{"token":0,"b":')),
    "secrets: texts that do not end": (secrets, times(b'\\"', b'{"token":"')),
    "secrets: quotes": (secrets, times(b'"', b'{"token":')),
    "secrets: blanks": (secrets, times(b" ", b'{"token":"a"')),
    "secrets: one in each message": (secret_messages, numbered(b'{"token":"a-secret-#"}\n')),
    "members: objects in objects": (members, times(b'{"id":', b"", b"1")),
    "members: quotes": (members, times(b'"')),
    "members: texts that do not end": (members, times(b'\\"')),
    "members: commas": (members, times(b",", b"{")),
    "replay: calls one by one": (
        recording,
        _recorded_on_socket(lambda at: [_said("client", at, call("echo", at)), _said("box", at, result(call_id=at))]),
    ),
    "replay: calls that are never answered": (
        recording,
        _recorded_on_socket(lambda at: [_said("client", at, call("echo", at))]),
    ),
    "replay: calls at once": (recording, _asked_at_once),
    "replay: events": (
        recording,
        _recorded_on_socket(
            lambda at: [_said("box", at, _EVENT.replace(b"#", b"%d" % at))], begun=[_said("client", 0, call())]
        ),
    ),
    "replay: calls and events": (
        recording,
        _recorded_on_socket(
            lambda at: [_said("client", at, call("echo", at)), _said("box", at, _EVENT.replace(b"#", b"%d" % at))]
        ),
    ),
    "diff: calls one by one": (
        suites_recording,
        _recorded_on_socket(lambda at: [_said("client", at, call("echo", at)), _said("box", at, result(call_id=at))]),
    ),
    "diff: calls at once": (suites_recording, _asked_at_once),
    "diff: events": (
        suites_recording,
        _recorded_on_socket(
            lambda at: [_said("client", at, call("echo", at)), _said("box", at, _EVENT.replace(b"#", b"%d" % at))]
        ),
    ),
    # what the suite reads
    "its files: parts of a key": (suites_toml, times(b"a.", b"", b"a = 1")),
    "its files: parts of a table's name": (suites_toml, times(b"a.", b"[[", b"a]]")),
    "its files: keys in a table of a long name": (suites_toml, _keys_of_a_long_name),
    "its files: tables in tables": (suites_toml, _tables_in_tables),
    "its files: lines of an array": (suites_toml, times(b"1,\n", b"a = [\n", b"]")),
    "its files: arrays of many lines": (suites_toml, numbered(b"a# = [\n" + b"1,\n" * 100 + b"]\n")),
    "its files: a text that does not end": (suites_toml, times(b'\\"""', b'a = """')),
    "its files: texts in texts": (suites_toml, times(b"'''\n")),
    "document: quoted": (document, times(b"> ")),
    "document: backquotes": (document, times(b"`")),
    "document: lists in lists": (document, times(b"- ")),
    "document: indented lines": (document, times(b"    curl a\n")),
    "document: lines that go on": (document, times(b"\\\n", b"```sh\ncurl ", b"\n```\n")),
    "document: words": (document, times(b"a ", b"```sh\ncurl ", b"\n```\n")),
    "document: places": (document, times(b"<a ", b"```sh\ncurl ", b"\n```\n")),
    "document: places with variables": (document, times(b"${a", b'```sh\ncurl "', b'"\n```\n')),
    "document: an open quote": (document, times(b"'a\" ", b"```sh\ncurl '", b"\n```\n")),
    "document: here documents": (document, times(b"<<E ", b"```sh\ncurl ", b"\n```\n")),
    "document: backslashes": (document, times(b"\\a ", b"```sh\ncurl ", b"\n```\n")),
    "document: pre": (document, times(b"<pre>")),
    "answer: a body": (
        suite_http,
        lambda size: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size),
    ),
    "answer: small chunks": (suite_http, times(b"1\r\nx\r\n", _ANSWER + _CHUNKED)),
    "answer: headers": (suite_http, times(b"a: b\r\n", _ANSWER)),
    "bytes: small chunks": (suite_bytes, times(b"1\r\nx\r\n", _ANSWER + _CHUNKED, b"0\r\n\r\n")),
    "bytes: blanks in a header": (suite_bytes, times(b" ", _ANSWER + b"a:", b"\n\r\n\r\n")),
    "bytes: blanks behind a size": (suite_bytes, times(b" ", _ANSWER + _CHUNKED + b"1", b"x")),
    "bytes: extensions": (suite_bytes, times(b";", _ANSWER + _CHUNKED + b"1", b"x")),
    "bytes: words in the first line": (suite_bytes, times(b"a ")),
    "judge: a list": (suite_answer, _LISTED),
    "judge: a member that is there twice": (suite_answer, _TWICE),
    "judge: brackets": (suite_answer, times(b"[")),
    "judge: what has the wrong type": (
        suite_answer,
        times(b"0,", b'{"jsonrpc":"2.0","id":1,"result":{"success":true,"containers":[', b"0]}}"),
    ),
    "session: calls": (
        suite_session,
        numbered(
            b'{"jsonrpc":"2.0","id":#,"method":"org.rdk.OCIContainer.1.getContainerState","params":{"containerId":"a"}}\t'
            b'{"jsonrpc":"2.0","id":#,"result":{"containerId":"a","state":"running","success":true}}\n'
        ),
    ),
    "session: calls that are never answered": (
        suite_session,
        numbered(b'{"jsonrpc":"2.0","id":#,"method":"org.rdk.OCIContainer.1.listContainers"}\t{}\n'),
    ),
}


def seconds(run, data, number):
    """Return the least processor time that it took, of a few times."""
    took = []
    gc.disable()  # it comes when it likes
    try:
        for _ in range(number):
            begun = process_time()
            run(data)
            took.append(process_time() - begun)
    finally:
        gc.enable()
    return min(took)


def growth(run, made):
    """Return how many times as long MORE times as much takes, and of how many bytes that is so."""
    size = 256
    while seconds(run, made(size), 1) < ENOUGH and size < MOST // MORE:
        size *= 2
    before = seconds(run, made(size), 3)
    return seconds(run, made(MORE * size), 1) / max(before, ENOUGH / 5), size


@pytest.mark.parametrize("name", CASES)
def test_sixteen_times_as_much_does_not_take_squared_time(name, folder):  # noqa: ARG001 (files go there)
    found = []
    # a machine that does other things in the middle of it is no failure
    while not found or (len(found) < 3 and min(found)[0] > TOO_LONG):
        found.append(growth(*CASES[name]))
    assert min(found)[0] <= TOO_LONG, found
