"""The certificate of a service, and whom it trusts. Files that are renewed count at once.

A connection keeps what it was made with; the next one is made with what is there by then.
"""

import asyncio
import hashlib
import logging
import ssl
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from contract.errors import ConfigurationError
from service.tls.authority import Certificate

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_NEARLY_OVER = 1 / 6
"""The share of its time from which on the log says that a certificate is to be renewed."""


class TlsFiles(NamedTuple):
    """Where certificate, key and the authorities of others are, in PEM."""

    certificate: Path
    key: Path
    authority: Path | None
    """Who signs for others that have to show a certificate; None: nobody has to."""

    @classmethod
    def of_cluster(cls, folder: Path) -> "TlsFiles":
        """Return the files of a folder, called as Kubernetes and cert-manager call them."""
        return cls(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")


class OwnCertificate:
    """What connections are made with. `follow` takes up files that have changed."""

    def __init__(self, files: TlsFiles, side: Literal["client", "server"]) -> None:
        """Read the files. Raises ConfigurationError, which names the one that is wrong."""
        self._files = files
        self._side = side
        self._said_on: date | None = None
        self._failed: bytes | None = None
        """What the files were when they could not be taken up."""
        self._digest, self._context, self._certificate = self._read()

    @property
    def context(self) -> ssl.SSLContext:
        """What the next connection is made with."""
        return self._context

    @property
    def expires_at(self) -> datetime:
        """Until when the certificate in force is good."""
        return self._certificate.expires_at

    @property
    def fault(self) -> str | None:
        """Why the certificate in force is not good now; None where it is."""
        return self._certificate.fault(datetime.now(UTC))

    async def follow(self) -> None:
        """Look at the files for ever."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Take up the files if they have changed. What is wrong with them is logged, once."""
        digest = self._digest_of_files()
        if digest not in {self._digest, self._failed}:
            try:
                self._digest, self._context, self._certificate = self._read()
            except ConfigurationError as error:
                self._failed = digest
                log.error("%s; the former certificate stays in force", error.detail)  # it says all
            else:
                self._failed = self._said_on = None
                log.info("%s: good until %s", self._files.certificate, self.expires_at)
        self._warn(datetime.now(UTC))

    def _warn(self, now: datetime) -> None:
        """Say once a day that the certificate is not good, or is to be renewed."""
        fault = self._certificate.fault(now)
        if fault is None and self._certificate.left(now) <= _NEARLY_OVER:
            fault = f"expires at {self.expires_at}"
        if fault is not None and self._said_on != now.date():
            self._said_on = now.date()
            log.warning("%s %s: renew it", self._files.certificate, fault)

    def _digest_of_files(self) -> bytes:
        digest = hashlib.sha256()
        for path in self._files:
            if path is not None:
                try:
                    digest.update(path.read_bytes())
                except OSError as error:
                    digest.update(str(error).encode())
                digest.update(b"\0")
        return digest.digest()

    def _read(self) -> tuple[bytes, ssl.SSLContext, Certificate]:
        digest = self._digest_of_files()
        certificate, key, authority = self._files
        for path in filter(None, self._files):
            try:
                path.read_bytes()
            except OSError as error:
                raise ConfigurationError(f"{path}: {error.strerror}") from error
        context = _server() if self._side == "server" else _client()
        try:
            context.load_cert_chain(certificate, key, password="")  # which none is asked for
            found = Certificate.read(certificate.read_bytes())
        except (ssl.SSLError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"{certificate} and {key} are no certificate with its key, in PEM"
            ) from error
        if authority is not None:
            try:
                context.load_verify_locations(authority)
            except (ssl.SSLError, OSError) as error:
                raise ConfigurationError(f"{authority} is no certificate in PEM") from error
            if self._side == "server":
                context.verify_mode = ssl.CERT_OPTIONAL  # who has none may ask how the service is
        return digest, context, found


def _server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No resumption: a certificate that has expired since would count again.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    return context


def _client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which checks names, too
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context
