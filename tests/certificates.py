"""Certificates for tests, of the kind that `facegate certs` makes."""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from service.tls.authority import Authority, make_key
from service.tls.own_certificate import OwnCertificate, TlsFiles
from service.tls.role import Role


def new_authority(days: int = 100) -> tuple[bytes, Authority]:
    """Return the certificate of an authority, and the authority."""
    key = make_key()
    certificate = Authority.sign_itself(key, days)
    return certificate, Authority(certificate, key)


def put_off(certificate: Path, authority_key: Path, begins_in: timedelta) -> None:
    """Replace a certificate by one for the same, that is good for a day, and begins `in` some time.

    In less than nothing: a day and more ago, and it has expired.
    """
    former = x509.load_pem_x509_certificate(certificate.read_bytes())
    signing = load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(signing, EllipticCurvePrivateKey)
    begins = datetime.now(UTC) + begins_in
    draft = (
        x509.CertificateBuilder()
        .subject_name(former.subject)
        .issuer_name(former.issuer)
        .public_key(former.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=1))
    )
    for extension in former.extensions:
        draft = draft.add_extension(extension.value, extension.critical)
    new = certificate.with_suffix(".new")
    new.write_bytes(draft.sign(signing, SHA256()).public_bytes(Encoding.PEM))
    new.replace(certificate)


class TestAuthority:
    """Writes folders of certificates as a service takes them."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificate, self._authority = new_authority()

    @property
    def pem(self) -> str:
        """Its own certificate."""
        return self.certificate.decode()

    def folder(
        self, name: str, role: Role, names: Iterable[str] = ("127.0.0.1",), days: int = 10
    ) -> Path:
        """Return a folder with a certificate, made anew; one of -1 days has expired."""
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        key = make_key()
        pem = self._authority.issue(role, names, key, days)
        for file, content in (("ca.crt", self.certificate), ("tls.key", key), ("tls.crt", pem)):
            draft = folder / f"{file}.new"
            draft.write_bytes(content)
            draft.replace(folder / file)
        return folder

    def own(self, name: str, role: Role, names: Iterable[str] = ("127.0.0.1",)) -> OwnCertificate:
        """Return such a certificate, as the service has it that the role is of."""
        side = "server" if role == "shard" else "client"
        return OwnCertificate(TlsFiles.of_cluster(self.folder(name, role, names)), side)  # type: ignore[arg-type]  # one of both


def trusting(authority: TestAuthority, own: Path | None = None) -> ssl.SSLContext:
    """Return what a client asks with that trusts an authority, and shows `own` or nothing."""
    context = ssl.create_default_context(cadata=authority.pem)
    if own is not None:
        context.load_cert_chain(own / "tls.crt", own / "tls.key")
    return context
