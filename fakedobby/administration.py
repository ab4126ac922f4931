"""What the daemon answers at once, whatever its work queue is doing: its administration."""

import logging
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from fakedobby.admin import sets_log_method
from fakedobby.bus import BusConnection, connect
from fakedobby.errors import UserError
from fakedobby.protocol import Reply
from fakedobby.surroundings import Failure

log = logging.getLogger(__name__)


class Administration:
    """Answers admin1 on a bus connection; `shut_down` ends the daemon.

    The real daemon does this on the thread that reads the bus.
    """

    def __init__(self, connection: BusConnection, shut_down: Callable[[], None]) -> None:
        self._connection = connection
        self._shut_down = shut_down

    def call(
        self, member: str, signature: str, arguments: list[Any], answer: Callable[[Reply | Failure], None]
    ) -> None:
        """Carry out a call whose argument types fit, and answer it by `answer`."""
        match member:
            case "SetLogMethod":
                answer(Reply("b", (sets_log_method(signature, arguments),)))
            case "SetLogLevel":
                answer(Reply("b", (True,)))
            case "SetAIDbusAddress":
                reached = Deferred.fromCoroutine(self._reaches(arguments[1]))
                reached.addErrback(_not_reached)
                reached.addCallback(lambda found: answer(Reply("b", (found,))))
            case "Shutdown":
                answer(Reply(""))
                self._shut_down()
            case _:
                answer(Reply(""))

    async def _reaches(self, address: str) -> bool:
        """Tell whether a message bus answers at an address."""
        if ":" not in address:  # connect() knows buses by name, the daemon does not
            return False
        try:
            connection = await connect(self._connection.transport.reactor, address)
        except UserError as reason:
            log.info("SetAIDbusAddress refused: %s", reason)
            return False
        connection.disconnect()
        return True


def _not_reached(failure: Any) -> bool:
    log.error("trying an address broke; this is a defect of ours, please report it: %s", failure.value)
    return False
