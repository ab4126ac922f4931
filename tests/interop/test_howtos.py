"""What the pages on tests tell a reader to write and to type, written and typed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from documents import ROOT, Document, environment

INSTALLED = any(point.name == "thunderoci" for point in entry_points(group="pytest11"))
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:twisted")
PLUGIN = () if INSTALLED else ("-p", "thunderoci.pytest_plugin")


def run(program, *arguments, cwd, **variables):
    """Run a command to its end; return exit status and what it said."""
    found = shutil.which(str(cwd / program) if program.startswith("./") else program, path=variables.get("PATH"))
    if found is None:
        # a developer may do without a tool; what CI would not have checked must not look as if it had
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
    done = subprocess.run(
        [found, *arguments],
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def run_tests(folder):
    return run(*PYTEST, *PLUGIN, "-rA", "--strict-markers", cwd=folder, PYTHONPATH=str(ROOT))


def shown(text):
    """Return what a text shows, without paths and times."""
    return re.sub(r'"/[^"]*"|\d+\.\d{3} s|#\d+|"…"', "…", text)


def test_the_tests_of_the_testing_page_pass(tmp_path):
    document = Document("testing.md")
    document.write(tmp_path)
    status, output, _ = run_tests(tmp_path)
    assert status == 0, output
    assert len(re.findall("^PASSED", output, re.MULTILINE)) >= len([n for n in document.files() if n[:5] == "test_"])
    complaint, _ = document.printed()
    assert shown(complaint) in shown(output)


def test_the_test_of_the_readme_passes(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_readme.py").write_text(example, encoding="utf-8")
    status, output, _ = run_tests(tmp_path)
    assert status == 0, output


def test_the_script_of_the_testing_page_prints_what_it_says(tmp_path):
    document = Document("testing.md")
    document.write(tmp_path)
    assert run(sys.executable, "script.py", cwd=tmp_path, PYTHONPATH=str(ROOT)) == (0, document.printed()[1], "")


def test_the_options_of_the_plugin_are_all_documented(tmp_path):
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    _, output, _ = run(*PYTEST, *PLUGIN, "--help", cwd=tmp_path, PYTHONPATH=str(ROOT))
    known = set(re.findall(r"--thunderoci-[a-z]+", output))
    assert set(re.findall(r"--thunderoci-[a-z]+", text)) == known
    ini = set(re.findall(r"^ *(thunderoci_[a-z]+)", output, re.MULTILINE))
    assert set(re.findall(r"`(thunderoci_[a-z]+)`", text)) == ini


def test_the_test_of_a_field_bug_passes(tmp_path):
    document = Document("howto-field-bug.md")
    document.write(tmp_path)
    status, output, _ = run_tests(tmp_path)
    assert status == 0, output


def test_the_box_of_a_field_bug_is_as_the_page_says(tmp_path, spawn):
    document = Document("howto-field-bug.md")
    document.write(tmp_path)
    box = spawn("thunderoci", "up", "--port", "0", "--scenario", str(tmp_path / "field.toml"))
    record, replay = [command for command, _ in document.console()]
    words = shlex.split(record.replace("http://box:9998", box.ready["url"].removesuffix("/jsonrpc")))[1:]
    words[words.index("--port") + 1] = "0"
    words[words.index("--output") + 1] = str(tmp_path / "field.jsonl")
    proxy = spawn("thunderoci", *words)
    call = '{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}'
    status, output, _ = run("curl", "-sS", proxy.ready["url"], "-d", call, cwd=tmp_path)
    assert (status, json.loads(output)["result"]["containers"][0]["Id"]) == (0, "player")
    assert proxy.end()[0] == 0
    again = spawn(
        "thunderoci", *shlex.split(replay.replace("field.jsonl", f"{tmp_path}/field.jsonl"))[1:], "--port", "0"
    )
    assert run("curl", "-sS", again.ready["url"], "-d", call, cwd=tmp_path) == (0, output, "")
    assert run("thunderoci", "status", box.ready["url"], cwd=tmp_path, **environment(tmp_path))[0] == 0


def test_the_shell_script_prints_what_it_says(tmp_path):
    document = Document("howto-shell.md")
    document.write(tmp_path)
    status, output, errors = run("bash", "app-test.sh", cwd=tmp_path, **environment(tmp_path))
    assert (status, output) == (0, document.printed()[0]), errors


def test_the_tests_for_node_pass(tmp_path, node_folder):
    document = Document("howto-node.md")
    document.write(node_folder)
    (install, test) = [command for command, _ in document.console()]
    assert install == "npm install ws"
    status, output, errors = run(*shlex.split(test), cwd=node_folder, **environment(tmp_path))
    assert status == 0, output + errors
    assert "# pass 2" in output


def test_the_cpp_test_passes(tmp_path):
    document = Document("howto-cpp.md")
    document.write(tmp_path)
    variables = environment(tmp_path)
    for command, expected in document.console():
        status, output, errors = run(*shlex.split(command), cwd=tmp_path, **variables)
        assert (status, output, errors) == (0, expected, "")


TWO = """
#include <csignal>
#include <cstdio>
#include <memory>

