"""The certificates of a cluster in a folder: its authority, and a folder for each service.

ca.crt, ca.key           the authority; who has its key can make gateways
gateway/                 ca.crt, tls.crt, tls.key: what each gateway is given
shard-10.0.0.5-5000/     the same, for the shard at an address of the map
site/                    the same, for gateways that are asked by TLS
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from contract.stores.one_process import by_process
from contract.stores.store_map import StoreMap
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.programs import GATEWAY, shard_name
from service.files.file_lock import lock_file
from service.files.private_files import write_private
from service.tls.authority import Authority, Certificate, make_key, san_name
from service.tls.own_certificate import TlsFiles
from service.tls.role import Role

_SITE = "site"
_ROLES: Mapping[str, Role] = {GATEWAY: "gateway", _SITE: "site"}
"""Of the services that are no shards."""
_AUTHORITY_DAYS = 3650
_RENEWED = 1 / 3
"""The share of a certificate's time that is left when it is renewed, as ACME clients have it."""

Outcome = Literal["made", "renewed", "kept"]


class ServiceCertificate(NamedTuple):
    """A service's certificate, and what was done about it."""

    service: str
    names: list[str]
    expires_at: datetime
    outcome: Outcome


class _Written(NamedTuple):
    """What the files of a service are to be."""

    files: TlsFiles
    key: bytes
    certificate: bytes


class CertificateFolder:
    """Makes what is missing in a folder, and renews what is to expire."""

    def __init__(
        self,
        folder: Path,
        store_map: StoreMap,
        also: Collection[str] = (),
        site: Collection[str] = (),
    ) -> None:
        """Plan the certificates of the map's shards, which are asked under `also`, too.

        With `site`, names under which gateways are asked, there is one for these. Names that a
        certificate has had it keeps.
        """
        self._folder = folder
        self._services = {GATEWAY: frozenset[str](), **dict(_shards(store_map, also))}
        if site or (folder / _SITE).exists():
            self._services[_SITE] = frozenset(map(san_name, site))

    def issue(self, days: int, *, renew: bool) -> list[ServiceCertificate]:
        """Return the certificate of each service; `renew` makes all of them anew, for `days`.

        A key stays when its certificate is renewed: the one file that changes is changed whole.
        Raises ClusterError when what is there cannot be read, or is being written, and OSError.
        """
        lock = lock_file(self._folder / ".lock")
        if lock is None:
            raise ClusterError(f"{self._folder} is being written by somebody else")
        with lock:
            try:
                bundle, authority = self._authority()
                planned = [
                    self._plan(authority, service, names, days, renew=renew)
                    for service, names in self._services.items()
                ]
            except ValueError as error:
                raise ClusterError(f"{self._folder}: {error}") from error
            for _, written in planned:
                _write(written, bundle)
        return [certificate for certificate, _ in planned]

    def _authority(self) -> tuple[bytes, Authority]:
        """Return the authority, and the file by which others trust it; it is made only once."""
        certificate, key = self._folder / "ca.crt", self._folder / "ca.key"
        if not certificate.exists():
            if not key.exists():
                write_private(key, make_key().decode())
            made = Authority.sign_itself(key.read_bytes(), _AUTHORITY_DAYS)
            write_private(certificate, made.decode())
        elif not key.exists():
            raise ClusterError(f"{key} is not there: nothing is signed without it")
        return certificate.read_bytes(), Authority(certificate.read_bytes(), key.read_bytes())

    def _plan(
        self, authority: Authority, service: str, names: frozenset[str], days: int, *, renew: bool
    ) -> tuple[ServiceCertificate, _Written]:
        files = TlsFiles.of_cluster(self._folder / service)
        key = files.key.read_bytes() if files.key.exists() else make_key()
        former = files.certificate.read_bytes() if files.certificate.exists() else None
        names |= _names(former)
        if former is not None and not renew and _is_good(former, authority, names, key):
            outcome: Outcome = "kept"
            pem = former
        else:
            outcome = "made" if former is None else "renewed"
            pem = authority.issue(_ROLES.get(service, "shard"), sorted(names), key, days)
        expires_at = Certificate.read(pem).expires_at
        found = ServiceCertificate(service, sorted(names), expires_at, outcome)
        return found, _Written(files, key, pem)


def _shards(store_map: StoreMap, also: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each shard process and the names under which it is asked."""
    for addresses in by_process(store_map.stores.values()):
        for address in addresses:
            hosts = {address.host, address.reachable.host, *also}
            yield shard_name(address), frozenset(map(san_name, hosts))


def _names(pem: bytes | None) -> frozenset[str]:
    """Return the names of a certificate; none where it cannot be read, or is not there."""
    try:
        return frozenset() if pem is None else Certificate.read(pem).names
    except ValueError:
        return frozenset()


def _is_good(pem: bytes, authority: Authority, names: frozenset[str], key: bytes) -> bool:
    """Say whether a certificate is the one that there is to be, and has time left."""
    try:
        found = Certificate.read(pem)
    except ValueError:  # it is not worth keeping
        return False
    return (
        found.names == names
        and found.is_of(key)
        and found.left(datetime.now(UTC)) > _RENEWED
        and authority.has_issued(pem)
    )


def _write(written: _Written, bundle: bytes) -> None:
    """Write what has changed, the certificate last: a folder that has one is whole."""
    files = written.files
    contents: Mapping[Path | None, bytes] = {
        files.key: written.key,
        files.authority: bundle,
        files.certificate: written.certificate,
    }
    for path, content in contents.items():
        if path is not None and not (path.exists() and path.read_bytes() == content):
            write_private(path, content.decode())
