"""What command lines do (facts/dobby.md 2, the table of wait statuses)."""

from signal import SIGKILL, SIGTERM

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from fakedobby.command import program_of
from fakedobby.config import INIT
from fakedobby.filesystem import FileSystem
from fakedobby.process import Process, Program


class Bench:
    """A process on a clock, and its wait status once it has one."""

    def __init__(self, *args, init=True, files=None):
        self.clock = Clock()
        self.ended = []
        command = (INIT, *args) if init else args
        self.process = Process(program_of(command, files), self.clock, self.ended.append)
        self.process.start()

    def after(self, seconds):
        self.clock.advance(seconds)
        assert len(self.ended) <= 1
        return self.ended[0] if self.ended else None

    def terminated(self, after=5.0):
        """Return the status that a stop leads to: SIGTERM, half a second, SIGKILL."""
        self.clock.advance(after)
        self.process.kill(SIGTERM)
        self.clock.advance(0.5)
        self.process.kill(SIGKILL)
        return self.ended[0]


def sh(text, **options):
    return Bench("/bin/sh", "-c", text, **options)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("sleep 60", Program(60)),
        ("/bin/sleep 0.5", Program(0.5)),
        ("sleep 1m 2s", Program(62)),
        ("sleep 1h", Program(3600)),
        ("sleep 2d", Program(172800)),
        ("sleep 1e1", Program(10)),
        ("sleep .5", Program(0.5)),
        ("sleep infinity", Program(None)),
        ("sleep", Program(0, 256)),
        ("sleep soon", Program(0, 256)),
        ("sleep 5sm", Program(0, 256)),
        ("sleep 1_0", Program(0, 256)),
        ("sleep -1", Program(0, 256)),
        ("sleep nan", Program(0, 256)),
        ("echo hello", Program(0)),
        ("/bin/true", Program(0)),
        ("false", Program(0, 256)),
        ("/usr/bin/myapp --verbose", Program(None)),
        ("nobody-knows-it", Program(None)),
        ("env A=b sleep 3", Program(3)),
    ],
)
def test_programs(command, program):
    assert program_of((INIT, *command.split())) == program


@pytest.mark.parametrize(
    "args", [(), (INIT,), (INIT, "/no/such"), (INIT, "/nosuch"), (INIT, "", "x"), (INIT, "/usr/bin")]
)
@pytest.mark.fact("D6-bundle-args-string")
def test_nothing_to_run_fails(args):
    assert program_of(args) == Program(0, 256)


def test_a_program_of_the_rootfs_or_a_bind_mount_is_there(tmp_path):
    (tmp_path / "rootfs/opt/app").mkdir(parents=True)
    (tmp_path / "data/bin").mkdir(parents=True)
    files = FileSystem(tmp_path / "rootfs", (("/mnt/data", str(tmp_path / "data")),))
    for name in ("/opt/app/main", "/mnt/data/bin/tool"):
        assert program_of((INIT, name), files) == Program(None)
        assert program_of((INIT, name)) == Program(0, 256)


@pytest.mark.parametrize("name", ["/usr/bin/" + "x" * 5000, "a\0/b"])
def test_a_name_that_no_file_system_holds_is_missing(name):
    assert program_of((INIT, name)) == Program(0, 256)


