"""What calls are given: parameters that are missing, mistyped, empty; and the ways in which JSON may be written."""

import json
from functools import partial

from mutation.mutant import RDK, SILENCE, Mutant, add, mutant, refusal, success

from .changes import ON_ONE, STARTS
from .fields import finder

_EXTRA = {
    "getContainerState": {"state": "Running"},
    "getContainerInfo": {"info": {}},
    **{start: {"descriptor": 4711} for start in STARTS},
}


class Lenient(Mutant):
    """A method takes calls in which a parameter is missing, mistyped or empty."""

    def __init__(self, method, name, wrong):
        self._method = method
        self._name = name
        self._wrong = wrong

    def request(self, call):
        if call.method != self._method or not self._wrong(call.params, self._name):
            return None
        answer = success(self.proxy.profile, **_EXTRA.get(self._method, {}))
        if self._method == "getContainerState" and self.proxy.profile == RDK:
            answer["result"]["containerId"] = call.container
        return answer


_WRONGS = {
    "missing": ("without {name}", lambda params, name: name not in params),
    "type": ("whose {name} is no text", lambda params, name: name in params and not isinstance(params[name], str)),
    "empty": ("whose {name} is empty", lambda params, name: params.get(name) == ""),
}
_REQUIRED = [
    *((method, "containerId") for method in (*ON_ONE, *STARTS)),
    (STARTS[0], "bundlePath"),
    (STARTS[1], "dobbySpec"),
]
for _method, _name in _REQUIRED:
    for _kind, (_does, _wrong) in _WRONGS.items():
        _clause = f"{_method}.param.{_name}.{_kind}"
        add(
            f"params.{_method}-{_name}-{_kind}",
            f"{_method} succeeds for a call {_does.format(name=_name)}",
            finder(_clause, 30, 60),
            _clause,
            partial(Lenient, _method, _name, _wrong),
        )


class Demanding(Mutant):
    """A method refuses calls in which an optional parameter is missing."""

    def __init__(self, method, name):
        self._method = method
        self._name = name

    def request(self, call):
        refused = call.method == self._method and self._name not in call.params
        return refusal(self.proxy.profile) if refused else None


for _method, _name in (("stopContainer", "force"), (STARTS[0], "command"), (STARTS[1], "command")):
    _clause = f"{_method}.param.{_name}.missing"
    add(
        f"params.{_method}-{_name}-demanded",
        f"{_method} refuses calls without {_name}",
        finder(_clause, 30, 60),
        _clause,
        partial(Demanding, _method, _name),
    )


class Picky(Mutant):
    """Refuses a form of the Dobby spec."""

    def __init__(self, kind):
        self._kind = kind

    def request(self, call):
        refused = call.method == STARTS[1] and isinstance(call.params.get("dobbySpec"), self._kind)
        return refusal(self.proxy.profile) if refused else None


add(
    "params.spec-object-refused",
    "A Dobby spec that comes as an object is refused",
    "startContainerFromDobbySpec/57",
    "startContainerFromDobbySpec.param.dobbySpec.object",
    partial(Picky, dict),
)
add(
    "params.spec-text-refused",
    "A Dobby spec that comes as text is refused",
    "startContainerFromDobbySpec/58",
    "startContainerFromDobbySpec.param.dobbySpec.string",
    partial(Picky, str),
)


class Deaf(Mutant):
    """Refuses or swallows requests that are written in some way; `hears` gets the call and tells."""

    def __init__(self, deaf_to, *, silent=False):
        self._deaf_to = deaf_to
        self._silent = silent

    def request(self, call):
        if self._deaf_to(call):
            return SILENCE if self._silent else refusal(self.proxy.profile)
        return None


def _order(call):
    """Tell whether containerId is not the first parameter."""
    return "containerId" in call.params and next(iter(call.params)) != "containerId"


def _space(call):
    compact = json.dumps(call.message, separators=(",", ":")).encode()
    plain = json.dumps(call.message).encode()
    return call.body.strip() not in {compact, plain} and b"\\" not in call.body and call.body.isascii()


_KNOWN = {"containerId", "bundlePath", "dobbySpec", "command", "westerosSocket", "force", "options", "key", "value"}
_KNOWN |= {"event", "id", "source", "target", "type", "callsign"}
add(
    "params.order",
    "Parameters are known by their places: containerId has to be the first",
    "params/4",
    "params.order",
    partial(Deaf, _order),
)
add(
    "params.white-space",
    "A request with white space where nobody puts any is refused",
    "params/5",
    "params.whitespace",
    partial(Deaf, _space),
)
add(
    "params.more",
    "A parameter that the method does not know is refused",
    "params/3",
    "params.extra",
    partial(Deaf, lambda call: set(call.params) - _KNOWN),
)
add(
    "params.version-demanded",
    "A request without jsonrpc is refused",
    "params/6",
    "params.jsonrpc",
    partial(Deaf, lambda call: "jsonrpc" not in call.message),
)
add(
    "params.list-without",
    "listContainers refuses params",
    "?",
    "listContainers.params",
    partial(Deaf, lambda call: call.method == "listContainers" and "params" in call.message),
)


@mutant("params.unicode-lost", "params/1", "params.unicode")
class UnicodeLost(Mutant):
    """Text outside ASCII becomes question marks"""

    def request(self, call):
        if not call.body.isascii():
            call.message = json.loads(json.dumps(call.message, ensure_ascii=False).encode("ascii", "replace"))


@mutant("params.escapes-lost", "params/2", "params.escapes")
class EscapesLost(Mutant):
    """Text with JSON escapes loses what they stand for"""

    def request(self, call):
        if b"\\" in call.body and call.method not in STARTS[1:]:
            call.message = json.loads(call.body.replace(b"\\u", b"u").replace(b'\\"', b"'").replace(b"\\", b"/"))
