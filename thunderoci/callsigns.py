"""The plugins of a host by their callsigns, and which of them a designator means.

Source of the rules: facts/thunder.md B.
"""

from collections.abc import Iterable, Iterator

from thunderoci.designator import Designator, is_number, version_of
from thunderoci.errors import Failed, Failure
from thunderoci.plugin import Plugin
from thunderoci.service import Service

Found = tuple[Service, int | None]
"""The plugin that a call goes to, and the version that it asks for."""


class Callsigns:
    """Plugins in their order, the one first that is meant where no callsign is given."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._services = {plugin.callsign: Service(plugin) for plugin in plugins}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def at(self, callsign: str) -> Service | None:
        """Return the plugin of exactly this callsign."""
        return self._services.get(callsign)

    def add(self, plugin: Plugin) -> Service:
        """Take a plugin in behind the others, in the place of one of its callsign."""
        service = self._services[plugin.callsign] = Service(plugin)
        return service

    def remove(self, callsign: str) -> Service:
        """Have the plugin of exactly this callsign no more, and return it."""
        return self._services.pop(callsign)

    def find(self, designator: Designator) -> Found:
        """Return the plugin and the version that a designator means; raises Failed.

        A callsign matches a plugin when something separated by a dot follows, too. Only a number may follow, though the
        host then goes by the version that it split off before.
        """
        callsign = designator.callsign
        if callsign is None:
            return next(iter(self)), designator.version
        service = self._services.get(callsign)
        if service is not None:
            return service, designator.version
        for candidate, service in self._services.items():
            head, dot, rest = callsign.partition(candidate + ".")
            if dot and not head:
                if not is_number(rest):
                    raise Failed(Failure.INVALID_SIGNATURE, f"{rest!r} is no version")
                return service, version_of(rest) if designator.version is None else designator.version
        raise Failed(Failure.UNKNOWN_CALLSIGN, f"there is no plugin {callsign!r}")
