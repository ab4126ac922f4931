"""What makes a recording of bytes on their way, and what reads one back."""

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hosting import UPGRADE, call, post, result

from conformance import recording as suites
from conformance.diff_recorded import RecordedSide, Script
from conformance.errors import UserError as SuitesError
from target import FRAMES, HEADS, Target
from target import JSON as JSON_WORDS
from thunderoci.errors import UserError
from thunderoci.recording.conversation import Conversation
from thunderoci.recording.escapes import views
from thunderoci.recording.format import FORMAT
from thunderoci.recording.framemessages import FrameMessages
from thunderoci.recording.httpmessages import Unreadable
from thunderoci.recording.jsonmembers import members_of, raw_member, replaced, with_member
from thunderoci.recording.recording import load
from thunderoci.recording.redaction import REDACTED, Redactor
from thunderoci.replaying import answering
from thunderoci.replaying.book import Book
from thunderoci.replaying.timeline import timeline
from thunderoci.websocket_frames import masked_text_frame, text_frame

_HEADER = {"kind": "header", "format": FORMAT, "version": "1", "upstream": "x", "started": "", "redacted": ["pin"]}
_SECRET = b"s3cr3t/S3CR3T"


@cache
def _file():
    return Path(mkdtemp()) / "recording.jsonl"


def _read(whole):
    """Read a recording, and answer by it all that it has; raises UserError."""
    _file().write_bytes(whole)
    recording = load(str(_file()))
    found = timeline(recording)
    book = Book(found.told)
    for told in found.told:
        assert book.find(told.call) is not None
        str(book.nearest(told.call).call)
        if told.body is not None:
            bytes(answering.http_answer(told, call(), b"POST")[0])
    for head in found.handshakes.values():
        answering.switched(head, b"dGhlIHNhbXBsZSBub25jZQ==", b"jsonrpc")


def recording(data):
    """A recording is read or refused with a sentence: by `replay`."""
    try:
        _read(data)
    except UserError as problem:
        str(problem)


def recording_diff(data):
    """As above: by `diff`, which takes it for what a box did, and for what to ask another one."""
    _file().write_bytes(data)
    try:
        found = suites.load(str(_file()))
    except SuitesError as problem:
        str(problem)
        return
    side = RecordedSide(found)
    json.dumps([side.transcript(), RecordedSide(found).as_asked_in(side)])
    list(Script(found, "conf-00000000", "org.rdk.OCIContainer").steps())


def _lines(pieces, size):
    """Return the lines of a conversation whose pieces are the client's and the box's by turns, `size` bytes at once."""
    lines = []
    conversation = Conversation(1, lines.append, lambda: 0.0, Redactor(["pin"]))
    for number, piece in enumerate(pieces):
        take = (conversation.from_client, conversation.from_box)[number % 2]
        for at in range(0, len(piece), size):
            take(piece[at : at + size])
    conversation.end("client")
    return lines


def conversation(data):
    """Whatever is said is recorded, the same however it is cut, and what is recorded can be read."""
    pieces = data.split(b"\0\0")
    lines = _lines(pieces, 2**20)
    assert lines[-1]["kind"] == "closed"
    assert _lines(pieces, 3) == lines
    _read(b"".join(json.dumps(line).encode() + b"\n" for line in (_HEADER, *lines)))


def _messages(data, size):
    """Return the messages of frames that come in pieces, and what is left, None where it can't be read."""
    reader, found = FrameMessages(), []
    try:
        for at in range(0, len(data), size):
            found += reader.feed(data[at : at + size])
    except Unreadable:
        return found, None
    return found, reader.rest()


def frame_messages(data):
    """Messages are the same however they are cut, and what is left is theirs."""
    whole = _messages(data, 2**20)
    assert _messages(data, 1) == _messages(data, 5) == whole


def redaction(data):
    """What was a secret once does not come again, in whatever escapes."""
    redactor = Redactor(["pin"])
    assert _SECRET not in redactor.head(b"GET /?token=%b HTTP/1.1\r\n\r\n" % _SECRET)
    for clean in (redactor.head(data), redactor.body(data), redactor.raw(data)):
        assert all(_SECRET not in view.text for view in views(clean))
    with suppress(ValueError, RecursionError):
        redactor.params(json.loads(data))


