"""What is wrong with a server's certificate, in words; and no certificate passes that could not be judged.

OpenSSL tells its verdict to a callback only, and Twisted's own callback lets a certificate pass when judging
it raises: one that names no host at all, for instance.
"""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from OpenSSL.crypto import X509
from service_identity.exceptions import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

# Verdicts of OpenSSL, x509_vfy.h; the rest are rare and told by their number.
_VERDICTS = {
    9: "its certificate is not valid yet; is the clock of this machine right?",
    10: "its certificate has expired",
    18: "its certificate is signed by itself, not by an authority",
    19: "its certificate is signed by an authority that this machine does not know",
    20: "its certificate is signed by an authority that this machine does not know",
    21: "its certificate is signed by an authority that this machine does not know",
    23: "its certificate was revoked",
}
_OLD = frozenset({"unsupported protocol", "tlsv1 alert protocol version", "no protocols available"})
_NOT_TLS = frozenset({"wrong version number", "packet length too long", "http request", "unknown protocol"})


@implementer(IPolicyForHTTPS)
class CertificatePolicy:
    """``inner`` made stricter, with a memory for what was wrong."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._refusals: dict[tuple[str, int], str] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> _Creator:  # noqa: N802 - Twisted's name
        """Return the creator of connections to ``hostname`` and ``port``, as Twisted asks."""
        name = hostname.decode("ascii")
        return _Creator(self._inner.creatorForNetloc(hostname, port), name, (name, port), self._refusals)

    def refusal(self, host: str, port: int) -> str | None:
        """Return what was wrong with the last certificate seen at ``host`` and ``port``, if anything was."""
        return self._refusals.get((host, port))


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    def __init__(
        self, inner: Any, name: str, place: tuple[str, int], refusals: dict[tuple[str, int], str]
    ) -> None:
        self._inner = inner
        self._name = name
        self._place = place
        self._refusals = refusals

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        """Return a connection that is refused unless its certificate is good for the name."""
        connection: SSL.Connection = self._inner.clientConnectionForTLS(protocol)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._verified)
        return connection

    def _verified(self, _connection: SSL.Connection, cert: X509, verdict: int, depth: int, ok: int) -> bool:
        """Tell OpenSSL whether to go on. An exception would be lost here: whatever happens is a refusal."""
        try:
            wrong = _wrong(cert, verdict, self._name, ok=bool(ok), leaf=depth == 0)
        except Exception as error:  # noqa: BLE001 - recorded as the reason of a refusal
            wrong = f"its certificate cannot be read ({error})"
        if wrong is None:
            self._refusals.pop(self._place, None)
            return True
        self._refusals[self._place] = wrong
        return False


def _wrong(cert: X509, verdict: int, name: str, *, ok: bool, leaf: bool) -> str | None:
    if not ok:
        return _VERDICTS.get(verdict, f"its certificate is not to be trusted (OpenSSL's verdict {verdict})")
    if not leaf:
        return None
    address = isIPAddress(name) or isIPv6Address(name)
    try:
        verify_service_identity(extract_patterns(cert), [IPAddress_ID(name) if address else DNS_ID(name)], [])
    except (VerificationError, CertificateError):
        return f"its certificate is not for {name}"
    return None


def told(error: BaseException | None) -> str | None:
    """Return what a failure of TLS itself means, in words, or ``None`` if ``error`` holds none."""
    for reason in getattr(error, "reasons", None) or ():
        if not isinstance(reason.value, SSL.Error):
            continue
        words = {entry[2] for entry in next(iter(reason.value.args), ()) if len(entry) > 2}  # noqa: PLR2004
        if words & _OLD:
            return "it speaks only versions of TLS that are not safe (1.2 is the least)"
        if words & _NOT_TLS:
            return "it does not speak https at this address"
    return None
