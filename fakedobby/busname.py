"""How the daemon comes by its name on the bus."""

from collections.abc import Awaitable, Callable, Iterable

from txdbus.error import FailedToAcquireName, RemoteError

from fakedobby.bus import BusConnection
from fakedobby.errors import NameDenied, NameTaken


async def take_name(
    connection: BusConnection, name: str, waits: Iterable[float], wait: Callable[[float], Awaitable[object]]
) -> None:
    """Own a name; `wait` lets so many seconds pass before the next attempt while somebody else has it.

    Raises NameTaken when that one still has it after all `waits`, and NameDenied when the bus does not let us have it.
    """
    for seconds in (*waits, None):
        try:
            await connection.requestBusName(name)
        except FailedToAcquireName:
            if seconds is None:
                raise NameTaken(name=name) from None
        except RemoteError as problem:
            raise NameDenied(name=name, reason=problem.errName) from None
        else:
            return
        await wait(seconds)
