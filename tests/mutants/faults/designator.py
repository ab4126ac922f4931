"""How methods are addressed."""

from functools import partial

from mutation.mutant import ENT, RDK, Mutant, add, error

from .changes import ON_ONE

_UNKNOWN = error(-32601, "Unknown method.")


class Unknown(Mutant):
    """Methods are not known by designators that `strange` picks."""

    def __init__(self, strange):
        self._strange = strange

    def request(self, call):
        designator = str(call.message.get("method"))
        return _UNKNOWN if "OCIContainer" in designator and self._strange(designator) else None


class Rewritten(Mutant):
    """A designator counts as another one."""

    def __init__(self, change):
        self._change = change

    def request(self, call):
        call.message["method"] = self._change(str(call.message.get("method")))


class Paths(Mutant):
    """Requests at other paths than /jsonrpc are refused."""

    def __init__(self, path):
        self._path = path

    def request(self, call):
        if call.head is not None and call.head.start.split()[1].partition("?")[0] == self._path:
            return error(2, "ERROR_UNAVAILABLE")
        return None


_METHODS = {
    name.casefold(): name for name in (*ON_ONE, "listContainers", "startContainer", "startContainerFromDobbySpec")
}


def _any_case(designator):
    rest, dot, method = designator.rpartition(".")
    return rest + dot + _METHODS.get(method.casefold(), method)


add(
    "designator.version-unknown",
    "Methods are not found when the call gives the version",
    "designator/1",
    "designator.version",
    partial(Unknown, lambda name: ".1." in name),
)
add(
    "designator.version-demanded",
    "Methods are not found when the call gives no version",
    "designator/2",
    "designator.unversioned",
    partial(Unknown, lambda name: ".1." not in name),
)
add(
    "designator.any-version",
    "A version that does not exist is as good as any other",
    "designator/3",
    "designator.version.unsupported",
    partial(Rewritten, lambda name: name.replace(".2.", ".1.").replace(".99.", ".1.")),
)
add(
    "designator.any-case",
    "The case of a method's letters does not matter",
    "designator/5",
    "designator.case",
    partial(Rewritten, _any_case),
)
add(
    "designator.no-slash",
    "The path /jsonrpc/ is unknown",
    "designator/4",
    "designator.path",
    partial(Paths, "/jsonrpc/"),
)
add(
    "designator.no-callsign",
    "The path /jsonrpc/org.rdk.OCIContainer is unknown",
    "designator/4",
    "designator.path",
    partial(Paths, "/jsonrpc/org.rdk.OCIContainer"),
)


class Anything(Mutant):
    """What does not exist succeeds; `meant` picks the calls."""

    def __init__(self, meant):
        self._meant = meant

    def answer(self, call, message):
        if "error" in message and self._meant(call):
            return {"jsonrpc": "2.0", "id": call.id, "result": None}
        return message


def _ours(call):
    return "OCIContainer" in str(call.message.get("method"))


add(
    "designator.any-method",
    "A method that does not exist succeeds",
    "envelope/20",
    "envelope.unknown-method",
    partial(Anything, _ours),
)
add(
    "designator.any-plugin",
    "A plugin that does not exist answers",
    "envelope/21",
    "envelope.unknown-callsign",
    partial(Anything, lambda call: not _ours(call)),
)


class Code(Mutant):
    """Unknown methods get another error code."""

    def answer(self, call, message):
        if "error" in message and message["error"].get("code") in {-32601, 53}:
            message["error"]["code"] = 22
        return message


add(
    "designator.unknown-code",
    "The error for an unknown method has the code 22",
    "envelope/20",
    "envelope.unknown-method.code",
    Code,
)

for _method in ("annotate", "hibernateContainer"):
    add(
        f"designator.{_method}-exists",
        f"{_method}, which only the newer profile has, exists",
        "profile/2",
        "profile.methods",
        partial(Anything, lambda call, method=_method: call.method == method),
        profiles=RDK,
    )


class Mixed(Mutant):
    """listContainers answers in the manner of the other profile."""

    def answer(self, call, message):
        result = message.get("result") if isinstance(message, dict) else None
        if call.method == "getContainerState" and isinstance(result, dict):
            if self.proxy.profile == ENT:
                result.pop("errorReason", None)
                result["containerId"] = call.container
            else:
                result["errorReason"] = ""
        return message


add(
    "designator.mixed-profiles",
    "getContainerState answers in the manner of the other profile, the other methods do not",
    "profile/1",
    "profile.consistent",
    Mixed,
)
