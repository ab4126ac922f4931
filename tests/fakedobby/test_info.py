"""The GetInfo document (facts/dobby.md 4)."""

import json

import pytest

from fakedobby.config import INIT, Config
from fakedobby.info import Snapshot, document, styled

SNAPSHOT = Snapshot(
    container_id="app1",
    descriptor=734,
    config=Config(args=(INIT, "/bin/sleep", "60"), cwd="/", memory_limit=67108864),
    state="running",
    active_seconds=3.0,
    uptime=854.5,
)

# as jsoncpp lays such a document out
LAYOUT = """\
{
 "cpu" : 
 {
  "usage" : 
  {
   "percpu" : 
   [
    9350000,
    7650000
   ],
   "total" : 17000000
  }
 },
 "id" : "app1",
 "memory" : 
 {
  "user" : 
  {
   "failcnt" : 0,
   "limit" : 67108864,
   "max" : 1392640,
   "usage" : 1130496
  }
 },
 "pids" : 
 [
  11468,
  11469
 ],
 "processes" : 
 [
  {
   "cmdline" : "/usr/libexec/DobbyInit /bin/sleep 60 ",
   "executable" : "/usr/libexec/DobbyInit",
   "nsPid" : 1,
   "pid" : 11468
  },
  {
   "cmdline" : "/bin/sleep 60 ",
   "executable" : "/bin/sleep",
   "nsPid" : 2,
   "pid" : 11469
  }
 ],
 "state" : "running",
 "timestamp" : 854500000000
}"""


@pytest.mark.fact(
    "D4-indent",
    "D4-colon",
    "D4-opening",
    "D4-sorted",
    "D4-keys",
    "D4-no-gpu",
    "D4-cpu",
    "D4-memory",
    "D4-process-keys",
    "D4-process-numbers",
    "D4-pids",
    "D4-cmdline",
    "D4-init",
    "D4-timestamp",
    "D4-limit",
)
def test_layout():
    assert document(SNAPSHOT) == LAYOUT


def test_cpu_time_grows_with_active_time():
    later = json.loads(document(SNAPSHOT._replace(active_seconds=4.0)))["cpu"]["usage"]
    assert later["total"] > 17000000
    assert sum(later["percpu"]) == later["total"]


@pytest.mark.fact("D4-unlimited")
def test_unlimited_memory():
    config = Config(args=("x",), cwd="/", memory_limit=None)
    info = json.loads(document(SNAPSHOT._replace(config=config)))
    assert info["memory"]["user"] == {"failcnt": 0, "limit": 9223372036854771712, "max": 1392640, "usage": 1130496}
    assert [process["cmdline"] for process in info["processes"]] == ["x "]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"a": []}, '{\n "a" : []\n}'),
        ([1], "[\n 1\n]"),
        ("é\n", '"\\u00e9\\n"'),
        (None, "null"),
    ],
)
def test_small_values(value, text):
    assert styled(value) == text


@pytest.mark.fact("D4-annotations")
def test_annotations_only_when_there_are_any():
    assert "annotations" not in json.loads(document(SNAPSHOT))
    text = document(SNAPSHOT._replace(annotations={"b": "", "a": "x"}))
    assert text.startswith('{\n "annotations" : \n {\n  "a" : "x",\n  "b" : ""\n },\n "cpu" : ')


@pytest.mark.parametrize("state", ["paused", "hibernating", "hibernated", "awakening"])
def test_the_state_is_named(state):
    assert json.loads(document(SNAPSHOT._replace(state=state)))["state"] == state


def test_memory_grows_with_active_time_only_and_stays_within_its_limit():
    def memory(**changes):
        return json.loads(document(SNAPSHOT._replace(**changes)))["memory"]["user"]

    assert memory(active_seconds=0.0)["usage"] < memory()["usage"] < memory(active_seconds=1000.0)["usage"]
    assert memory(uptime=9999.0) == memory()
    assert memory()["usage"] <= memory()["max"] <= memory()["limit"]
    small = memory(config=Config(args=("x",), cwd="/", memory_limit=500000), active_seconds=10.0**6)
    assert small["usage"] == small["max"] == small["limit"] == 500000
