"""`thunderoci check`, as a user meets it: exit status, standard output, standard error, and signals."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from scripted_thunder import Plugin, Server, thunder

from conformance import packages, runner
from conformance.settings import Settings


def check(urls: list[str], **options: Any) -> int:
    """Run the suite as `thunderoci check` does and return its exit status."""
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    return runner.run(Settings(urls=tuple(urls), **given))


def program(url: str, select: str = "*") -> str:
    """Return a program that runs documented cases on a target and exits with the suite's status."""
    settings = f"Settings(urls=({url!r},), tags=('documented',), select=({select!r},))"
    modules = "from conformance import runner; from conformance.settings import Settings"
    return f"{modules}; raise SystemExit(runner.run({settings}))"


PLAIN = [sys.executable, *("-m", "pytest", "-rs", "-p", "no:cacheprovider")]
PLAIN += ["-p", "pytest_twisted", "-p", "conformance.plugin", "--pyargs", "conformance"]
ANSWER_TO_LIST = b'{"jsonrpc":"2.0","id":3,"result":{"containers":[],"success":true}}'


@pytest.fixture(autouse=True)
def _no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_a_good_target_is_conformant(capfd: pytest.CaptureFixture[str]) -> None:
    plugin = Plugin(containers={"somebody.else": [91, "Running"]})
    with thunder(plugin) as server:
        assert check([server.url], bundle_path="/bundle", tags=["documented"]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[0] == f"target {server.url}, profile rdkservices"
    assert lines[1].split()[:3] == ["pass", "MUST", "ocicontainer/listContainers/1"]
    assert lines[-1].startswith("conformant: 17 passed, 0 failed, 0 skipped in ")
    assert err == ""
    assert plugin.containers == {"somebody.else": [91, "Running"]}


def test_without_a_bundle_its_story_is_skipped(capfd: pytest.CaptureFixture[str]) -> None:
    with thunder(Plugin()) as server:
        assert check([server.url], select=["ocicontainer/start*/1"]) == 0
        assert check([server.url], select=["ocicontainer/startContainer/1"]) == 3
    out, err = capfd.readouterr()
    assert "there is no bundle on the target: give --bundle-path" in out
    assert "no verdict: 0 passed, 0 failed, 1 skipped" in out
    assert err == "No case could be judged: all were skipped.\n"


def test_a_fault_is_shown_with_clause_values_and_command(capfd: pytest.CaptureFixture[str]) -> None:
    plugin = Plugin(fault=lambda method, result: {} if method == "pauseContainer" else result)
    with thunder(plugin) as server:
        assert check([server.url], select=["ocicontainer/pauseContainer/2"]) == 1
    out, _ = capfd.readouterr()
    assert "broken    pauseContainer.success (MUST): " in out
    assert "at        $.result\n" in out
    assert 'expected  a member "success"\n' in out
    assert f"again     curl -X POST {server.url} -d '" in out
    assert plugin.containers == {}


def test_a_broken_recommendation_is_no_failure(capfd: pytest.CaptureFixture[str]) -> None:
    plugin = Plugin()
    with thunder(plugin, error={"code": -32602}) as server:
        assert check([server.url], select=["ocicontainer/deleteContainer/1"]) == 0
    out, _ = capfd.readouterr()
    assert "broken    envelope.message (SHOULD): " in out
    assert "conformant: 0 passed, 0 failed, 0 skipped, 1 non-strict in " in out


@pytest.mark.parametrize(
    ("status", "body", "code", "sentence"),
    [
        (200, b"{}", 1, ""),
        (200, b"<html>", 3, "There is no Thunder JSON-RPC at "),
        (200, b"rubbish", 1, ""),
        (404, b"", 3, "There is no Thunder JSON-RPC at "),
        (503, b"<html>", 3, "There is no Thunder JSON-RPC at "),
        (202, b'{"jsonrpc":"2.0","id":3,"error":{"code":2}}', 3, "The plugin org.rdk.OCIContainer is absent"),
        (202, b'{"jsonrpc":"2.0","id":3,"error":{"code":5}}', 3, "The plugin org.rdk.OCIContainer is absent"),
        (202, b'{"jsonrpc":"2.0","id":3,"error":{"code":-32603}}', 3, "The plugin org.rdk.OCIContainer is absent"),
    ],
)
def test_what_is_no_plugin(
    status: int, body: bytes, code: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Server(lambda _: (status, "Whatever", body)) as server:
        assert check([server.url], select=["ocicontainer/listContainers/1"]) == code
    out, err = capfd.readouterr()
    assert err.startswith(sentence)
    assert ("broken    envelope." in out) == (code == 1)
    assert "Traceback" not in out + err


def test_a_closed_port_and_a_later_target(capfd: pytest.CaptureFixture[str]) -> None:
    with thunder(Plugin()) as server:
        closed = Server(lambda _: None)
        closed.close()
        assert check([closed.url, server.url], select=["ocicontainer/listContainers/1"]) == 3
    out, err = capfd.readouterr()
    assert err.startswith(f"Nothing can be reached at {closed.url}: ")
    assert "conformant: 1 passed" in out


def test_a_target_that_never_answers(capfd: pytest.CaptureFixture[str]) -> None:
    release = threading.Event()
    with Server(lambda _: (release.wait(30), None)[1]) as server:
        assert check([server.url], timeout=0.2) == 3
        release.set()
    _, err = capfd.readouterr()
    assert err == f"{server.url} gave no complete answer within 0.2 s.\n"


def test_a_target_that_dies_in_the_middle(capfd: pytest.CaptureFixture[str]) -> None:
    answers = iter([(200, "OK", ANSWER_TO_LIST)] * 2)
    with Server(lambda _: next(answers, None)) as server:
        assert check([server.url]) == 1
    out, err = capfd.readouterr()
    assert "broken    http.answer (MUST)" in out
    assert "skipped" in out
    assert "The target was lost: " in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"urls": ["ftp://x"]}, "'ftp://x' is not a target: http, https, ws and wss are understood"),
        ({"urls": ["localhost:1"], "select": ["nothing"]}, "--select nothing matches no case"),
    ],
)
def test_bad_usage(arguments: dict[str, Any], sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert check(**arguments) == 2
    _, err = capfd.readouterr()
    assert err.startswith(sentence)
    assert len(err.strip().splitlines()) == 1


def test_missing_packages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "jsonschema" else True)
    assert check(["localhost:1"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("The conformance suite needs jsonschema, missing here; ")
    assert err.endswith("pip install 'thunderoci[conformance]'.\n")


def test_the_users_pytest_has_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit(77)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option-either")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    with thunder(Plugin()) as server:
        assert check([server.url], select=["ocicontainer/listContainers/1"]) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["check", "plain"])
def test_an_interrupted_run_takes_its_containers_away(number: signal.Signals, command: str) -> None:
    plugin = Plugin(containers={"somebody.else": [91, "Running"]})
    started, release = threading.Event(), threading.Event()
    start = plugin.do_startContainerFromDobbySpec

    def stall(**params: Any) -> dict[str, Any]:
        result = start(**params)
        started.set()
        release.wait(30)
        return result

    plugin.do_startContainerFromDobbySpec = stall  # the container is there, the answer is not
    with thunder(plugin) as server:
        words = {
            "check": [sys.executable, "-c", program(server.url)],
            "plain": [*PLAIN, f"--thunder-url={server.url}"],
        }[command]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as suite:
            assert started.wait(30)
            assert len(plugin.containers) == 2
            suite.send_signal(number)
            out, err = suite.communicate(timeout=30)
            release.set()
    assert plugin.containers == {"somebody.else": [91, "Running"]}
    assert "Traceback" not in out + err
    assert suite.returncode == {"check": 130, "plain": pytest.ExitCode.INTERRUPTED}[command]


def interrupted_check(plugin: Plugin, called: threading.Event, select: str = "*") -> tuple[int, str]:
    """Run a check, send it SIGTERM once ``called`` is set, and return its status and what it complains about."""
    with (
        thunder(plugin) as server,
        subprocess.Popen(
            [sys.executable, "-c", program(server.url, select)], stderr=subprocess.PIPE, text=True
        ) as suite,
    ):
        assert called.wait(30)
        suite.send_signal(signal.SIGTERM)
        _, err = suite.communicate(timeout=30)
    return suite.returncode, err


def test_a_container_that_a_box_is_still_starting_is_waited_for() -> None:
    plugin = Plugin()
    called, listed = threading.Event(), threading.Event()
    start, list_containers = plugin.do_startContainerFromDobbySpec, plugin.do_listContainers

    def slow(**params: Any) -> dict[str, Any]:
        called.set()
        assert listed.wait(30)  # the container comes after the clean-up has looked for it in vain
        return start(**params)

    def look() -> dict[str, Any]:
        result = list_containers()
        if called.is_set():
            listed.set()
        return result

    plugin.do_startContainerFromDobbySpec, plugin.do_listContainers = slow, look
    assert interrupted_check(plugin, called) == (130, "interrupted\n")
    assert plugin.containers == {}


def test_a_signal_does_not_cut_the_clean_up_short() -> None:
    plugin = Plugin()
    called, stop = threading.Event(), plugin.do_stopContainer

    def stop_by_force(*, force: bool = False, **params: Any) -> dict[str, Any]:
        if force:
            called.set()
        return stop(force=force, **params)

    plugin.do_stopContainer = stop_by_force
    status, err = interrupted_check(plugin, called, "*/pauseContainer/2")  # which leaves its container there
    assert (status, err) == (130, "")
    assert plugin.containers == {}


def test_a_stop_that_is_not_answered_holds_up_no_other() -> None:
    plugin = Plugin()
    stop, silent = plugin.do_stopContainer, threading.Event()

    def hang(containerId: str, **params: Any) -> dict[str, Any]:  # noqa: N803 - as on the wire
        if containerId.endswith("First"):
            silent.wait(30)
        return stop(containerId, **params)

    plugin.do_stopContainer = hang
    with thunder(plugin) as server:
        assert check([server.url], select=["ocicontainer/getContainerState/4"], timeout=1.0) == 0
        assert [name[-5:] for name in plugin.containers] == ["First"]
        silent.set()


@pytest.mark.parametrize("code", [[], {}, None, "2", True])
def test_a_code_that_is_no_number_breaks_the_target_and_not_the_suite(code: object) -> None:
    with thunder(Plugin(), error={"code": code, "message": "?"}) as server:
        assert check([server.url], select=["ocicontainer/deleteContainer/1"]) == 1


def test_a_container_that_stays_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    plugin = Plugin()
    plugin.do_stopContainer = lambda **_: {}  # says yes, does nothing
    with thunder(plugin) as server:
        assert check([server.url], select=["ocicontainer/stopContainer/2"], timeout=0.3) == 1
    (left,) = plugin.containers
    assert capfd.readouterr().err == f"{server.url} may still have containers of this run, {left}: they do not end.\n"


def test_plain_pytest_shows_our_text_and_its_own_status() -> None:
    plugin = Plugin(fault=lambda method, result: {} if method == "pauseContainer" else result)
    with thunder(plugin) as server:
        words = [*PLAIN, f"--thunder-url={server.url}", "--thunder-select=ocicontainer/pauseContainer/2"]
        run = subprocess.run(words, capture_output=True, text=True, check=False)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "broken    pauseContainer.success (MUST)" in run.stdout
    assert "Traceback" not in run.stdout
    assert plugin.containers == {}


def test_plain_pytest_without_a_target_skips() -> None:
    run = subprocess.run(PLAIN, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert "there is no target: give --thunder-url" in run.stdout


def test_the_plugin_loads_nothing() -> None:
    code = "import sys, conformance.plugin; print(json.dumps(sorted({'twisted', 'jsonschema'} & set(sys.modules))))"
    run = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []


def test_a_fault_of_the_suites_own_is_no_verdict() -> None:
    code = "import sys, pytest; from conformance.judge import Judge; Judge.envelope = None; sys.exit(pytest.main("
    with thunder(Plugin()) as server:
        settings = Settings(urls=(server.url,), select=("ocicontainer/listContainers/1",))
        options = [f"--thunder-settings={settings.to_json()}"]
        cases = str(Path(runner.__file__).parent / "test_catalogue.py")
        run = subprocess.run(
            [sys.executable, "-P", "-c", f"{code}{[*runner._PYTEST, *options, cases]!r}))"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 3
    assert "error       MUST   ocicontainer/listContainers/1" in run.stdout
    assert "The conformance suite itself failed: TypeError: " in run.stdout
    assert run.stdout.splitlines()[-1].startswith("no verdict: 0 passed, 0 failed, 0 skipped, 1 error in ")


def test_nobody_reads_to_the_end() -> None:
    with (
        thunder(Plugin()) as server,
        subprocess.Popen(
            [sys.executable, "-c", program(server.url)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as suite,
    ):
        assert suite.stdout is not None
        assert suite.stderr is not None
        suite.stdout.readline()
        suite.stdout.close()
        assert suite.stderr.read() == ""
    assert suite.returncode == 0