def json_members(data):
    """Members are where they are, and a value that is put in another's place is the only thing that changes."""
    assert replaced(data, lambda *_: None) == data
    for member in members_of(data):
        assert 0 <= member.start <= member.end <= len(data), member
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and text.isascii():
        for name, held in value.items():
            assert json.loads(raw_member(data, name)) == held or held != held  # noqa: PLR0124 (NaN is not itself)
            assert json.loads(with_member(data, name, b"7")) == {**value, name: 7} or "NaN" in text


def _unique(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(pairs)
    return members


def exchange(said, came):
    """Return a call over HTTP and its answer, as `conversation` wants them."""
    return post(said) + b"\0\0" + b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(came), came)


_SWITCHED = b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n\r\n"
_REGISTER = call("register")[:-1] + b',"params":{"event":"onContainerStarted","id":"me"}}'
_EVENT = b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"descriptor":"7","name":"a"}}'
_START = call("startContainer")[:-1] + b',"params":{"containerId":"a","token":"abcdefghij","pin":"0000"}}'
_STARTED = result('{"descriptor":7,"success":true}')
_SOCKET = b"\0\0".join(
    (
        UPGRADE,
        _SWITCHED,
        masked_text_frame(_REGISTER, b"mask") + masked_text_frame(_START, b"mask"),
        text_frame(result("0")) + text_frame(_EVENT) + text_frame(_STARTED),
    )
)


def recorded(said):
    """Return the recording of what `conversation` takes."""
    lines = (_HEADER, *_lines(said.split(b"\0\0"), 2**20))
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


_WORDS = (
    *JSON_WORDS,
    b"\n",
    b'"kind":"push"',
    b'"opcode":"text"',
    b'"from":"box"',
    b'"body64":"eA=="',
    b'"answer":null',
    b'"at":NaN',
    b'"connection":[]',
    b'"redacted":3',
    b'"redacted":[3],',
)
_RECORDINGS = (
    recorded(exchange(_START, _STARTED)),
    recorded(_SOCKET),
    recorded(post(_START)) * 2,
    recorded(exchange(_START, _STARTED)).replace(b"1.1 200 OK", b""),
    recorded(exchange(_START, _STARTED)).replace(b'"at": 0.0', b'"at": 1%b' % (b"0" * 400)),
    recorded(exchange(_START, _STARTED)).replace(b'"connection": 1', b'"connection": 1e999'),
    *(recorded(b"").replace(b'["pin"]', odd) for odd in (b"3", b"[3]", b'"pin"', b"null", b'["\\ud800"]')),
)

TARGETS = {
    "recording": Target(recording, _RECORDINGS, _WORDS, examples=300),
    "recording_diff": Target(recording_diff, _RECORDINGS, _WORDS, examples=300),
    "conversation": Target(
        conversation,
        (
            exchange(_START, _STARTED) + b"\0\0" + post() * 2,
            _SOCKET,
            post() + b"\0\0HTTP/1.1 200 OK\r\n\r\nto the end",
        ),
        (*HEADS, *FRAMES, b"\0\0", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 101 X\r\n\r\n", b"5\r\n", b"0\r\n\r\n"),
        examples=300,
    ),
    "frame_messages": Target(
        frame_messages,
        (text_frame(b"x" * 200) + b"\x01\x02ab\x80\x01c\x89\x00", masked_text_frame(_START, b"mask")),
        FRAMES,
    ),
    "redaction": Target(
        redaction,
        (
            b"GET /?a=b&token=other12345&pin=99 HTTP/1.1\r\nAuthorization: Bearer " + _SECRET + b"\r\n\r\n",
            b'{"a":"http://u:p@h/?token=' + _SECRET + b'&b","c":{"pin":["s3cr3t\\/S3CR3T"]},"d":"{\\"token\\":1}"}',
            b"s3cr3t%2FS3CR3T s3cr3t%252FS3CR3T \\u00733cr3t\\\\/S3CR3T",
        ),
        (*JSON_WORDS, _SECRET, b"s3cr3t", b"%2F", b"%25", b"\\/", b"\\u002f", b"\\\\", REDACTED.encode(), b"token="),
    ),
    "json_members": Target(
        json_members, (_START, b'{"a":{"b":[{"c":1},"d\\"e"]},"f":1.5e3 , "g" : null}'), (*JSON_WORDS, b":", b",", b" ")
    ),
}
