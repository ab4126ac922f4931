"""Who listens to what in a session that was recorded, and whether an event may come there."""

import json
from typing import Any

from conformance.accusations import Accusations
from conformance.announced import Announced, Subscription
from conformance.asked import Asked
from conformance.judge import Judge, text
from conformance.spec import Specification
from conformance.verdict import Finding


class Listener:
    """Follows the subscriptions to a plugin, and judges each event by what was subscribed to; times are moments."""

    def __init__(
        self, specification: Specification, judge: Judge, announced: Announced, accusations: Accusations
    ) -> None:
        self._spec = specification
        self._judge = judge
        self._announced = announced
        self._accusations = accusations
        self._heard: list[Subscription] = []
        """What was subscribed to at any time since events were looked for."""
        self._any_event = False
        """Whether somebody may have subscribed to anything."""
        self.off = False
        """Whether the plugin was deactivated, so that its methods owe nothing."""

    def called(self, about: Asked, moment: int, *, heard: bool) -> None:
        """Follow an accepted call of a method that any plugin has; ``heard`` says that events would come there."""
        name = about.method.rpartition(".")[2]
        params = about.params or {}
        client, event = params.get("id"), params.get("event")
        known = self._announced
        if name in {"deactivate", "unavailable", "activate"}:
            self.off = name != "activate"
            for subscription in known.subscriptions:
                subscription.until = subscription.until or moment
        elif name in {"register", "unregister"} and not (isinstance(client, str) and isinstance(event, str)):
            self._any_event = True
        elif name == "register" and heard:
            known.subscriptions.append(Subscription(str(client), str(event), moment))
            self._heard.append(known.subscriptions[-1])
        elif name == "unregister" and (ended := known.active(str(client), str(event))):
            ended.until = moment

    def event(self, message: dict[str, Any] | str, moment: int) -> None:
        """Judge an event, and take it in."""
        judge, note = self._judge, self._accusations.note
        came = message if isinstance(message, str) else json.dumps(message)
        self._accusations.shown_by("", came)
        findings = judge.strictness(came)
        read = {} if findings else json.loads(came)
        if not isinstance(read, dict) or not isinstance(read.get("method"), str):
            note(*findings, *judge.notification(read))
            return
        name = read["method"].rpartition(".")[2]
        ours = name in self._spec.events
        found = judge.event(name, read) if ours else judge.notification(read)
        note(*findings, *found)
        subscription = next((one for one in self._heard if one.method == read["method"]), None)
        if subscription is None and not self._any_event:
            once = any(one.method == read["method"] for one in self._announced.subscriptions)
            clause = "events.unregister" if once else "events.register.event"
            note(Finding(clause, "$.method", "an event that is subscribed to", text(read["method"])))
        if subscription is not None and ours and isinstance(read.get("params"), dict):
            note(*self._announced.event(subscription, read["params"], moment))

    def looked(self) -> None:
        """Take in that all events have come which were to come until now."""
        self._heard = [one for one in self._announced.subscriptions if one.until is None]
