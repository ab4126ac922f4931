"""wrk, the load generator in C: it costs the machine less than our own client does, and can only repeat one request."""

import re
import shutil
import tempfile
from pathlib import Path

from benchmarks.errors import WrongAnswer
from benchmarks.program import PATIENCE, run
from benchmarks.sample import Sample

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


def available():
    return shutil.which("wrk") is not None


def version():
    """Return what to call it in a report."""
    _, text = run("wrk", "--version", statuses=(0, 1))
    return text.split(" [")[0].strip()


def load(port, connections, body, *, seconds):
    """Ask for so many whole seconds; return the sample. Raises WrongAnswer when not every answer was a 200."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "post.lua")
        script.write_text(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
            f"wrk.body = [==[{body.decode()}]==]\n",
            encoding="utf-8",
        )
        shape = ("-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE}s")
        url = f"http://127.0.0.1:{port}/jsonrpc"
        _, text = run("wrk", *shape, "--latency", "-s", script, url, limit=seconds + 2 * PATIENCE)
    return read(text)


def read(text):
    """Read what wrk prints."""
    bad = re.search(r"(Non-2xx.*|Socket errors:.*)", text)
    if bad:
        raise WrongAnswer(what="the HTTP server under wrk", answer=bad[1])
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", text)[1])
    p50, p99 = (_milliseconds(re.search(rf"^ +{percent}% +(\S+)", text, re.MULTILINE)[1]) for percent in (50, 99))
    count = int(re.search(r"(\d+) requests in", text)[1])
    return Sample(count, rate, p50, p99)


def _milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()
    return float(number) * _UNITS[unit]
