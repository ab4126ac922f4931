"""`thunderoci check` as its users run it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import bundle
from tests_support import post, run

CHECK = (sys.executable, "-m", "thunderoci", "check")


def test_without_a_url_it_judges_an_emulator_of_its_own():
    status, output, errors = run(*CHECK)
    assert (status, errors) == (0, "")
    assert output.splitlines()[-1].startswith("conformant: ")
    assert " 0 failed, 0 skipped" in output


def test_with_a_url_the_bundle_cases_are_skipped_and_nothing_is_left(emulator):
    status, output, _ = run(*CHECK, emulator.ready["url"])
    assert status == 0
    assert "--bundle-path" in output
    assert post(emulator.ready["url"], "listContainers")["result"]["containers"] == []


def test_a_bundle_on_the_target(emulator, tmp_path):
    path = bundle.write(tmp_path)
    config = json.loads((Path(path) / "config.json").read_text())
    assert config["ociVersion"] == "1.0.2-dobby"
    status, output, _ = run(*CHECK, emulator.ready["url"], "--bundle-path", str(path))
    assert status == 0
    assert " 0 skipped" in output


def test_single_cases(emulator):
    status, output, _ = run(*CHECK, emulator.ready["url"], "--select", "ocicontainer/pauseContainer/2")
    assert status == 0
    assert "ocicontainer/pauseContainer/2" in output
    assert "conformant: 1 passed, 0 failed, 0 skipped" in output


@pytest.mark.parametrize(
    ("arguments", "expected", "complaint"),
    [
        (["http://127.0.0.1:1"], 3, "127.0.0.1:1"),
        (["ftp://x"], 2, "ftp"),
        (["127.0.0.1:1", "--select", "nothing/like/this"], 2, "nothing/like/this"),
    ],
)
def test_what_gives_no_verdict(arguments, expected, complaint):
    status, _, errors = run(*CHECK, *arguments)
    assert status == expected
    assert complaint in errors
    assert "Traceback" not in errors


def test_without_a_dbus_daemon_it_judges_one_on_the_embedded_bus(no_dbus_daemon):
    status, output, errors = run(*CHECK, env=no_dbus_daemon)
    assert (status, errors) == (0, "")
    assert " 0 failed, 0 skipped" in output


def test_an_emulator_that_can_not_start_is_no_verdict(broken_dbus_daemon):
    status, output, errors = run(*CHECK, env=broken_dbus_daemon)
    assert (status, output) == (3, "")
    assert errors == (
        "thunderoci: An emulator did not start: "
        "thunderoci: The private dbus-daemon ended with status 7 before it listened: no room.\n"
    )


def test_a_dbus_daemon_that_can_not_be_run_is_said(broken_dbus_daemon, tmp_path):
    (tmp_path / "dbus-daemon").write_text("no program\n")
    status, output, errors = run(*CHECK, env=broken_dbus_daemon)
    assert (status, output) == (3, "")
    assert errors == (
        "thunderoci: An emulator did not start: thunderoci: The message bus can't be started: Exec format error.\n"
    )


def test_no_proxy_is_asked_for_an_emulator_of_its_own():
    nobody = {**os.environ, "http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    status, _, errors = run(*CHECK, "--select", "ocicontainer/listContainers/1", env=nobody)
    assert (status, errors) == (0, "")


def test_no_room_for_a_temporary_directory_is_said():
    nowhere = "import tempfile; tempfile.tempdir = '/absent'; from thunderoci.cli import main; raise SystemExit(main())"
    status, output, errors = run(sys.executable, "-c", nowhere, "check")
    assert (status, output) == (3, "")
    assert errors == "thunderoci: An emulator did not start: No such file or directory.\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(tmp_path, ending):
    process = subprocess.Popen(
        CHECK,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    with process:
        url = process.stdout.readline().split()[1].rstrip(",")
        process.send_signal(ending)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="refused"):
        post(url, "listContainers")


def test_under_plain_pytest(emulator):
    command = (sys.executable, "-m", "pytest", "--pyargs", "conformance", "--thunder-url", emulator.ready["url"])
    status, output, _ = run(*command, "-p", "no:cacheprovider", cwd="/")
    assert status == 0
    assert " passed" in output


def test_a_report_of_ours_can_be_read_and_compared(emulator, tmp_path):
    report = tmp_path / "report.json"
    formats = ("junit", "html", "markdown", "badge")
    files = [word for name in formats for word in (f"--{name}", str(tmp_path / name))]
    select = ("--select", "ocicontainer/envelope/*", "--json", str(report), *files)
    assert run(*CHECK, emulator.ready["url"], *select)[0] == 0
    assert isinstance(json.loads(report.read_text())["seed"], int)
    assert run(sys.executable, "-m", "thunderoci", "compare", str(report), str(report))[0] == 0
    assert all((tmp_path / name).stat().st_size for name in formats)


def test_what_a_killed_run_left_is_named_and_removed(spawn, tmp_path):
    url = spawn("thunderoci", "up", "--port", "0").ready["url"]
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    select = ("--select", "ocicontainer/*/4", "--timeout", "20")
    killed = subprocess.Popen(
        [*CHECK, url, *select], stdout=subprocess.PIPE, env=environment, text=True, process_group=0
    )
    with killed:
        for line in killed.stdout:
            if "getContainerState/4" in line:  # its three containers are there
                break
        (child,) = Path(f"/proc/{killed.pid}/task/{killed.pid}/children").read_text().split()
        for pid in (killed.pid, int(child)):
            os.kill(pid, signal.SIGKILL)
    (lease,) = (tmp_path / "thunderoci" / "leases").iterdir()
    left = {entry["Id"] for entry in post(url, "listContainers")["result"]["containers"]}
    assert {name[:13] for name in left} == {f"conf-{lease.stem}"}
    one = ("--select", "ocicontainer/listContainers/1")
    _, _, errors = run(*CHECK, url, *one, env=environment)
    assert all(name in errors for name in left)
    assert "--clean removes them" in errors
    _, _, errors = run(*CHECK, url, *one, "--clean", env=environment)
    assert "removed what dead runs left" in errors
    assert post(url, "listContainers")["result"]["containers"] == []


def test_what_is_non_strict_is_a_failure_in_all_reports_of_a_strict_run_and_in_none_of_another(emulator, tmp_path):
    files = {name: tmp_path / f"{name}.txt" for name in ("junit", "markdown", "html", "json")}
    reports = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    for strict, failures in ((True, "1"), (False, "0")):
        select = ("--select", "ocicontainer/envelope/28", "--strict" if strict else "--no-strict")
        status, _, errors = run(*CHECK, emulator.ready["url"], *select, *reports)
        assert (status, errors) == (int(strict), "")
        said = {name: file.read_text() for name, file in files.items()}
        assert json.loads(said["json"])["strict"] is strict
        assert f'tests="1" failures="{failures}" errors="0"' in said["junit"]
        assert ("<failure" in said["junit"], "### Failures (1)" in said["markdown"]) == (strict, strict)
        assert ("what is non-strict is a failure" in said["html"]) is strict


def test_a_waived_case_stays_visible_and_its_waiver_is_used(emulator, tmp_path):
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\nclause = "envelope.batch"\nreason = "known"\nexpires = 2999-01-01\n')
    select = ("--select", "ocicontainer/envelope/28", "--waivers", str(waivers), "--strict")
    status, output, errors = run(*CHECK, emulator.ready["url"], *select)
    assert (status, errors) == (0, "")
    assert "waived until 2999-01-01: known" in output
    waivers.write_text(waivers.read_text().replace("2999", "2025"))
    status, _, errors = run(*CHECK, emulator.ready["url"], *select)
    assert status == 1
    assert "expired on 2025-01-01" in errors
