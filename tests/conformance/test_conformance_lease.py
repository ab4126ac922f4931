"""Leases: who lives, who is dead, and whose the containers of a target are."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.lease import Leases, SortedOut, sort_out, state_directory

ONE, TWO, THREE = "00000001", "00000002", "00000003"
URL = "http://box:9998/jsonrpc"
HOLD = """
import sys
from pathlib import Path
from conformance.lease import Leases
lease = Leases(Path(sys.argv[1])).take(sys.argv[2], sys.argv[3])
print(lease.note, flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(directory: Path, run: str, url: str = URL) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lease until it is killed."""
    words = [sys.executable, "-c", HOLD, str(directory), run, url]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "\n"
        try:
            yield process
        finally:
            process.kill()


def killed(directory: Path, run: str, url: str = URL) -> None:
    with holder(directory, run, url) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL


def test_a_killed_run_is_dead_at_once_and_one_beside_it_lives(tmp_path: Path) -> None:
    leases = Leases(tmp_path / "state" / "leases")
    directory = tmp_path / "state" / "leases"
    with holder(directory, ONE), holder(directory, TWO) as doomed:
        assert (leases.dead(), leases.alive()) == ([], [ONE, TWO])
        doomed.send_signal(signal.SIGKILL)
        doomed.wait(30)
        assert (leases.dead(), leases.alive()) == ([TWO], [ONE])
        leases.forget(ONE)  # it lives: it stays
        leases.forget(TWO)
        leases.forget(THREE)
        assert (leases.dead(), leases.alive()) == ([], [ONE])
    assert leases.dead() == [ONE]


def test_a_lease_of_this_process(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    with leases.take(ONE, f"{URL}?token=secret") as lease:
        assert (lease.note, leases.alive(), leases.dead()) == ("", [ONE], [])
        file = tmp_path / f"{ONE}.json"
        assert [entry.name for entry in tmp_path.iterdir()] == [file.name]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "secret" not in file.read_text()
        record = leases.record(ONE)
        assert record is not None
        assert (record.run, record.url, record.pid, record.here) == (ONE, URL, os.getpid(), True)
        lease.end()
        assert leases.alive() == leases.dead() == []
    with leases.take(TWO, URL):
        pass
    assert leases.dead() == [TWO]


def test_a_child_of_the_run_does_not_keep_its_lease(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    with (
        leases.take(ONE, URL),
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as child,
    ):
        leases.take(TWO, URL).close()
        assert leases.dead() == [TWO]
        child.communicate(b"\n")
    assert leases.dead() == [ONE, TWO]


def test_looking_does_not_disturb_who_looks_too(tmp_path: Path) -> None:
    killed(tmp_path, ONE)
    leases = Leases(tmp_path)
    descriptor = leases._open(ONE)
    try:
        import fcntl  # noqa: PLC0415 - for this one look

        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        assert leases.dead() == [ONE]
    finally:
        os.close(descriptor)


def test_whose_the_containers_are(tmp_path: Path) -> None:
    killed(tmp_path, TWO)
    listed = [f"conf-{run}-a" for run in (ONE, TWO, THREE, "00000004")] + [f"conf-{TWO}-b", "somebody.else", "conf-x-y"]
    leases = Leases(tmp_path)
    with leases.take(ONE, URL), leases.take("00000004", URL):
        found = sort_out(listed, "00000004", leases)
    assert found == SortedOut((f"conf-{TWO}-a", f"conf-{TWO}-b"), (f"conf-{ONE}-a",), (f"conf-{THREE}-a",))
    assert sort_out(listed, ONE, Leases(None)).dead == ()


def test_what_left_nothing_behind_is_forgotten(tmp_path: Path) -> None:
    for run, url in ((ONE, URL), (TWO, URL), (THREE, "http://other:9998/jsonrpc")):
        killed(tmp_path, run, url)
    leases = Leases(tmp_path)
    assert leases.tidy(f"{URL}?token=t", [f"conf-{TWO}-a"]) == [ONE]
    assert leases.dead() == [TWO, THREE]


@pytest.mark.parametrize("facts", [{"boot": "", "host": "elsewhere"}, {"boot": "other", "host": "elsewhere"}])
def test_the_lease_of_another_machine_is_neither_dead_nor_alive(tmp_path: Path, facts: dict[str, str]) -> None:
    killed(tmp_path, ONE)
    file = tmp_path / f"{ONE}.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **facts}))
    leases = Leases(tmp_path)
    assert leases.dead() == leases.alive() == []
    assert sort_out([f"conf-{ONE}-a"], TWO, leases).unknown == (f"conf-{ONE}-a",)
    leases.forget(ONE)
    assert file.exists()


def test_a_restart_of_the_machine_does_not_matter(tmp_path: Path) -> None:
    killed(tmp_path, ONE)
    file = tmp_path / f"{ONE}.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "boot": "an earlier one"}))
    assert Leases(tmp_path).dead() == [ONE]


def test_what_is_no_lease_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / f"{ONE}.json").write_text("")
    (tmp_path / f"{TWO}.json").write_text("[" * 100_000)
    (tmp_path / f"{THREE}.json").mkdir()
    (tmp_path / "notes.json").write_text("{}")
    os.mkfifo(tmp_path / "00000004.json")
    (tmp_path / "00000005.json").symlink_to(tmp_path / "notes.json")
    leases = Leases(tmp_path)
    assert leases.dead() == leases.alive() == []
    assert {leases.record(run) for run in (ONE, TWO, THREE, "../notes")} == {None}


@pytest.mark.parametrize("directory", ["file", "file/below", "/proc/none"])
def test_a_run_without_a_place_for_its_lease_goes_on(tmp_path: Path, directory: str) -> None:
    (tmp_path / "file").touch()
    leases = Leases(tmp_path / directory)
    with leases.take(ONE, URL) as lease:
        assert lease.note.startswith("No lease is kept, so what this run leaves behind if it is killed cannot be recog")
        assert str(tmp_path / directory) in lease.note
        lease.end()
    assert leases.dead() == leases.alive() == leases.tidy(URL, []) == []


def test_a_user_without_a_home_has_no_leases() -> None:
    with Leases(None).take(ONE, URL) as lease:
        assert lease.note.endswith("there is no home directory.")


def test_where_leases_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    below = "thunderoci/leases"
    assert state_directory({"XDG_STATE_HOME": "/s", "HOME": "/h"}) == Path("/s") / below
    assert state_directory({"XDG_STATE_HOME": "s", "HOME": "/h"}) == Path("/h/.local/state") / below
    assert state_directory({"HOME": "/h"}) == Path("/h/.local/state") / below
    monkeypatch.setattr("os.path.expanduser", lambda text: text)
    assert state_directory({}) is None


def test_runs_that_start_at_once_do_not_meet(tmp_path: Path) -> None:
    """Each of eight processes takes and ends leases, looks at the others' and forgets the dead: none dies wrongly."""
    code = """
import sys
from pathlib import Path
from conformance.lease import Leases
me = int(sys.argv[2])
leases = Leases(Path(sys.argv[1]))
sys.stdin.readline()
for turn in range(100):
    run = f"{me * 1000 + turn:08x}"
    lease = leases.take(run, "u")
    assert not lease.note, lease.note
    for other in leases.dead():
        leases.forget(other)
        print("dead", other)
    assert run in leases.alive()
    lease.end()
"""
    words = [sys.executable, "-c", code, str(tmp_path)]
    pipe = subprocess.PIPE
    runs = [subprocess.Popen([*words, str(n)], stdin=pipe, stdout=pipe, stderr=pipe, text=True) for n in range(8)]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    assert [(run.communicate(timeout=60), run.returncode) for run in runs] == [(("", ""), 0)] * 8
    assert list(tmp_path.iterdir()) == []
