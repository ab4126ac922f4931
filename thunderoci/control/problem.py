"""Why the control API refuses something, as RFC 9457 tells it (no I/O)."""

from http import HTTPStatus
from typing import Any

from fakedobby.errors import ControlError

_TITLES = {
    HTTPStatus.BAD_REQUEST: "BadInput",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "NoSuchThing",
    HTTPStatus.METHOD_NOT_ALLOWED: "NotAllowed",
    HTTPStatus.CONFLICT: "NotNow",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "TooLarge",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "NotJSON",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Broken",
    HTTPStatus.NOT_IMPLEMENTED: "NotHere",
}


class Problem(ControlError):
    """{detail}"""  # noqa: D400 (the detail is a sentence)

    def __init__(
        self, status: HTTPStatus, detail: str, *, where: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail=detail)
        self.status = status
        self.where = where
        self.headers = headers or {}
        """Those that the answer has besides."""

    @property
    def title(self) -> str:
        """What kind of problem it is, in one word, which is its name on D-Bus, too."""
        return _TITLES[HTTPStatus(self.status)]

    def as_json(self) -> dict[str, Any]:
        """Return the problem document."""
        document = {
            "type": "about:blank",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }
        return document if self.where is None else document | {"where": self.where}


def as_problem(error: ControlError) -> Problem:
    """Return what HTTP tells of an error."""
    return error if isinstance(error, Problem) else Problem(HTTPStatus(error.status), error.detail, where=error.where)


def bad(detail: str, where: str | None = None) -> Problem:
    """Return the refusal of what can't be understood."""
    return Problem(HTTPStatus.BAD_REQUEST, detail, where=where)


def missing(detail: str) -> Problem:
    """Return the refusal of what names something that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, detail)
