"""Runs cases of the suite against a mutant, in this process."""

from types import SimpleNamespace

from conformance.engine import run_case
from conformance.run import Run
from conformance.settings import Settings
from conformance.target import Target

from .mutant import TIMEOUT, Mutant
from .proxy import Proxy

_PATIENCE = 30
"""Seconds that an answer may take which no fault can touch."""


class Bench:
    """An emulator of a profile, at `url`, behind a proxy; `bundle` is the path of a bundle that it can start."""

    def __init__(self, url, profile, bundle):
        self.profile = profile
        self.proxy = Proxy(url, profile)
        self._bundle = str(bundle)

    async def start(self):
        await self.proxy.listen()

    async def stop(self):
        await self.proxy.close()

    async def judge(self, mutant, cases, timeout=TIMEOUT):
        """Return the results of cases that are run one after the other on one mutant.

        The first look at the target, and the cleaning up, meet no fault: what they would make of one is no case's verdict.
        So nothing there depends on an answer that does not come, and they wait longer than any busy machine takes.
        """
        url = self.proxy.url
        settings = Settings(urls=(url,), profile=self.profile, bundle_path=self._bundle, seed=1, timeout=timeout)
        target = Target(url, timeout=_PATIENCE)
        run = Run(target, settings, SimpleNamespace(interrupted=False))
        self.proxy.mutant = Mutant()
        self.proxy.containers.clear()
        await run.probe()
        self.proxy.mutant, target.timeout = mutant, timeout
        try:
            return [await run_case(case, run) for case in cases]
        finally:
            self.proxy.mutant, target.timeout = Mutant(), _PATIENCE
            for container_id in sorted(name for name in await run.listed() or () if run.id in name):
                await run.quietly("stopContainer", containerId=container_id, force=True)  # it may take its time to end
            await target.close()
            mistakes, self.proxy.mistakes = self.proxy.mistakes, []
            for mistake in mistakes:
                mistake.raiseException()


def found(result, clause):
    """Tell whether a result accuses the target of breaking a clause, with no known quirk to excuse it."""
    return any(breach.clause.id == clause and not breach.quirk for breach in result.breaches)
