"""The example project in an environment of its own with a wheel of ours, and the fixtures beside other plugins."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "launcher"
OTHERS = ("pytest-xdist", "pytest-asyncio", "pytest-twisted")


class Environment:
    """A virtual environment; nothing of this process's own is seen there."""

    def __init__(self, folder):
        self.bin = folder / "bin"
        self._variables = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        self._variables["PATH"] = f"{self.bin}:{os.environ['PATH']}"

    def run(self, *command, cwd=None):
        """Run a program of the environment; return its exit status and all that it said."""
        command = (str(self.bin / command[0]), *command[1:])
        done = subprocess.run(
            command,
            cwd=cwd,
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout

    def install(self, *words):
        status, output = self.run("python", "-m", "pip", "install", "--quiet", *words)
        if status != 0:  # a developer may be without a network, CI may not
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"pip can't install: {output}")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The example project's folder, copied."""
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("project") / "launcher"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory, project):
    """An environment with a wheel of ours, the project, and what its tests need."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    environment = Environment(folder)
    sources = tmp_path_factory.mktemp("sources")
    for name in ("thunderoci", "fakedobby", "conformance"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    status, output = environment.run(
        "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(sources)
    )
    if status != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"pip can't build our wheel: {output}")
    (wheel,) = folder.glob("thunderoci-*.whl")
    environment.install(str(wheel))
    environment.install(f"{project}[test]", *OTHERS)
    return environment


@pytest.fixture
def passes(environment, project):
    """Run pytest on the example project, or on a file with a text; all must pass. Return how many did, and seconds."""

    def passes(*arguments, text=None, tmp_path=None):
        cwd = project
        if text is None:
            arguments += ("-p", "no:asyncio")  # it warns where it is not configured
        else:
            tmp_path.joinpath("test_app.py").write_text(text, encoding="utf-8")
            cwd = tmp_path
        status, output = environment.run("pytest", "-q", "-p", "no:cacheprovider", *arguments, cwd=cwd)
        assert status == 0, output
        passed, seconds = re.search(r"^(\d+) passed(?:, \d+ warnings?)? in ([\d.]+)s", output, re.MULTILINE).groups()
        return int(passed), float(seconds)

    return passes


@pytest.mark.parametrize("arguments", [(), ("--thunderoci-profile", "entservices"), ("-n", "2")])
def test_the_example_project_passes(passes, arguments):
    passed, _ = passes(*arguments)
    assert passed > 200


def test_two_hundred_of_its_tests_take_less_than_ten_seconds(passes):
    passed, seconds = passes("tests/test_ids.py")
    assert passed == 200
    assert seconds < 10


def test_the_project_uses_nothing_of_ours_but_the_fixtures():
    imports = {
        line
        for file in EXAMPLE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(from|import) (thunderoci|fakedobby|conformance)", line)
    }
    assert imports == {"from thunderoci.testing import bundle"}


BODY = """
    assert thunder.call("listContainers")["containers"] == []
    events = thunder.subscribe("onContainerStarted")
    assert thunder.call("startContainer", containerId="a", bundlePath=bundle())["descriptor"] == 734
    assert events.next().name == "onContainerStarted"
    assert fakedobby.call("List") == [[], []]
"""


def test_beside_pytest_asyncio(passes, tmp_path):
    text = f"""
import asyncio, urllib.request
import pytest
from thunderoci.testing import bundle

@pytest.mark.asyncio
async def test_async(thunder, fakedobby):
    await asyncio.sleep(0)
    assert asyncio.get_running_loop().is_running()
{BODY}
@pytest.mark.asyncio
async def test_an_app_in_a_loop(thunder):
    host, port = thunder.url.removeprefix("http://").partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = b'{{"jsonrpc":"2.0","id":1,"method":"org.rdk.OCIContainer.1.listContainers"}}'
    writer.write(b"POST /jsonrpc HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
    await asyncio.to_thread(thunder.assert_called, "listContainers", times=1, within=5)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()
    thunder.assert_called("listContainers", times=1)

def test_sync(thunder, fakedobby):
{BODY}"""
    assert (
        passes(
            "-W",
            "error",
            "-p",
            "no:twisted",
            "-o",
            "asyncio_default_fixture_loop_scope=function",
            text=text,
            tmp_path=tmp_path,
        )[0]
        == 3
    )


def test_under_pytest_twisted(passes, tmp_path):
    text = f"""
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.threads import deferToThread
from twisted.web.client import Agent, readBody
from twisted.internet.defer import ensureDeferred
from thunderoci.testing import bundle

@pytest_twisted.ensureDeferred
async def test_in_the_reactor(thunder, fakedobby):
    assert reactor.running
{BODY}
@pytest_twisted.ensureDeferred
async def test_an_app_in_the_reactor(thunder):
    answer = await Agent(reactor).request(b"GET", thunder.url.replace("jsonrpc", "Service/Controller").encode())
    assert answer.code == 200
    await readBody(answer)

def test_sync(thunder, fakedobby):
{BODY}"""
    assert passes("-p", "no:asyncio", text=text, tmp_path=tmp_path)[0] == 3
