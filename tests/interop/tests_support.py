"""What the tests with real clients share."""

import json
import os
import shutil
import subprocess
import urllib.request

import pytest

BUSES = ("private", "embedded")
"""The values of --bus that mean a bus which our programs run."""
SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "60"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}


def run(*command, **options):
    """Run a command to its end; return exit status, standard output and standard error."""
    if shutil.which(command[0]) is None:
        # a developer may do without a tool; what CI would not have checked must not look as if it had
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def post(url, method, params=None):
    """Call a method of the plugin over HTTP; return the answer."""
    call = {"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params or {}}
    with urllib.request.urlopen(url, data=json.dumps(call).encode(), timeout=20) as answer:
        return json.load(answer)
