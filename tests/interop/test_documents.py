"""What the documents tell a reader to type, typed into a real shell."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import bundle
from conformance.commands import commands
from tests_support import BUSES, run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPECIFICATION = (ROOT / "conformance" / "spec" / "rdkservices.md").read_text(encoding="utf-8")


def block(language):
    """Return the README's only block in this language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return text


def console():
    """Return the commands of the README's sessions, each with what it is said to print."""
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    for block in blocks:
        for entry in block.split("$ ")[1:]:
            command, _, output = entry.partition("\n")
            yield command, output


def shell_curl(command, url):
    """Run a curl command line against another emulator than the documented one; return what it prints."""
    port = re.search(r":(\d+)/", url)[1]
    status, output, errors = run("bash", "-c", command.replace(":9998/", f":{port}/").replace("curl ", "curl -sS "))
    assert (status, errors) == (0, "")
    return output


def test_the_readme_says_what_happens(spawn, tmp_path):
    emulator = spawn("thunderoci", "up", "--port", "0")
    for command, output in console():
        if "bundle.write" in command:
            path = run("bash", "-c", command.replace(".venv/bin/python", shlex.quote(sys.executable)), cwd=tmp_path)[1]
            assert (Path(path.strip()) / "config.json").is_file()
        if command.startswith("curl"):
            assert shell_curl(command, emulator.ready["url"]) == output.removesuffix("\n")
    assert emulator.end() == (0, "")


def test_the_ready_line_of_the_readme_has_the_real_keys(emulator):
    (documented,) = [output for command, output in console() if command.endswith("thunderoci up")]
    assert list(json.loads(documented.removeprefix("READY "))) == list(emulator.ready)


def test_the_script_of_the_readme_hears_what_it_says(spawn, node_folder):
    host = spawn("thunderoci", "up", "--port", "0")
    script = node_folder / "readme.mjs"
    script.write_text(block("js").replace("ws://127.0.0.1:9998/jsonrpc", host.ready["ws"]), encoding="utf-8")
    with subprocess.Popen(["node", str(script)], stdout=subprocess.PIPE, text=True) as listener:
        try:
            said = [json.loads(listener.stdout.readline()) for _ in range(2)]
            assert said == [{"jsonrpc": "2.0", "id": 1, "result": 0}, {"jsonrpc": "2.0", "id": 2, "result": 0}]
            (start,) = [command for command, _ in console() if "startContainerFromDobbySpec" in command]
            shell_curl(start, host.ready["url"])
            event = json.loads(listener.stdout.readline())
        finally:
            listener.terminate()
    assert event == json.loads(block("json"))


def test_the_scenario_of_the_readme_works(spawn, tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(block("toml"), encoding="utf-8")
    host = spawn("thunderoci", "up", "--port", "0", "--scenario", str(file))
    call = {"jsonrpc": "2.0", "id": 1, "method": "org.rdk.Network.1.getInterfaces"}
    status, output, _ = run("curl", "-sS", host.ready["url"], "-d", json.dumps(call))
    assert (status, json.loads(output)["result"]) == (0, {"interfaces": [], "success": True})


def test_the_replay_of_the_readme_is_as_documented(emulator, tmp_path):
    (command,) = [command for command, _ in console() if "thunderoci replay" in command]
    typed = command.replace(".venv/bin/thunderoci", f"{shlex.quote(sys.executable)} -m thunderoci")
    typed = typed.replace("http://127.0.0.1:9998", emulator.ready["url"])
    status, output, errors = run(
        "bash", "-c", typed.replace("/path/to/mybundle", str(bundle.write(tmp_path))), cwd=ROOT
    )
    assert (status, errors) == (0, "")
    assert "as documented: 10 passed, 0 failed, 0 not sent" in output


def test_the_options_of_replay_are_all_documented():
    known = set(re.findall(r"--[a-z][a-z-]*", run(sys.executable, "-m", "thunderoci", "replay", "--help")[1]))
    documented = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8").partition("## Options")[2]
    assert set(re.findall(r"--[a-z][a-z-]*", documented)) == known - {"--help"}


@pytest.mark.parametrize("program", ["thunderoci", "fakedobby"])
def test_options_in_the_readme_exist(program):
    helps = [[program, "--help"]] + [[program, command, "--help"] for command in ("up", "serve", "check", "replay")]
    known = "".join(run(sys.executable, "-m", *words)[1] for words in helps[: 5 if program == "thunderoci" else 1])
    commands = [command for command, _ in console() if Path(shlex.split(command)[0]).name == program]
    assert commands
    for command in commands:
        words = shlex.split(command)[1:]
        assert [word for word in words if word.startswith("-") and word not in known] == []


def test_busctl_line_of_the_readme(emulator_on_each_bus):
    (line,) = re.findall(r"`(busctl --address=ADDRESS [^`]+)`", README)
    assert run("bash", "-c", line.replace("ADDRESS", emulator_on_each_bus.ready["bus"])) == (0, "aias 0 0\n", "")


def test_there_are_exactly_two_set_up_commands():
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert blocks[0].startswith("python3 -m venv .venv && ")
    assert blocks[0].endswith("thunderoci check\n")
    assert blocks[1].startswith("python3 -m venv .venv-tox && ")
    assert blocks[1].endswith("tox\n")


@pytest.mark.parametrize("bus", BUSES)
def test_every_documented_curl_command_gives_the_documented_answer(spawn, tmp_path, bus):
    emulator = spawn("thunderoci", "up", "--port", "0", "--progression", "immediate", "--bus", bus)
    path = bundle.write(tmp_path)
    documented = {
        json.loads(command.body)["method"].rpartition(".")[2]: command for command in commands(SPECIFICATION, "")
    }
    assert len(documented) == 9

    def result(method):
        lines = SPECIFICATION.splitlines()[documented[method].line - 1 :]
        text = "\n".join(lines[: lines.index("```")]).replace("[-INSERT BUNDLE PATH-]", str(path))
        answer = json.loads(shell_curl(text, emulator.ready["url"]))
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 3)
        return answer["result"]

    done = {"success": True}
    for start, descriptor in (("startContainer", 734), ("startContainerFromDobbySpec", 879)):
        assert result("listContainers") == {"containers": [], "success": True}
        assert result(start) == {"descriptor": descriptor, "success": True}
        assert result("listContainers")["containers"] == [{"Descriptor": descriptor, "Id": "SleepTest"}]
        assert result("getContainerState") == {"containerId": "SleepTest", "state": "Running", "success": True}
        info = result("getContainerInfo")
        assert list(info) == ["info", "success"]
        assert (info["info"]["id"], info["info"]["state"]) == ("SleepTest", "running")
        assert set(info["info"]) >= {"cpu", "id", "memory", "pids", "state", "timestamp"}
        assert result("pauseContainer") == done
        assert result("getContainerState")["state"] == "Paused"
        assert result("resumeContainer") == done
        assert result("executeCommand") == done
        assert result("stopContainer") == done
    assert emulator.end() == (0, "")
