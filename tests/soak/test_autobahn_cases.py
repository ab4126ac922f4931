"""The cases of Autobahn|Testsuite, driven by the package kosoku, on our port and our frames (echoserver.py).

The suite wants an echo, which Thunder is none: so what is done with a text is other than in the host, and nothing else.
What does not pass is what Thunder does otherwise than RFC 6455 wants it, each with its reason.
"""

import fnmatch
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SHORT = [
    "1.1.*",
    "2.1",
    "2.7",
    "2.8",
    "3.7",
    "5.3",
    "5.4",
    "5.5",
    "6.2.*",
    "6.5.*",
    "6.7.*",
    "6.9.*",
    "6.11.1",
    "6.22.*",
]
SHORT += ["6.23.*", "7.1.*", "7.3.*", "7.5.1", "7.7.*", "7.9.*", "7.13.*", "9.1.1", "9.3.*", "9.5.*", "10.1.1"]
OTHERWISE = {
    "Thunder does nothing with an empty text": ["1.1.1", "6.1.1", "6.1.2", "9.7.1"],
    "no call is binary: it is refused as such, and not echoed": ["1.2.*", "9.2.*", "9.4.*", "9.6.*", "9.8.*"],
    "a pong is empty": ["2.2", "2.3", "2.4", "2.6", "2.9", "2.10", "2.11", "5.6", "5.7", "5.8", "5.19", "5.20"],
    "a control frame may be long or in pieces": ["2.5", "5.1", "5.2"],
    "reserved bits are not looked at": ["3.1", "3.2", "3.3", "3.4", "3.5", "3.6"],
    "an unknown opcode is refused, and the connection stays": ["4.*"],
    "fragments in a wrong order are taken as they come": ["5.9", "5.1[0-8]"],
    "nothing says that a text is UTF-8": [
        *("6.3.*", "6.4.*", "6.6.1", "6.6.3", "6.6.4", "6.6.6", "6.6.8", "6.6.10", "6.8.*", "6.10.*", "6.11.5"),
        *("6.12.*", "6.13.*", "6.14.*", "6.15.*", "6.16.*", "6.17.*", "6.18.*", "6.19.*", "6.20.*", "6.21.*"),
    ],
}
GOOD = {"OK", "INFORMATIONAL", "NON-STRICT"}


def is_otherwise(case):
    return any(fnmatch.fnmatchcase(case, pattern) for patterns in OTHERWISE.values() for pattern in patterns)


@pytest.fixture
def echo_port():
    """Start the echo on our port, and return that."""
    path = os.pathsep.join([*sys.path, str(TESTS), str(TESTS / "thunderoci")])
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("echoserver.py"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    ) as process:
        yield int(process.stdout.readline())
        assert process.poll() is None
        process.terminate()


def verdicts(address, folder, *options):
    """Run cases and return the behavior of each by its number."""
    command = [
        sys.executable,
        "-c",
        "from kosoku._cli import main; main()",
        "-p",
        "8",
        "-o",
        str(folder),
        *options,
        address,
    ]
    subprocess.run(command, capture_output=True, timeout=600, check=False)
    (of_one,) = json.loads((folder / "index.json").read_text()).values()
    return {case: verdict["behavior"] for case, verdict in of_one.items()}


def test_the_cases_of_autobahn(echo_port, tmp_path):
    if find_spec("kosoku") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("kosoku is not installed")
    whole = os.environ.get("SOAK") == "long"
    chosen = ["-x", "12.*", "-x", "13.*"] if whole else [word for case in SHORT for word in ("-i", case)]
    found = verdicts(f"127.0.0.1:{echo_port}/jsonrpc", tmp_path, *chosen)
    assert len(found) == (301 if whole else 128)
    assert {case for case, verdict in found.items() if verdict not in GOOD} == set(filter(is_otherwise, found))


def test_the_host_itself_outlives_them(up, tmp_path):
    if find_spec("kosoku") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("kosoku is not installed")
    box = up()
    files = box.open_files
    cases = ["*"] if os.environ.get("SOAK") == "long" else ["3.*", "4.*", "5.1*", "6.4.*"]
    found = verdicts(f"127.0.0.1:{box.port}/jsonrpc", tmp_path, *(word for case in cases for word in ("-i", case)))
    assert found
    assert "ERROR" not in found.values()
    assert box.call("listContainers")["result"]["success"] is True
    assert box.open_files <= files + 1
    status, said = box.end()
    assert (status, "Traceback" in said, "defect" in said) == (0, False, False)
