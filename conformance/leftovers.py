"""What dead runs have left on a target: named, and taken away when the user asks for it."""

from collections.abc import Iterable

from conformance.containers import POLL
from conformance.errors import tell
from conformance.lease import Leases, sort_out
from conformance.run import Run


async def look_for_leftovers(run: Run, leases: Leases) -> None:
    """Name the containers of runs whose lease is dead, and stop them with ``--clean``; others are only named."""
    listed = await run.listed()
    if listed is None:
        return  # nobody can tell what is there
    leases.tidy(run.target.url, listed)
    found = sort_out(listed, run.id, leases)
    dead = set(found.dead)
    if found.unknown:
        tell(f"{run.target.url} has containers of runs that this machine knows nothing of: {_names(found.unknown)}")
    if not dead:
        return
    if not run.settings.clean:
        tell(f"{run.target.url} has containers that dead runs left: {_names(dead)}; --clean removes them")
        return
    until = run.target.clock.seconds() + run.target.timeout
    for container_id in sorted(dead):
        if run.target.clock.seconds() < until:
            await run.quietly("stopContainer", containerId=container_id, force=True)
    listed = await _until_gone(run, dead)
    if listed is None:
        tell(f"{run.target.url} may still have {_names(dead)}: the list of containers cannot be read")
        return
    left = dead & listed
    if left:
        tell(f"{run.target.url} still has {_names(left)}: they do not end")
    if dead - left:
        tell(f"removed what dead runs left: {_names(dead - left)}")
    leases.tidy(run.target.url, listed)


async def _until_gone(run: Run, ids: set[str]) -> set[str] | None:
    """Wait until none of the ids is listed, as long as an answer may take; return what is listed, None if unknown."""
    until = run.target.clock.seconds() + run.target.timeout
    while (listed := await run.listed()) is not None and ids & listed and run.target.clock.seconds() < until:
        await run.target.pause(POLL)
    return listed


def _names(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids))
