"""How a target is reached: host and port, TLS, and the HTTP proxy that the environment names."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from twisted.internet import reactor
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS

from conformance.errors import BadProxy

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy: where it is, and the value of Proxy-Authorization, "" for none."""

    host: str
    port: int
    authorization: str


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the host of a URL; ``proxy`` is None when it is reached directly."""

    host: str
    port: int
    tls: bool
    insecure: bool
    timeout: float
    proxy: Proxy | None

    def endpoint(self, *, direct: bool = False) -> Any:
        """Return where to connect to; ``direct`` passes the proxy by, which cannot carry WebSockets."""
        if self.proxy and not direct:
            return HostnameEndpoint(reactor, self.proxy.host, self.proxy.port, timeout=self.timeout)
        plain: Any = HostnameEndpoint(reactor, self.host, self.port, timeout=self.timeout)
        if not self.tls:
            return plain
        return wrapClientTLS(_tls(self.host, self.insecure), plain)


def way_to(url: str, *, timeout: float, insecure: bool) -> Way:
    """Return the way to ``url`` (as ``normalise`` makes it); proxies (http_proxy, no_proxy) are for http alone."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    tls = parts.scheme == "https"
    port = parts.port or _PORTS[parts.scheme]
    return Way(host, port, tls, insecure, timeout, None if tls else _proxy_for(f"{host}:{port}"))


def _proxy_for(host: str) -> Proxy | None:
    """Return the proxy that the environment names for a host. Raises BadProxy."""
    given = getproxies_environment().get("http")
    if not given or proxy_bypass(host):
        return None
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        port = parts.port or _PORTS["http"]
    except ValueError as problem:
        raise BadProxy(url=_public(given), why=str(problem)) from None
    if parts.scheme != "http" or not parts.hostname:
        raise BadProxy(url=_public(given), why="it is no http://host:port")
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return Proxy(parts.hostname, port, authorization)


def _public(proxy: str) -> str:
    """Return how a proxy was given, without the name and the password in it."""
    scheme, separator, rest = proxy.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]


def tls_fault(failed: BaseException) -> str:
    """Return what went wrong in TLS when ``failed`` is an error of its packages, "" when it is none."""
    package = type(failed).__module__.partition(".")[0]
    if package == "service_identity":
        return "its certificate is for another host; --insecure accepts any"
    if package != "OpenSSL":
        return ""
    entries = failed.args[0] if failed.args and isinstance(failed.args[0], (list, tuple)) else []
    why = ", ".join(str(entry[-1]) for entry in entries if entry) or "the connection broke off"
    if "certificate" in why:
        return f"its certificate is not to be trusted ({why}); --insecure accepts any"
    return f"there is no TLS ({why})"


def _tls(host: str, insecure: bool) -> Any:
    """Return how TLS is spoken; only this needs pyOpenSSL, and it takes its time to load."""
    from conformance import tls  # noqa: PLC0415 - see above

    return tls.trusting(host) if insecure else tls.verifying(host)
