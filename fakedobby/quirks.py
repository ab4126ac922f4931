"""The known misbehaviour of the real daemon, as switches that are off.

What costs a developer hours and teaches nothing is not imitated unless somebody asks for it: with a quirk off, the fake
does the sane thing at once, and where it refuses something the log says what a real box would have done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fakedobby.errors import Refused, UnknownQuirk, UserError


@dataclass(frozen=True, slots=True, eq=False)
class Quirk:
    """One misbehaviour: its id, what a real daemon does, and where the notes on the real daemon say so.

    There is one object of each, which is equal to itself only: whether it is on is asked several times a call.
    """

    id: str
    sentence: str
    """Without a full stop."""
    source: str
    deterministic: bool = True
    """Whether --faithful switches it on too."""
    by_default: bool = False
    """Whether it is on unless somebody switches it off."""


CALL_SLOTS = Quirk(
    "D-call-slots",
    "Of more than 49 calls in flight the others get UnknownMethod; each unknown call uses up one of the 49 for ever",
    "facts/dobby.md 0",
)
HANG_ON_STRUCT = Quirk(
    "D-hang-on-struct",
    "An argument that is a struct or an array of containers makes the daemon loop for ever; it answers nobody again",
    "facts/dobby.md 0",
)
CRASH_WITHOUT_PLUGINS = Quirk(
    "D-crash-without-plugins",
    "GetInfo, Annotate and RemoveAnnotation on a container without rdkPlugins crash the daemon",
    "facts/dobby.md 4",
)
CRASH_WITHOUT_HOSTNAME = Quirk(
    "D-crash-without-hostname",
    "A config.json that Dobby does not rewrite and that has no hostname crashes the daemon",
    "facts/dobby.md 6",
)
CRASH_WITHOUT_LINUX = Quirk(
    "D-crash-without-linux",
    "A config.json without linux or linux.resources crashes the daemon",
    "facts/dobby.md 6",
)
CRASH_WITHOUT_PROCESS = Quirk(
    "D-crash-without-process",
    "A config.json without process crashes the daemon",
    "facts/dobby.md 6",
)
CRASH_ON_DISPLAY = Quirk(
    "D-crash-on-display",
    "A display socket beside a mount without source crashes the daemon",
    "facts/dobby.md 6",
)
RT_PRIORITY = Quirk(
    "D-rt-priority",
    "A Dobby spec with rtPriority is never answered, and no later call to ctrl1 or debug1 is",
    "facts/dobby.md 6",
)
DOUBLE_RESTART = Quirk(
    "D-double-restart",
    "A crash with restartOnCrash restarts twice: two Started, then StoppedWithStatus and Stopped of the dead run",
    "facts/dobby.md 2",
)
MOUNT_TUNNEL = Quirk(
    "D-mount-tunnel",
    "In a default build Mount always fails without the Storage plugin's mount tunnel in the container",
    "facts/dobby.md 5",
)
EARLY_NAME = Quirk(
    "D-early-name",
    "The daemon owns its bus name before it can answer: UnknownObject, then UnknownMethod, for a millisecond each",
    "facts/dobby.md 0",
    deterministic=False,
)

CATALOGUE = (
    CALL_SLOTS,
    HANG_ON_STRUCT,
    CRASH_WITHOUT_PLUGINS,
    CRASH_WITHOUT_HOSTNAME,
    CRASH_WITHOUT_LINUX,
    CRASH_WITHOUT_PROCESS,
    CRASH_ON_DISPLAY,
    RT_PRIORITY,
    DOUBLE_RESTART,
    MOUNT_TUNNEL,
    EARLY_NAME,
)


class Provokes(Refused):
    """A call provokes a misbehaviour of the real daemon; with its quirk off, that is a reason to refuse it."""

    def __init__(self, quirk: Quirk, what: str) -> None:
        super().__init__(f"{what}; on a real box (--quirk {quirk.id}): {quirk.sentence}")
        self.quirk = quirk


class DaemonCrashed(UserError):
    """The fake Dobby crashed as a real one does, with the quirk {quirk}: {sentence}."""


Quirks = frozenset[Quirk]
"""Those that are on."""
NONE: Quirks = frozenset()


def chosen(
    ids: Iterable[str], without: Iterable[str] = (), *, faithful: bool = False, catalogue: Sequence[Quirk] = CATALOGUE
) -> Quirks:
    """Return the quirks of these ids, those that are on by default, and with `faithful` all that are deterministic.

    Those whose ids are in `without` are off in any case. Raises UnknownQuirk.
    """
    by_id = {quirk.id: quirk for quirk in catalogue}
    ids, without = list(ids), list(without)
    for quirk_id in (*ids, *without):
        if quirk_id not in by_id:
            raise UnknownQuirk(quirk=quirk_id, known=", ".join(by_id))
    picked = {quirk for quirk in catalogue if quirk.by_default or (faithful and quirk.deterministic)}
    picked.update(by_id[quirk_id] for quirk_id in ids)
    return frozenset(picked - {by_id[quirk_id] for quirk_id in without})
