"""What can go wrong here, by whose fault it is.

`Refused` and `CreationFailed` are the daemon's own answers to its callers: they end as a failure value on D-Bus and a
line in the log. The subclasses of `UserError` are shown to whoever starts a program, and those of `ControlError` among
them to whoever controls one that runs; each docstring is the sentence.
"""


class Refused(Exception):
    """A rule of Dobby refused a container id, a Dobby spec or a bundle before anything was created."""


class CreationFailed(Exception):
    """The container runtime would not run what Dobby's own rules let through; a descriptor is spent."""


class UserError(Exception):
    """{problem}."""

    def __init__(self, **facts: object) -> None:
        super().__init__((self.__doc__ or "").format(**facts))


class BusUnreachable(UserError):
    """No D-Bus message bus answers at {address}: {reason}. Start one, or name another address with --bus."""


class BadBusAddress(UserError):
    """'{address}' is no D-Bus address: {reason}. Give one like unix:path=/run/dbus/system_bus_socket."""


class NoDBusDaemon(UserError):
    """There is no dbus-daemon on PATH. Install it (Debian: apt-get install dbus), or do without: --bus embedded."""


class BusDidNotStart(UserError):
    """The private dbus-daemon ended with status {status} before it listened: {reason}."""


class BusDoesNotListen(UserError):
    """The private dbus-daemon {program} does not listen after {seconds} seconds. Do without: --bus embedded."""


class BusCannotStart(UserError):
    """The message bus can't be started: {reason}."""


class BadListenAddress(UserError):
    """'{address}' is nothing to listen on: {reason}. Give a path like unix:path=/tmp/bus."""


class PathInUse(UserError):
    """Somebody listens at {path} already. End that message bus first, or choose another path with --bus-listen."""


class CannotListenAt(UserError):
    """The message bus can't listen at {path}: {reason}. Choose another path with --bus-listen."""


class BusLost(UserError):
    """The message bus at {address} went away."""


class NameDenied(UserError):
    """The message bus does not let us have the name {name}: {reason}. 'fakedobby policy' prints what it must know."""


class MisplacedOption(UserError):
    """{option} does not belong to '{command}' but to {owners}."""


class OutputClosed(UserError):
    """The READY line can't be written to standard output: {reason}."""


class NameTaken(UserError):
    """Somebody owns {name} on this bus already. End that daemon first, or use another bus with --bus."""


class UnknownQuirk(UserError):
    """There is no quirk '{quirk}'. These there are: {known}."""


class BadFault(UserError):
    """The fault can't be put in force; {where}: {reason}."""

    def __init__(self, *, where: str, reason: str) -> None:
        super().__init__(where=where or "the document", reason=reason)
        self.where = where
        """The key of the document that is wrong; "" when it is no object at all."""
        self.reason = reason


class FaultExists(UserError):
    """There is a fault '{id}' already. Remove it first, or give this one another id, or none."""


class BadScenario(UserError):
    """The scenario {file} can't be used; {where}: {reason}."""


class ControlError(UserError):
    """{problem}."""

    status = 500
    """What HTTP says of it."""
    where: str | None = None
    """The JSON path of what is wrong in what was given."""

    @property
    def detail(self) -> str:
        """The sentence for who is told apart what it is about."""
        return str(self)

    @property
    def title(self) -> str:
        """What it is in one word: how D-Bus calls it."""
        return type(self).__name__


class NoSuchThing(ControlError):
    """There is no {kind} '{name}'."""

    status = 404


class BadInput(ControlError):
    """{where}: {problem}."""

    status = 400

    def __init__(self, *, where: str, problem: object) -> None:
        super().__init__(where=where, problem=problem)
        self.where = where
        self._problem = str(problem)

    @property
    def detail(self) -> str:
        """What is wrong, without where."""
        return f"{self._problem[:1].upper()}{self._problem[1:].removesuffix('.')}."


class NotNow(ControlError):
    """{problem}."""

    status = 409


class NotHere(ControlError):
    """{problem}."""

    status = 501


class DaemonGone(UserError):
    """The daemon left the bus for good, as the fault {fault} wanted it."""
