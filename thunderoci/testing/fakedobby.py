"""A fake Dobby of a test's own."""

import json
import re
from typing import Any, Self

from fakedobby.protocol import BUS_NAME, METHODS, OBJECT_PATH
from thunderoci.emulator import ChildProgram
from thunderoci.testing.dbus import DBusClient
from thunderoci.testing.emulated import Emulated
from thunderoci.testing.errors import BadCall, ControlFailed, DobbyError, is_told
from thunderoci.testing.options import Options

__tracebackhide__ = is_told

_CONTROL_PATH = "/org/thunderoci/emulator"
_CONTROL_INTERFACE = "org.thunderoci.Emulator1"
_ERRORS = "org.thunderoci.Error."
_TYPE = re.compile("a?.")
_TIMEOUT = 10.0


class DBusControl:
    """The control API over D-Bus."""

    def __init__(self, client: DBusClient, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    def do(self, operation: str, timeout: float | None = None, /, **members: Any) -> Any:
        """Carry out an operation and return its value. Raises ControlFailed and BusFailed."""
        member = f"{operation[:1].upper()}{operation[1:]}"
        try:
            (text,) = self._client.call_within(
                timeout or self._timeout,
                BUS_NAME,
                _CONTROL_PATH,
                _CONTROL_INTERFACE,
                member,
                "s",
                json.dumps(members),
            )
        except DobbyError as problem:
            kind = problem.name.removeprefix(_ERRORS)
            raise ControlFailed(operation=operation, kind=kind, detail=problem.text or problem.name) from None
        return json.loads(text) if text else None

    def apart(self) -> Self:
        """Return another with a connection of its own. Raises BusFailed."""
        return type(self)(self._client.apart(), self._timeout)

    def close(self) -> None:
        """Leave the bus."""
        self._client.close()


class FakeDobby(Emulated):
    """A fake Dobby in a process of its own, on a message bus of its own, for a `with` block.

    It ends with this process at the latest. Its options are those of Options that are Dobby's business. Raises
    EmulatorFailed, UnknownOption and BadOption.
    """

    def __init__(self, options: Options | None = None, /, **more: Any) -> None:
        self.program = ChildProgram("fakedobby", *Options.of(options, **more).daemon_words())
        self.program.start()
        self.address: str = self.program.ready["bus"]
        """The address of the message bus, for DBUS_SYSTEM_BUS_ADDRESS and the like."""
        try:
            self._client = DBusClient(self.address, _TIMEOUT)
        except BaseException:
            self.program.end()
            raise
        super().__init__(DBusControl(self._client, _TIMEOUT), self.program)

    def call(self, member: str, *values: Any) -> Any:
        """Call one of Dobby's methods and return the value of its reply, a list of them where there are several.

        Raises BadCall where Dobby has no such method with so many arguments, DobbyError for a D-Bus error.
        """
        method = METHODS.get(member)
        if method is None:
            raise BadCall(member=member, reason=f"Dobby has {', '.join(METHODS)}")
        # what takes any arguments can do without
        signatures = [one for one in method.accepts or ("",) if len(_TYPE.findall(one)) == len(values)]
        if not signatures:
            raise BadCall(member=member, reason=f"it takes {' or '.join(map(repr, method.accepts or ('',)))}")
        reply = self._client.call(BUS_NAME, OBJECT_PATH, method.interface, member, signatures[0], *values)
        return reply[0] if len(reply) == 1 else reply

    def assert_called(self, member: str, /, *arguments: Any, times: int | None = None, within: float = 0) -> Any:
        """Claim that somebody called a method, with these first arguments; return the journal's entries.

        `times` is how often (at least once without it), `within` how many real seconds it may still take. Raises
        AssertionError, which shows the calls that came nearest.
        """
        return self.assert_dobby_called(member, *arguments, times=times, within=within)

    def assert_not_called(self, member: str, /, *arguments: Any) -> None:
        """Claim that nobody called a method with these first arguments so far. Raises AssertionError."""
        self.assert_dobby_called(member, *arguments, times=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.program.running

    def close(self) -> None:
        """Leave the bus and end the daemon."""
        self._client.close()
        self.program.end()
