"""Certificates of every kind, and an authority to sign them, made for one test session."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """One who signs; ``name`` tells two of them apart."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def authority(name: str) -> Authority:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named(name))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - 900 * DAY).not_valid_after(now + 900 * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(_named(name), key, builder.sign(key, hashes.SHA256()))


def server_context(
    folder: Path,
    signer: Authority | None,
    *hosts: str,
    begins: timedelta = -DAY,
    ends: timedelta = DAY,
) -> ssl.SSLContext:
    """Return a server's context with a certificate for ``hosts``, signed by ``signer`` or else by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = _named("a server of the tests")
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.issuer_name(signer.name if signer else subject).serial_number(
        x509.random_serial_number()
    )
    builder = builder.not_valid_before(now + begins).not_valid_after(now + ends)
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_alternative(h) for h in hosts]), critical=False
        )
    made = builder.sign(signer.key if signer else key, hashes.SHA256())
    path = folder / f"{made.serial_number:x}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
