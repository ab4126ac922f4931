"""Who may use the control API: not the pages of other sites, however they got here (no I/O).

A browser lets any page send requests to this machine, and a name that its owner makes point here (DNS rebinding) lets
the page read the answers, too. So the Host that a request names must be ours, and its Origin, which browsers add to
what pages send to another site, must be absent, ours or allowed. Beyond this machine the API is off without a token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address

from thunderoci.control.problem import Problem
from thunderoci.requesthead import RequestHead

_WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 (they are compared with, nothing is bound here)


@dataclass(frozen=True, slots=True)
class Access:
    """What whoever started the emulator allows; `host` is the address that it listens on."""

    host: str = "127.0.0.1"
    origins: Sequence[str] = ()
    """Those of pages that may use the API though they come from elsewhere."""
    token: str | None = None
    """What requests must carry."""

    @property
    def is_on(self) -> bool:
        """Whether there is an API at all."""
        return self.token is not None or _is_loopback(self.host)

    def check_origin(self, head: RequestHead) -> None:
        """Raise a Problem for the Origin of a page that has no business here."""
        hosts = {_lower(value) for value in head.all(b"host")}
        for value in head.all(b"origin"):
            origin = _lower(value)
            if origin not in self._origins and origin not in {f"http://{host}" for host in hosts}:
                shown = value.decode("latin-1")
                raise _forbidden(f"Pages from {shown!r} may not do this; --allow-origin {shown} would let them.")

    def allowed_origin(self, head: RequestHead) -> str | None:
        """Return the Origin that the answer is to be readable for; None when it needs no permission."""
        origins = head.all(b"origin")
        allowed = len(origins) == 1 and _lower(origins[0]) in self._origins
        return origins[0].decode("latin-1") if allowed else None

    def check_host(self, head: RequestHead) -> None:
        """Raise a Problem unless the request names us."""
        hosts = head.all(b"host")
        if len(hosts) != 1:
            raise _forbidden("A request needs one Host header, which says whom it is meant for.")
        name = _without_port(_lower(hosts[0]))
        # who listens on all addresses can't know their names; but then a token is needed, which no page has
        if not _is_loopback(name) and name != self.host.lower() and self.host not in _WILDCARDS:
            shown = hosts[0].decode("latin-1")
            raise _forbidden(f"The Host {shown!r} is none of ours; use 127.0.0.1, localhost or what --host says.")

    def check_token(self, head: RequestHead) -> None:
        """Raise a Problem unless the request carries the token."""
        if self.token is None:
            return
        for value in head.all(b"authorization"):
            scheme, _, given = value.partition(b" ")
            if scheme.lower() == b"bearer" and compare_digest(given.strip(), self.token.encode()):
                return
        raise _forbidden("This needs the header 'Authorization: Bearer T' with the T of --control-token.")

    @property
    def _origins(self) -> set[str]:
        return {origin.lower() for origin in self.origins}


def _forbidden(detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, detail)


def _lower(value: bytes) -> str:
    return value.decode("latin-1").lower()


def _without_port(host: str) -> str:
    """Return the name or address in a Host header."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