@pytest.mark.parametrize(
    ("text", "seconds", "status"),
    [
        ("sleep 0.3; exit 0", 0.3, 0),
        ("sleep 0.3; exit 7", 0.3, 1792),
        ("exit 5", 0, 1280),
        ("exit 255", 0, 65280),
        ("exit 143", 0, 15),
        ("exit 256", 0, 0),
        ("exit nine", 0, 512),
        ("false; exit", 0, 256),
        ("sleep 1 && false || exit 4", 1, 1024),
        ("true && exit 2 || exit 3", 0, 512),
        ("false && exit 2\nexit 3", 0, 768),
        ("! false", 0, 0),
        ("kill -SEGV $$", 0, 139),
        ("sleep 1; kill -9 $$", 1, 9),
        ("kill $$", 0, 15),
        ("kill -s TERM $$; exit 3", 0, 15),
        ("kill -0 $$; exit 3", 0, 768),
        ("kill -WINCH $$; exit 3", 0, 768),
        ("kill -ABRT ${$}", 0, 134),
        ("trap '' TERM; kill $$; exit 3", 0, 768),
        ("trap 'exit 6' TERM; kill $$; exit 3", 0, 1536),
        ("trap 'kill $$' TERM; kill $$; exit 3", 0, 768),
        ("exec sleep 2", 2, 0),
        ("exec /no/such", 0, 127 << 8),
        ("/no/such", 0, 127 << 8),
        ("/no/such; exit 1", 0, 256),
        ("echo 'a; exit 9' \"b; exit 8\"; exit 1", 0, 256),
        ('exit "$((', 0, None),
        ("exit 'x", 0, 512),
        ("if true; then", 0, 512),
        ("&& true", 0, 512),
        ("if false; then exit 1; elif true; then exit 2; else exit 3; fi", 0, 512),
        ("for t in 1 2 3; do sleep $t; done; exit 9", 6, 2304),
        ("n=0; while [ $n != xx ]; do sleep 1; n=${n}x; [ $n = 0xx ] && break; done; exit 3", 2, 768),
        ("until true; do sleep 1; done", 0, 0),
        ("(sleep 1; exit 3); exit $?", 1, 768),
        ("{ sleep 1; exit 3; }; exit 4", 1, 768),
        ("sleep 5 | sleep 2 | false", 5, 256),
        ("sleep 3 & sleep 1; wait; exit 2", 3, 512),
        ("sleep 3 & exit 2", 3, 512),
        ("(exit 6) & wait $!; exit $?", 0, 1536),
        ("sleep 60 & kill $!; wait; exit 2", 0, 512),
        ("sleep 2 >/dev/null 2>&1; exit 1 # the end", 2, 256),
        ("sh -c 'sleep 1; kill -SEGV $$'; exit $?", 1, 139),
        ("eval 'exit 3'", 0, 768),
        ("[ 1 -lt 2 ] && test -n x && exit 4", 0, 1024),
        ("echo $(date); exit 1", 0, None),
        ("exit ${x:-3}", 0, None),
        ("while true; do true; done", 1000, None),
        ("while true; do sleep 1; done", 1000, None),
        ("app; exit 1", 1000, None),
    ],
)
@pytest.mark.fact("D2-exit-0", "D2-exit-7", "D2-exit-255", "D2-exit-143", "D2-sigsegv", "D2-sigkill")
def test_shell(text, seconds, status):
    bench = sh(text)
    if seconds:
        assert bench.after(seconds - 0.01) is None
        bench.clock.advance(0.01)
    assert bench.after(0.001) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("sleep 60", 15),
        ("sleep 60; exit 3", 15),
        ("exec sleep 60", 15),
        ('trap "" TERM; sleep 60', 9),
        ('trap "" TERM; while true; do sleep 1; done', 9),
        ('trap "" TERM; exec sleep 60', 9),
        ('trap "" TERM; while :; do :; done', 9),
        ('trap "exit 0" TERM; sleep 60 & wait', 0),
        ('trap "exit 3" TERM INT; sleep 60', 768),
        ('trap "exit 3" 15; while true; do sleep 1; done', 768),
        ('trap "exit 3" SIGTERM; while :; do :; done', 768),
        ('trap "sleep 0.2; exit 4" TERM; sleep 60', 1024),
        ('trap "sleep 5; exit 4" TERM; sleep 60', 9),
        ('trap "echo no" TERM; while true; do sleep 1; done', 9),
        ('trap "echo on" TERM; sleep 60', 15),
        ('trap "echo on" TERM; sleep 60; exit 5', 1280),
        ('trap "exit 3" TERM; trap - TERM; sleep 60', 15),
        ('trap "exit 3" TERM; exec sleep 60', 15),
        ('trap "exit 3" INT; sleep 60', 15),
        ("sh -c 'trap \"exit 2\" TERM; sleep 60'; exit $?", 15),
        ("sleep 60 & exit 6", 1536),
        ("exec app", 15),
    ],
)
def test_shell_takes_term(text, status):
    assert sh(text).terminated() == status


def test_the_first_process_of_a_container_gets_no_signal_that_it_does_not_handle():
    assert Bench("sleep", "60", init=False).terminated() == 9
    assert sh("kill -SEGV $$; exit 3", init=False).after(0) == 768
    assert sh("trap 'exit 2' TERM; sleep 60", init=False).terminated() == 512


def test_positional_parameters():
    assert Bench("sh", "-c", "exit $1", "sh", "7").after(0) == 1792


def test_a_command_override_knows_no_quotes():
    assert Bench(*["sh", "-c", "'exit", "7'"]).after(0) == 512
    assert Bench(*["sh", "-c", "exit", "7"]).after(0) == 0


def test_a_shell_without_a_text_runs_until_stopped():
    assert Bench("sh", "/usr/bin/script").terminated() == 15


@given(st.text(alphabet=st.sampled_from("ab $;&|(){}'\"\\\n<>!=[]0159-") | st.characters(), max_size=40))
def test_any_text_gives_a_process_that_can_be_killed(text):
    bench = sh(text)
    bench.clock.advance(1)
    bench.process.kill(SIGKILL)
    assert len(bench.ended) == 1
    assert not bench.clock.getDelayedCalls()
