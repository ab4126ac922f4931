"""Members of results: each one dropped, renamed, and given another type."""

from functools import partial

from mutation.mutant import ENT, PROFILES, RDK, add

from conformance.catalogue import catalogue

from .changes import STARTS, Result, dropped, other_type, renamed, replaced

_ALL = ("listContainers", "getContainerState", "getContainerInfo", *STARTS, "stopContainer", "executeCommand")
_BOTH = (*_ALL, "pauseContainer", "resumeContainer")
_NEWER = ("hibernateContainer", "wakeupContainer", "annotate", "removeAnnotation")
_INFO = (
    "cpu",
    "cpu.usage",
    "cpu.usage.percpu",
    "cpu.usage.total",
    "id",
    "memory",
    "memory.user",
    "memory.user.failcnt",
)
_INFO += ("memory.user.limit", "memory.user.max", "memory.user.usage", "pids", "state", "timestamp")
MEMBERS = [
    *((method, "success", "success", PROFILES) for method in _BOTH),
    *((method, "errorReason", "errorReason", ENT) for method in _BOTH),
    *((method, name, name, ENT) for method in _NEWER for name in ("success", "errorReason")),
    ("listContainers", "containers", "containers", PROFILES),
    ("listContainers", "containers[].Descriptor", "Descriptor", PROFILES),
    ("listContainers", "containers[].Id", "Id", PROFILES),
    ("getContainerState", "containerId", "containerId", RDK),
    ("getContainerState", "state", "state", PROFILES),
    ("getContainerInfo", "info", "info", PROFILES),
    *(
        (
            "getContainerInfo",
            f"info.{path}",
            path.replace(".usage.", ".").replace(".user", "") if path != "cpu.usage" else "cpu",
            PROFILES,
        )
        for path in _INFO
    ),
    *((method, "descriptor", "descriptor", PROFILES) for method in STARTS),
]
"""Method, path, clause of the method's, profiles."""
_ELSEWHERE = dict.fromkeys(("listContainers.Descriptor", "listContainers.Id"), "startContainerFromDobbySpec/1")
"""Where a member is looked at other than in the method's own case of it."""
_FAULTS = {
    "dropped": (dropped, "{method} leaves out {path}"),
    "renamed": (renamed, "{method} writes the first letter of {path} in the other case"),
    "retyped": (lambda path: replaced(path, other_type), "{method} gives {path} another type"),
}


def finder(clause, first, stop):
    """Return the case about a clause whose number lies in the range that its module of cases has."""
    addresses = [case.id.partition("/")[2] for case in catalogue() if case.clause == clause]
    return next(address for address in addresses if first <= int(address.rpartition("/")[2]) < stop)


for _method, _path, _name, _profiles in MEMBERS:
    for _kind, (_change, _does) in _FAULTS.items():
        _clause = f"{_method}.{_name}"
        add(
            f"{_method}.{_path}.{_kind}",
            _does.format(method=_method, path=_path),
            _ELSEWHERE.get(_clause) or finder(_clause, 10, 30),
            _clause,
            partial(Result, _method, _change(_path)),
            profiles=_profiles,
        )
