"""Why the control API refuses something, as RFC 9457 tells it (no I/O)."""

from http import HTTPStatus
from typing import Any


class Problem(Exception):
    """A request that is not carried out; `where` is the JSON path of what is wrong in a body, or its name in a query.

    `headers` are those that the answer has besides.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, *, where: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.where = where
        self.headers = headers or {}

    @property
    def title(self) -> str:
        """What the status means in one word, the same for each problem of the kind: how D-Bus calls it."""
        return self.status.phrase.replace(" ", "")

    def as_json(self) -> dict[str, Any]:
        """Return the problem document."""
        document = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        return document if self.where is None else document | {"where": self.where}


def bad(detail: str, where: str | None = None) -> Problem:
    """Return the refusal of what can't be understood."""
    return Problem(HTTPStatus.BAD_REQUEST, detail, where=where)


def missing(detail: str) -> Problem:
    """Return the refusal of what names something that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, detail)


def not_here(detail: str) -> Problem:
    """Return the refusal of what this program can't do at all."""
    return Problem(HTTPStatus.NOT_IMPLEMENTED, detail)
