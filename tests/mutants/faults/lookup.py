"""Which container a call reaches, and what counts as one."""

from functools import partial

from mutation.mutant import ENT, RDK, Mutant, add, mutant, refusal, succeeded, success

from .changes import ON_ONE, replaced


class Astray(Mutant):
    """A method acts on a container that `choose` takes out of those that are there."""

    def __init__(self, method, choose):
        self._method = method
        self._choose = choose

    def request(self, call):
        there = list(self.proxy.containers)
        if call.method == self._method and call.container in there:
            call.message["params"]["containerId"] = self._choose(there, there.index(call.container))

    def answer(self, call, message):
        """Say that the answer is about the container that was asked for."""
        if call.method == self._method and succeeded(message):
            replaced("containerId", call.container)(message["result"])
            replaced("info.id", call.container)(message["result"])
        return message


_CHOICES = {
    "first": ("the first one", lambda there, _at: there[0]),
    "last": ("the last one", lambda there, _at: there[-1]),
    "next": ("the one behind it in the list", lambda there, at: there[(at + 1) % len(there)]),
}
for _method in ON_ONE:
    for _name, (_which, _choose) in _CHOICES.items():
        _clause = f"{_method}.{'success' if _method == 'executeCommand' else 'addressee'}"
        add(
            f"lookup.{_method}-{_name}",
            f"{_method} acts on {_which}, whatever id the call gives",
            f"{_method}/4",
            _clause,
            partial(Astray, _method, _choose),
        )


class Polite(Mutant):
    """A method succeeds for a container that does not exist."""

    def __init__(self, method):
        self._method = method

    def request(self, call):
        missing = call.method == self._method and str(call.container).endswith("-missing")
        members = {
            "getContainerState": {"state": "Running", "containerId": call.container},
            "getContainerInfo": {"info": {}},
        }
        return success(self.proxy.profile, **members.get(self._method, {})) if missing else None


for _method in ON_ONE:
    add(
        f"lookup.{_method}-missing",
        f"{_method} succeeds for a container that does not exist",
        f"{_method}/3",
        f"{_method}.refusal",
        partial(Polite, _method),
    )


class IdsOnly(Mutant):
    """A method refuses descriptors in place of ids."""

    def __init__(self, method):
        self._method = method

    def request(self, call):
        digits = call.method == self._method and str(call.container).isdigit()
        return refusal(self.proxy.profile) if digits else None


for _method in ON_ONE:
    add(
        f"lookup.{_method}-ids-only",
        f"{_method} does not find a container by its descriptor",
        "?",
        f"{_method}.descriptor-lookup",
        partial(IdsOnly, _method),
    )


class WrongForm(Mutant):
    """Refusals come in the manner of the other profile."""

    def answer(self, call, message):
        if call.method in ON_ONE and "error" in message:
            return {"jsonrpc": "2.0", "id": call.id, **refusal(ENT)}
        if call.method in ON_ONE and message.get("result", {}).get("success") is False:
            return {"jsonrpc": "2.0", "id": call.id, **refusal(RDK)}
        return message


add(
    "lookup.other-form",
    "Refusals come in the manner of the other profile",
    "pauseContainer/3",
    "pauseContainer.failure-form",
    WrongForm,
)


@mutant("lookup.prefix", "?", "getContainerState.addressee")
class Prefix(Mutant):
    """A container is found by the beginning of its id, too, so that a longer id reaches the shorter one"""

    def request(self, call):
        if call.method in ON_ONE and call.container:
            longer = [name for name in self.proxy.containers if str(call.container).startswith(name)]
            if longer:
                call.message["params"]["containerId"] = min(longer, key=len)
