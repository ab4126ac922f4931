"""Puts containers where they are to be, without a word to anybody: those of a scenario, and of a state that is set."""

from collections.abc import Mapping
from typing import Any

from fakedobby.containers import Containers
from fakedobby.described import described
from fakedobby.ids import check_id
from fakedobby.lifecycle import Input
from fakedobby.starting import Starting

_WAYS = {"Running": (), "Paused": (Input.PAUSE,), "Hibernated": (Input.HIBERNATE, Input.CHECKPOINTED)}


class Placing:
    """Makes containers that live already, at once and without a signal."""

    def __init__(self, containers: Containers, starting: Starting) -> None:
        self._containers = containers
        self._starting = starting

    def place(self, document: Mapping[str, Any]) -> None:
        """Make a container as it is described; raises Refused or CreationFailed as its start would.

        `state` is Running, Paused or Hibernated. What containers have that have lived already may be given, too:
        `descriptor`, `activeSeconds`, `overrides`, `restarts` and `dooms` (containerdocument.py).
        """
        check_id(document["id"])
        with self._containers.silent():
            start = self._starting.start(
                document["id"],
                lambda: described(document, self._starting.scenario),
                [],
                *document.get("overrides", ()),
                origin=document,
                descriptor=document.get("descriptor"),
                active=document.get("activeSeconds", 0.0),
            )
            for _ in start:
                pass
            container = self._containers.named(document["id"])
            assert container is not None  # noqa: S101 (its start has succeeded)
            if container.restarts is not None:
                container.restarts.remember(document.get("restarts", ()))
            for seconds, status in document.get("dooms", ()):
                container.process.doom(seconds, status)
            container.annotations.update(document.get("annotations", {}))
            for step in _WAYS[document.get("state", "Running")]:
                self._containers.move(container, step)
                container.process.freeze()
