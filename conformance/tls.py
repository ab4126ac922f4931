"""TLS towards a target: with a certificate that is verified, or with any (boxes sign their own)."""

from ipaddress import ip_address
from typing import Any

from OpenSSL import SSL
from twisted.internet import ssl
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no type hints


def verifying(host: str) -> Any:
    """Return a connection creator that accepts only a certificate for ``host`` which this machine trusts."""
    return ssl.optionsForClientTLS(host)


def trusting(host: str) -> Any:
    """Return a connection creator that accepts every certificate."""
    return _Trusting(host)


@implementer(IOpenSSLClientConnectionCreator)
class _Trusting:
    """Makes connections that verify nothing and still say which host they want."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._context = ssl.CertificateOptions(verify=False).getContext()

    def clientConnectionForTLS(self, _protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        """Return a new connection."""
        connection = SSL.Connection(self._context, None)
        if not _is_address(self._host):
            connection.set_tlsext_host_name(self._host.encode("idna"))
        return connection


def _is_address(host: str) -> bool:
    """Tell whether a host is an IP address, which TLS has no place for as a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