#include "fakedobby.hpp"

static int open_files() {
    int number = 0;
    for (int file = 0; file < 1000; ++file)
        number += fcntl(file, F_GETFD) != -1;
    return number;
}

int main(int, char** arguments) {
    alarm(20);  // whoever waits for ever ends by that
    const int before = open_files();
    auto first = std::make_unique<FakeDobby>();
    auto second = std::make_unique<FakeDobby>();
    std::printf("%d", first->address() != second->address());
    const pid_t child = fork();  // as a death test does, it holds all that we hold
    if (child == 0) {
        alarm(20);
        pause();
        _exit(0);
    }
    (arguments[1][0] == '1' ? first : second).reset();
    const char* left = getenv("DBUS_SYSTEM_BUS_ADDRESS");
    std::printf("%d", left && second && second->address() == left);
    first.reset();
    second.reset();
    std::printf("%d", getenv("DBUS_SYSTEM_BUS_ADDRESS") != nullptr);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    try {
        FakeDobby bad({"--nonsense"});
    } catch (const std::runtime_error& problem) {
        std::printf(" %s", problem.what());
    }
    std::printf(" %d %d", open_files() - before, waitpid(-1, nullptr, WNOHANG));
}
"""


def test_two_fake_dobbies_of_a_cpp_test_end_in_either_order(tmp_path):
    Document("howto-cpp.md").write(tmp_path)
    (tmp_path / "two.cpp").write_text(TWO, encoding="utf-8")
    variables = environment(tmp_path)
    strict = ("-std=c++17", "-Wall", "-Wextra", "-Werror")
    assert run("g++", *strict, "-o", "two", "two.cpp", cwd=tmp_path, **variables) == (0, "", "")
    for order, outcome in (("1", "110"), ("2", "100")):
        status, output, errors = run("./two", order, cwd=tmp_path, **variables)
        assert (status, output) == (0, f"{outcome} fakedobby did not start 0 -1"), errors


def test_children_of_a_cpp_test_do_not_keep_a_fake_dobby(tmp_path):
    Document("howto-cpp.md").write(tmp_path)
    program = """
#include <cstdio>
#include "fakedobby.hpp"
int main() {
    FakeDobby dobby;
    std::fflush(stdout);
    if (fork() == 0)
        execlp("ls", "ls", "/proc/self/fd", nullptr);
    wait(nullptr);
}
"""
    (tmp_path / "child.cpp").write_text(program, encoding="utf-8")
    variables = environment(tmp_path)
    assert run("g++", "-std=c++17", "-o", "child", "child.cpp", cwd=tmp_path, **variables) == (0, "", "")
    assert run("./child", cwd=tmp_path, **variables)[1].split() == ["0", "1", "2", "3"]  # ls itself opens the folder


def test_the_way_to_a_real_plugin(tmp_path, spawn):
    commands = [command for command, _ in Document("howto-real-plugin.md").console()]
    daemon, thunder, bundle, check, another, replay, serve, fault = commands
    here = {"/tmp/dobby-bus": f"{tmp_path}/bus", "$PWD": str(tmp_path)}  # noqa: S108 (what the page says)

    def words(command):
        for old, new in here.items():
            command = command.replace(old, new)
        return shlex.split(command)

    spawn(*words(daemon))
    assert "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/tmp/dobby-bus" in thunder
    host = spawn("thunderoci", *words(serve)[1:], "--port", "0")
    url = host.ready["url"].removesuffix("/jsonrpc")
    variables = environment(tmp_path)
    here["http://127.0.0.1:9998"] = url
    selected = ("--select", "ocicontainer/listContainers/*", "--select", "ocicontainer/startContainer/1")
    for command in (bundle, check, another, replay):
        more = selected if command == check else ()
        status, output, errors = run(*words(command), *more, cwd=tmp_path, **variables)
        assert status == 0, output + errors
        if command == check:
            assert re.search(r"^ *startContainer +1 +-", output, re.MULTILINE), output  # passed, not skipped
    assert run(*words(fault), cwd=tmp_path)[0] == 0
