"""Certificates for servers on loopback: sound, expired, for another name, or signed by nobody."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """Signs certificates; `ca_file` is for those who trust it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca_file = folder / "ca.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        built = _builder("ca.test", self._key, "ca.test").add_extension(constraints, critical=True)
        self.ca_file.write_bytes(
            built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )

    def context(
        self, host: str, *, until: datetime | None = None, own: bool = False
    ) -> ssl.SSLContext:
        """Return what a server of that name shows; `own` is signed by its own key."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = _builder(host, key, host if own else "ca.test", until)
        signed = built.sign(key if own else self._key, hashes.SHA256())
        file = self._folder / f"{host}-{own}-{until}.pem"
        form = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(
    host: str, key: ec.EllipticCurvePrivateKey, issuer: str, until: datetime | None = None
) -> x509.CertificateBuilder:
    end = until or datetime.now(UTC) + DAY
    return (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - 3 * DAY)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    )


def _name(host: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
