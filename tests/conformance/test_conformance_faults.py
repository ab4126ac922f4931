"""Each of the nine methods gets faults put in by hand; a named case has to find each, by the clause that it breaks."""

from collections.abc import Callable
from typing import Any

import pytest
import pytest_twisted
from in_process import cases, clauses_broken
from scripted_thunder import Plugin, thunder

from conformance import spec

METHODS = list(spec.documented())
STARTS = ["startContainer", "startContainerFromDobbySpec"]
Change = Callable[[dict[str, Any]], dict[str, Any]]


def renamed(old: str, new: str) -> Change:
    return lambda result: {new if name == old else name: value for name, value in result.items()}


def in_entries(change: Change) -> Change:
    return lambda result: {**result, "containers": [change(entry) for entry in result["containers"]]}


def in_info(change: Change) -> Change:
    return lambda result: {**result, "info": change(result["info"])}


def replaced(name: str, value: object) -> Change:
    return lambda result: {**result, name: value}


# method, fault, change of its results, method whose first case finds it (None: the same), part of the clause
ANSWERS = [
    *((method, "no success", renamed("success", "x"), None, "success") for method in METHODS),
    *((method, "success is a string", replaced("success", "true"), None, "success") for method in METHODS),
    *((method, "success is 1", replaced("success", 1), None, "success") for method in METHODS),
    *((method, "Success", renamed("success", "Success"), None, "success") for method in METHODS),
    *((method, "Descriptor", renamed("descriptor", "Descriptor"), None, "descriptor") for method in STARTS),
    *((method, "descriptor is 0", replaced("descriptor", 0), None, "descriptor") for method in STARTS),
    *((method, "descriptor is a string", replaced("descriptor", "91"), None, "descriptor") for method in STARTS),
    ("listContainers", "Containers", renamed("containers", "Containers"), None, "containers"),
    ("listContainers", "descriptor", in_entries(renamed("Descriptor", "descriptor")), "startContainer", "Descriptor"),
    ("listContainers", "id", in_entries(renamed("Id", "id")), "startContainer", "Id"),
    (
        "listContainers",
        "entries twice",
        lambda r: {**r, "containers": r["containers"] * 2},
        "startContainer",
        "containers",
    ),
    ("getContainerState", "containerid", renamed("containerId", "containerid"), None, "containerId"),
    ("getContainerState", "another id", replaced("containerId", "other"), None, "containerId"),
    ("getContainerState", "State", renamed("state", "State"), None, "state"),
    ("getContainerState", "lower-case state", replaced("state", "running"), None, "state"),
    ("getContainerInfo", "Info", renamed("info", "Info"), None, "info"),
    ("getContainerInfo", "Id", in_info(renamed("id", "Id")), None, "id"),
    ("getContainerInfo", "another id", in_info(replaced("id", "other")), None, "id"),
    ("getContainerInfo", "capitalised state", in_info(replaced("state", "Running")), None, "state"),
    ("getContainerInfo", "time as text", in_info(replaced("timestamp", "12")), None, "timestamp"),
    ("getContainerInfo", "pids as text", in_info(replaced("pids", ["12"])), None, "pids"),
    ("getContainerInfo", "no cpu", in_info(renamed("cpu", "CPU")), None, "cpu"),
    ("getContainerInfo", "no memory.user", in_info(replaced("memory", {})), None, "memory"),
]


@pytest.mark.parametrize(
    ("method", "change", "case", "clause"),
    [
        (method, change, f"ocicontainer/{finder or method}/1", f"{method}.{clause}")
        for method, _, change, finder, clause in ANSWERS
    ],
    ids=[f"{method}-{name}" for method, name, *_ in ANSWERS],
)
@pytest_twisted.ensureDeferred
async def test_a_wrong_answer_is_found(method: str, change: Change, case: str, clause: str) -> None:
    plugin = Plugin(fault=lambda called, result: change(result) if called == method else result)
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, case.rpartition("/")[0] + "/*")
    assert clause in broken[case]


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("method", [name for name in METHODS if name not in [*STARTS, "listContainers"]])
@pytest_twisted.ensureDeferred
async def test_acting_on_another_container_is_found(method: str, which: int) -> None:
    plugin = Plugin(reach=lambda called, asked, ids: ids[which] if called == method and ids else asked)
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{method}/*")
    assert any(clause.startswith(method) for clause in broken[f"ocicontainer/{method}/4"])


@pytest.mark.parametrize("method", STARTS)
@pytest_twisted.ensureDeferred
async def test_starting_under_another_id_is_found(method: str) -> None:
    plugin = Plugin(reach=lambda called, asked, _: f"{asked}x" if called == method else asked)
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{method}/1")
    assert broken == {f"ocicontainer/{method}/1": [f"{method}.effect"]}


@pytest_twisted.ensureDeferred
async def test_listing_other_ids_is_found() -> None:
    change = in_entries(lambda entry: {**entry, "Id": f"{entry['Id']}x"})
    plugin = Plugin(fault=lambda called, result: change(result) if called == "listContainers" else result)
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, "ocicontainer/startContainer/1")
    assert broken == {"ocicontainer/startContainer/1": ["startContainer.effect"]}


@pytest.mark.parametrize("method", ["pauseContainer", "resumeContainer", "stopContainer"])
@pytest_twisted.ensureDeferred
async def test_a_call_that_does_nothing_is_found(method: str) -> None:
    plugin = Plugin()
    setattr(plugin, f"do_{method}", lambda **_: {})
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{method}/1")
    assert broken == {f"ocicontainer/{method}/1": [f"{method}.effect"]}


@pytest.mark.parametrize("name", ["deleteContainer", "execCommamd"])
@pytest_twisted.ensureDeferred
async def test_a_method_that_must_not_exist_is_found(name: str) -> None:
    plugin = Plugin()
    setattr(plugin, f"do_{name}", lambda **_: {})
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{name}/1")
    assert broken == {f"ocicontainer/{name}/1": [f"{name}.unknown"]}


@pytest.mark.parametrize("name", ["deleteContainer", "execCommamd"])
@pytest_twisted.ensureDeferred
async def test_a_method_that_exists_and_only_refuses_is_found(name: str) -> None:
    plugin = Plugin()
    setattr(plugin, f"do_{name}", lambda containerId, **_: plugin._container(containerId))  # noqa: N803 - on the wire
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{name}/1")
    assert broken == {f"ocicontainer/{name}/1": [f"{name}.unknown"]}


@pytest.mark.parametrize("method", [name for name in METHODS if name not in [*STARTS, "listContainers"]])
@pytest_twisted.ensureDeferred
async def test_success_for_a_missing_container_is_found(method: str) -> None:
    plugin = Plugin()
    setattr(plugin, f"do_{method}", lambda **_: {})
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, f"ocicontainer/{method}/3")
    assert broken == {f"ocicontainer/{method}/3": [f"{method}.refusal"]}


@pytest_twisted.ensureDeferred
async def test_a_good_plugin_breaks_nothing_and_is_left_as_it_was() -> None:
    plugin = Plugin(containers={"somebody.else": [91, "Paused"]})
    with thunder(plugin) as server:
        broken = await clauses_broken(server.url, "*")
    assert broken == {case.id: [] for case, _ in cases()}
    assert plugin.containers == {"somebody.else": [91, "Paused"]}
