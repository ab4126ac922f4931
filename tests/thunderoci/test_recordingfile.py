"""The file of a recording while the disk has no room, and how those who read it know."""

import argparse
import errno
import json
import os

import pytest

from conformance import recording as suite_recording
from conformance.diff import Diff
from conformance.diff_options import add
from thunderoci.errors import BadRecording, RecordingUnwritable
from thunderoci.recording import recordingfile
from thunderoci.recording.format import FORMAT
from thunderoci.recording.recording import load
from thunderoci.recording.recordingfile import NEW, RecordingFile

HEADER = {"kind": "header", "format": FORMAT}


class Disk:
    """A disk with so much room."""

    def __init__(self):
        self.room = 10_000
        self._write = os.write

    def write(self, file, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._write(file, data[: self.room])
        self.room -= written
        return written


@pytest.fixture(autouse=True)
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(recordingfile.os, "write", disk.write)
    monkeypatch.setattr(recordingfile, "_MOST_WAITING", 200)
    return disk


@pytest.fixture
def file(tmp_path):
    return RecordingFile(str(tmp_path / "box.jsonl"), NEW, HEADER)


def closed(at):
    return {"kind": "closed", "connection": 1, "at": at, "by": "box"}


def written(tmp_path):
    return [json.loads(line) for line in (tmp_path / "box.jsonl").read_text().splitlines()]


def test_lines_that_are_lost_leave_a_line_in_their_place(file, disk, tmp_path):
    disk.room = 30
    for at in range(10):
        file.write(closed(at))
    disk.room = 10_000
    file.write(closed(10))
    with pytest.raises(RecordingUnwritable) as problem:
        file.close()
    lines = written(tmp_path)
    (gap,) = [number for number, line in enumerate(lines) if line["kind"] == "lost"]
    lost = lines[gap]["lines"]
    assert lines == [
        HEADER,
        *map(closed, range(10 - lost)),
        {"kind": "lost", "at": 10 - lost, "lines": lost},
        closed(10),
    ]
    assert 5 < lost < 9
    assert str(problem.value).endswith(f"there was no room for a while; {lost} lines are missing where it says so.")


def test_room_that_comes_at_the_end_is_used_for_the_gap(file, disk, tmp_path):
    disk.room = 0
    for at in range(10):
        file.write(closed(at))
    disk.room = 10_000
    with pytest.raises(RecordingUnwritable, match="; 7 lines are missing where it says so"):
        file.close()
    assert written(tmp_path)[-1] == {"kind": "lost", "at": 3, "lines": 7}


def test_room_that_does_not_come_leaves_the_last_lines_out(file, disk, tmp_path):
    disk.room = 0
    for at in range(10):
        file.write(closed(at))
    with pytest.raises(RecordingUnwritable, match="No space left on device; the last 10 lines are missing"):
        file.close()
    assert written(tmp_path) == [HEADER]


def long(at, size):
    return {**closed(at), "by": "x" * size}


def test_a_line_that_is_longer_than_what_may_wait(file, tmp_path):
    file.write(long(0, 1000))
    file.close()
    assert written(tmp_path) == [HEADER, long(0, 1000)]


def test_only_what_was_not_written_of_a_line_waits(file, disk, tmp_path):
    disk.room = 900
    file.write(long(0, 1000))
    disk.room = 10_000
    file.close()
    assert written(tmp_path) == [HEADER, long(0, 1000)]


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_line_that_can_not_wait_leaves_nothing_of_itself(file, disk, tmp_path, room):
    disk.room = room
    file.write(long(0, 1000))
    assert written(tmp_path) == [HEADER]
    disk.room = 10_000
    file.write(closed(1))
    with pytest.raises(RecordingUnwritable, match="for a while; 1 lines are missing where it says so"):
        file.close()
    assert written(tmp_path) == [HEADER, {"kind": "lost", "at": 0, "lines": 1}, closed(1)]


def test_a_begun_line_that_can_not_be_taken_back_waits(file, disk, tmp_path, monkeypatch):
    """As where the file is no file."""

    def refuse(_file, _size):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(recordingfile.os, "ftruncate", refuse)
    disk.room = 100
    file.write(long(0, 1000))
    disk.room = 10_000
    file.close()
    assert written(tmp_path) == [HEADER, long(0, 1000)]


@pytest.mark.parametrize("room", [0, 10])
def test_the_line_about_a_gap_finds_no_room(file, disk, tmp_path, room):
    """What waits is written at the end; then the disk is full again."""
    disk.room = 0
    for at in range(10):
        file.write(closed(at))
    disk.room = sum(len(json.dumps(closed(at))) + 1 for at in range(3)) + room
    with pytest.raises(RecordingUnwritable, match="No space left on device; the last 7 lines are missing") as problem:
        file.close()
    assert "says so" not in str(problem.value)
    assert (tmp_path / "box.jsonl").read_text().count("\n") == 4


@pytest.mark.parametrize("room", range(150, 350, 10))
def test_what_is_said_of_lines_is_what_the_file_has(file, disk, tmp_path, room):
    """However much of it finds room."""
    for start in (0, 20):
        disk.room = 0
        for at in range(start, start + 10):
            file.write(closed(at))
        disk.room = room if start == 0 else disk.room
        file.write(closed(start + 10))
    with pytest.raises(RecordingUnwritable) as problem:
        file.close()
    text = (tmp_path / "box.jsonl").read_text()
    lines = [json.loads(line) for line in text[: text.rindex("\n")].splitlines()[1:]]
    told = sum(line["lines"] for line in lines if line["kind"] == "lost")
    recorded = sum(line["kind"] == "closed" for line in lines)
    parts = [f"{told} lines are missing where it says so"] if told else []
    parts.append(f"the last {22 - recorded - told} lines are missing")
    assert str(problem.value).endswith(f"; {' and '.join(parts)}.")


def test_several_gaps_are_told_of_each(file, disk, tmp_path):
    for start in (0, 20):
        disk.room = 0
        for at in range(start, start + 10):
            file.write(closed(at))
        disk.room = 10_000
        file.write(closed(start + 10))
    with pytest.raises(RecordingUnwritable, match="; 14 lines are missing where it says so"):
        file.close()
    assert load(str(tmp_path / "box.jsonl")).lost == [(5, 7), (10, 7)]


def test_a_diff_says_where_lines_are_missing(tmp_path):
    head = {"line": "POST /jsonrpc HTTP/1.1", "headers": [], "body": '{"jsonrpc":"2.0","id":1,"method":"a.1.b"}'}
    answer = {"head": "HTTP/1.1 200 OK\r\n\r\n", "body": '{"jsonrpc":"2.0","id":1,"result":0}'}
    said = {"kind": "exchange", "connection": 1, "at": 1, "seconds": 0, "request": head, "answer": answer}
    whole, holed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    whole.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, said)))
    holed.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, said, {"kind": "lost", "at": 2, "lines": 3})))
    assert suite_recording.load(str(holed)).lost == [f"3 lines at line 3 of {holed}"]
    parser = argparse.ArgumentParser()
    add(parser)
    for before, after in ((whole, holed), (holed, whole)):
        report = Diff(parser.parse_args([str(before), str(after)])).run()
        assert report.missing == json.loads(report.as_json())["missing"] == [f"3 lines at line 3 of {holed}"]
        assert f"missing: 3 lines at line 3 of {holed}" in report.as_text().splitlines()
        assert report.status == 0


def test_a_line_about_a_gap_that_does_not_say_how_many(tmp_path):
    path = tmp_path / "box.jsonl"
    path.write_text(f'{json.dumps(HEADER)}\n{{"kind": "lost", "at": 1}}\n')
    with pytest.raises(BadRecording, match="needs lines"):
        load(str(path))
