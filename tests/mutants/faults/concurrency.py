"""What happens when several calls are under way."""

from functools import partial

from mutation.mutant import SILENCE, Mutant, add, mutant, pause, succeeded
from twisted.internet import defer

from .changes import STARTS


class Crowd(Mutant):
    """Knows how many calls are under way at once."""

    def __init__(self):
        self.under_way = []

    def request(self, call):
        self.under_way.append(call)
        return self.taken(call)

    def taken(self, _call):
        return None

    def answer(self, call, message):
        given = self.given(call, message)
        if call in self.under_way:
            self.under_way.remove(call)
        return given

    def given(self, _call, message):
        return message


class Swapped(Crowd):
    """Of calls that are under way at once two get each other's answers, ids and all"""

    swaps_ids = True

    def __init__(self):
        super().__init__()
        self._held = None

    async def given(self, call, message):
        others = [each for each in self.under_way if each is not call]
        if self._held is None and others:
            self._held = (call, message, defer.Deferred())
            own = self._held
            own[2].addTimeout(0.05, _reactor(), onTimeoutCancel=lambda _result, _seconds: None)
            other = await own[2]
            if self._held is own:
                self._held = None
            return self._mixed(message, other) if other is not None else message
        if self._held is not None and self._held[0] is not call:
            _, other, waiting = self._held
            self._held = None
            waiting.callback(message)
            return self._mixed(message, other)
        return message

    async def answer(self, call, message):
        given = await self.given(call, message)
        if call in self.under_way:
            self.under_way.remove(call)
        return given

    def _mixed(self, own, other):
        return other if self.swaps_ids else {**other, "id": own["id"]}


def _reactor():
    from twisted.internet import reactor  # noqa: PLC0415 - the one that is installed by then

    return reactor


class SwappedResults(Swapped):
    """Of calls that are under way at once two get each other's results under their own ids"""

    swaps_ids = False


add("concurrency.results-swapped", SwappedResults.__doc__, "?", "concurrency.mixed", SwappedResults)


class OneLost(Crowd):
    """Of several calls that are under way at once one is never answered"""

    def __init__(self):
        super().__init__()
        self._lost = False

    def taken(self, call):
        if len(self.under_way) > 2 and not self._lost:
            self._lost = True
            self.under_way.remove(call)
            return SILENCE
        return None


add("concurrency.one-lost", OneLost.__doc__, "?", "http.answer", OneLost)


class OneIdle(Crowd):
    """Of several calls of a method that are under way at once one only says that it was done."""

    def __init__(self, methods, **members):
        super().__init__()
        self._methods = methods
        self._members = members
        self._done = False

    def taken(self, call):
        same = [each for each in self.under_way if each.method in self._methods]
        if call.method in self._methods and len(same) > 1 and not self._done:
            self._done = True
            self.under_way.remove(call)
            members = {
                **self._members,
                "success": True,
                **({"errorReason": ""} if self.proxy.profile == "entservices" else {}),
            }
            return {"result": members}
        return None


add(
    "concurrency.one-not-started",
    "Of containers that are started at once one is not started",
    "?",
    "concurrency.start",
    partial(OneIdle, STARTS, descriptor=4711),
)
add(
    "concurrency.one-not-stopped",
    "Of containers that are stopped at once one stays",
    "?",
    "concurrency.stop",
    partial(OneIdle, ("stopContainer",)),
)


@mutant("concurrency.same-descriptor", "?", "concurrency.start")
class SameDescriptor(Crowd):
    """Containers that are started at once get the same descriptor"""

    def __init__(self):
        super().__init__()
        self._last = None

    def given(self, call, message):
        if call.method in STARTS and succeeded(message):
            crowded = len([each for each in self.under_way if each.method in STARTS]) > 1
            if self._last and crowded:
                message["result"]["descriptor"] = self._last
            self._last = message["result"]["descriptor"]
        return message


@mutant("concurrency.duplicates", "?", "concurrency.duplicate")
class Duplicates(Crowd):
    """Of two starts under one id at the same time both succeed"""

    def __init__(self):
        super().__init__()
        self._starts = []

    def taken(self, call):
        if call.method in STARTS:
            self._starts.append(call.container)

    def given(self, call, message):
        if call.method in STARTS and not succeeded(message) and self._starts.count(call.container) > 1:
            members = {
                "descriptor": 4711,
                "success": True,
                **({"errorReason": ""} if self.proxy.profile == "entservices" else {}),
            }
            return {"jsonrpc": "2.0", "id": call.id, "result": members}
        return message


@mutant("concurrency.one-at-a-time", "?", "concurrency.busy", timeout=2.0)
class OneAtATime(Mutant):
    """A start takes long, and everything else waits for it"""

    def __init__(self):
        self._busy = 0

    async def request(self, call):
        if call.method in STARTS:
            self._busy += 1
            await pause(1.2)
            self._busy -= 1
        while self._busy and call.method not in STARTS:
            await pause(0.02)
