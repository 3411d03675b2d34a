"""A private certificate authority, and what it signs (X.509, RFC 5280)."""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from service.tls.role import Role, role_name

_CLOCKS = timedelta(hours=1)
"""How far another machine's clock may be behind."""


class Certificate(NamedTuple):
    """What a certificate says of whom it is for, and for how long."""

    names: frozenset[str]
    """Host names and IP addresses; a role is one of its own kind, and none of them."""
    begins_at: datetime
    expires_at: datetime
    public_key: bytes

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """Read the first certificate of a file. Raises ValueError."""
        found = x509.load_pem_x509_certificate(pem)
        return cls(
            _names(found),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
            _public(found.public_key()),
        )

    def left(self, now: datetime) -> float:
        """Return the share of its time that is left: less than 0 when it has expired."""
        return (self.expires_at - now) / (self.expires_at - self.begins_at)

    def fault(self, now: datetime) -> str | None:
        """Say why it is not good at a moment; None where it is."""
        if self.expires_at <= now:
            return f"has expired at {self.expires_at}"
        if now < self.begins_at:
            return f"is not good before {self.begins_at}"
        return None

    def is_of(self, key_pem: bytes) -> bool:
        """Say whether it is for this private key. Raises ValueError for what is none."""
        return self.public_key == _public(load_pem_private_key(key_pem, None).public_key())


class Authority:
    """Signs certificates for the services of one cluster, with keys on the curve P-256."""

    def __init__(self, certificate_pem: bytes, key_pem: bytes) -> None:
        """Take a certificate and its key. Raises ValueError when they are none of each other."""
        if not Certificate.read(certificate_pem).is_of(key_pem):
            raise ValueError("the authority's certificate is of another key")
        self._certificate = x509.load_pem_x509_certificate(certificate_pem)
        self._key = _private(key_pem)
        self._end = self._certificate.not_valid_after_utc

    @staticmethod
    def sign_itself(key_pem: bytes, days: int) -> bytes:
        """Return the certificate of a new authority; it lets none other issue any."""
        key = _private(key_pem)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "facegate cluster")])
        made = (
            _begun(name, name, key.public_key(), days)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .sign(key, SHA256())
        )
        return made.public_bytes(Encoding.PEM)

    def issue(self, role: Role, names: Iterable[str], key_pem: bytes, days: int) -> bytes:
        """Return a certificate for a service with this key.

        A shard, or a site, is asked under one of `names`; a gateway asks, and has none. It is
        good for `days`, and no longer than the authority. Raises ValueError for what is no name.
        """
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"facegate {role}")])
        purpose = {
            "shard": ExtendedKeyUsageOID.SERVER_AUTH,
            "site": ExtendedKeyUsageOID.SERVER_AUTH,
            "gateway": ExtendedKeyUsageOID.CLIENT_AUTH,
        }[role]
        who = [*map(_general_name, names), x509.UniformResourceIdentifier(role_name(role))]
        key = _private(key_pem).public_key()
        made = (
            _begun(subject, self._certificate.subject, key, days, self._end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName(who), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, SHA256())
        )
        return made.public_bytes(Encoding.PEM)

    def has_issued(self, certificate_pem: bytes) -> bool:
        """Say whether a certificate is one of this authority. Raises ValueError."""
        try:
            x509.load_pem_x509_certificate(certificate_pem).verify_directly_issued_by(
                self._certificate
            )
        except (InvalidSignature, TypeError):
            return False
        except ValueError:  # the issuer has another name
            return False
        return True


def make_key() -> bytes:
    """Return a new private key, in PEM and not encrypted."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def san_name(host: str) -> str:
    """Return a host as certificates and those who check them name it.

    They know neither the interface of a link-local address nor the dot at a name's end.
    """
    return host.partition("%")[0].rstrip(".").lower()


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    days: int,
    end: datetime | None = None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(until if end is None else min(until, end))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    name = san_name(host)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return frozenset([*found.get_values_for_type(x509.DNSName), *addresses])


def _public(key: object) -> bytes:
    encode = getattr(key, "public_bytes", None)
    if encode is None:
        raise ValueError("a key without a public part")
    encoded: bytes = encode(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is on no elliptic curve")
    return key
