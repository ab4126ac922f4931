"""What is left of a Thunder after odd requests."""

from functools import partial

from mutation.mutant import SILENCE, Mutant, add, mutant, refusal, succeeded


class Choking(Mutant):
    """Requests that `odd` picks are not answered, or refused."""

    def __init__(self, odd, *, refuses=False):
        self._odd = odd
        self._refuses = refuses

    def request(self, call):
        if not self._odd(call):
            return None
        return refusal(self.proxy.profile) if self._refuses else SILENCE


_HUGE = 50_000
add(
    "robustness.long-id-refused",
    "An id of 64 characters is too long",
    "?",
    "robustness.long-id",
    partial(Choking, lambda call: 63 < len(str(call.container)) < _HUGE, refuses=True),
)
add(
    "robustness.huge-id",
    "A containerId of 100,000 characters is never answered",
    "?",
    "robustness.huge-id",
    partial(Choking, lambda call: len(str(call.container)) > _HUGE),
)
add(
    "robustness.large-params",
    "A request of a million bytes is never answered",
    "?",
    "robustness.large-params",
    partial(Choking, lambda call: len(call.body) > 10 * _HUGE),
)


@mutant("robustness.refused-call-ends", "?", "robustness.unknown-id")
class RefusedEnds(Mutant):
    """A call that is refused ends a container that has nothing to do with it"""

    async def answer(self, call, message):
        if call.container and not succeeded(message) and call.container not in self.proxy.containers:
            for name in list(self.proxy.containers):
                await self.proxy.call("stopContainer", containerId=name, force=True)
        return message


@mutant("robustness.garbage-kills", "?", "robustness.after-garbage")
class GarbageKills(Mutant):
    """After a body that is no JSON object nothing is answered any more, on no connection"""

    def __init__(self):
        self._dead = False

    def garbage(self, _call):
        self._dead = True

    def wire(self, call, message):
        return [] if self._dead else super().wire(call, message)


@mutant("robustness.garbage-stuns", "?", "robustness.after-garbage")
class GarbageStuns(Mutant):
    """After a body that is no JSON object the next request is not answered"""

    def __init__(self):
        self._stunned = False

    def garbage(self, _call):
        self._stunned = True

    def request(self, _call):
        stunned, self._stunned = self._stunned, False
        return SILENCE if stunned else None


@mutant("robustness.notification-answered", "?", "envelope.notification")
class NotificationAnswered(Mutant):
    """A request without an id is answered, with the id null"""

    # The case does not wait for long once two calls behind the request are answered. So it goes to the emulator among
    # these: one on a connection of its own is overtaken by both as soon as the machine is busy.

    _ID = 4_000_000_000

    def request(self, call):
        if "id" not in call.message and call.method:
            call.message["id"] = call.id = self._ID

    def answer(self, call, message):
        return {**message, "id": None} if call.id == self._ID else message


@mutant("robustness.notification-ignored", "?", "envelope.notification.done")
class NotificationIgnored(Mutant):
    """A request without an id is not carried out"""

    def request(self, call):
        return SILENCE if "id" not in call.message else None


class Batches(Mutant):
    """Batches get an answer that is none."""

    def __init__(self, answer):
        self._answer = answer

    async def garbage(self, call):
        if call.body.lstrip().startswith(b"["):
            await call.link.reply(call, self._answer)
            return SILENCE
        return None


add(
    "robustness.batch-as-object",
    "A batch is answered with a single answer",
    "?",
    "envelope.batch",
    partial(Batches, {"jsonrpc": "2.0", "id": 3, "result": {"success": True}}),
)
add("robustness.batch-empty", "A batch is answered with an empty array", "?", "envelope.batch", partial(Batches, b"[]"))


class Garbage(Mutant):
    """A body that is no JSON is answered in some way."""

    def __init__(self, answer):
        self._answer = answer

    async def garbage(self, call):
        await call.link.reply(call, self._answer)
        return SILENCE


_OK = {"jsonrpc": "2.0", "id": None, "result": None}
_CODE = {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": "ERROR_GENERAL"}}
add(
    "robustness.garbage-succeeds",
    "A body that is no JSON is answered with a result",
    "?",
    "envelope.parse-error",
    partial(Garbage, _OK),
)
add(
    "robustness.garbage-code",
    "A body that is no JSON is answered with the error 1",
    "?",
    "envelope.parse-error",
    partial(Garbage, _CODE),
)
add(
    "robustness.garbage-html",
    "A body that is no JSON is answered in HTML",
    "?",
    "envelope.parse-error",
    partial(Garbage, b"<html></html>"),
)


class Ids(Mutant):
    """Ids come back changed, where they are no small numbers."""

    def __init__(self, change):
        self._change = change

    def request(self, call):
        if "id" in call.message and not (isinstance(call.id, int) and 0 <= call.id < 2**31):
            self._strange = call.id
            call.message["id"] = 1
            call.id = 1
            call.strange = self._strange

    def answer(self, call, message):
        if hasattr(call, "strange"):
            message["id"] = self._change(call.strange)
        return message


add(
    "robustness.ids-as-numbers",
    "An id that is no small number comes back as 0",
    "?",
    "envelope.id-any",
    partial(Ids, lambda _: 0),
)


class Wrapped(Mutant):
    """Ids are kept in 16 bits"""

    def answer(self, _call, message):
        if isinstance(message.get("id"), int):
            message["id"] &= 0xFFFF
        return message


add("robustness.ids-in-16-bits", Wrapped.__doc__, "?", "envelope.id", Wrapped)
