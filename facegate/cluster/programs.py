"""The programs of a cluster: a shard for each address of the store map, and the gateway.

Stores with one address are served by one shard.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from contract.errors import ConfigurationError
from contract.stores.address import Address
from contract.stores.one_process import by_process
from contract.stores.store_map import Store, StoreMap
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.supervisor_configuration import Program
from facegate.output.plural import pluralize
from scoring.settings import ScoringSettings
from service.model_settings import ModelSettings
from service.tls.authority import Certificate

GATEWAY = "gateway"
CAMERAS = "cameras"
ADMIN_KEY = "admin.key"
"""The file in the data folder with the admin's key: the gateway makes it, others read it."""
SECRET_FILE = "cluster.secret"  # noqa: S105  # the name of a file
"""In the data folder."""


class ClusterSettings(ScoringSettings, ModelSettings):
    """What `facegate up` reads from the environment for the processes that it starts."""

    encoder_workers: PositiveInt | None = None
    """Encoder processes of each shard; by default the processor's cores shared between them."""
    cluster_secret_file: Path | None = None
    """The secret by which gateway and shards know each other; by default one in the data folder."""
    keys: Literal["off", "required"] | None = None
    """Whether the gateway asks for keys; None: no, and this machine alone reaches it."""
    cluster_tls: Path | None = None
    """The folder that `facegate certs` has made, for gateway and shards of these programs."""
    tls_certificate: Path | None = None
    """File with the certificate by which the gateway is served by TLS; None: it is plain HTTP."""
    tls_key: Path | None = None
    """File with its key."""
    oidc_client_secret_file: Path | None = None
    """File with the secret by which an OpenID provider knows the gateway."""
    oidc_roles: Path | None = None
    """File that says which role people have for whom the provider vouches."""
    mqtt_password_file: Path | None = None
    """File with the gateway's password at the MQTT broker."""
    mqtt_certificates: Path | None = None
    """File with the authorities by which the gateway trusts the broker."""
    encryption_keys_file: Path | None = None
    """The keys with which shards encrypt vectors, and the gateway profiles and secrets."""


@dataclass(frozen=True)
class ClusterPrograms:
    """How the programs of a cluster are started."""

    stores: Path
    data: Path
    gateway: Address
    secret: Path
    """File of the secret by which gateway and shards know each other."""
    encoder_workers: int
    """Of each shard."""
    files: Mapping[str, Path]
    """Settings of the shards that name files and folders: they run in another folder."""
    gateway_files: Mapping[str, Path]
    """The same of the gateway."""
    certificates: Path | None
    """Folder with one for each program, by which gateway and shards know each other."""
    url: str
    """Where the gateway is asked."""
    demo: bool

    @classmethod
    def of(
        cls,
        settings: ClusterSettings,
        store_map: StoreMap,
        *,
        stores: Path,
        data: Path,
        gateway: Address,
        demo: bool,
    ) -> "ClusterPrograms":
        """Return how they are started with these settings, in a cluster of this size."""
        return cls(
            stores,
            data,
            gateway,
            (settings.cluster_secret_file or data / SECRET_FILE).resolve(),
            settings.encoder_workers or _workers_a_shard(store_map),
            _files(settings),
            _gateway_files(settings),
            settings.cluster_tls and settings.cluster_tls.resolve(),
            gateway_url(gateway, settings.tls_certificate),
            demo,
        )

    def all(self, store_map: StoreMap) -> Iterator[Program]:
        """Yield the programs of the shards, the gateway's, and that of cameras with a source."""
        for addresses, stores in by_process(store_map.stores.values()).items():
            for address in addresses:
                settings = {
                    "HOST": address.host,
                    "PORT": address.port,
                    "READ_ONLY": address != addresses[0],
                    "ENCODER_WORKERS": self.encoder_workers,
                    **self.files,
                    **_chosen(stores[0]),
                }
                served = (f"--store={store.id}" for store in stores)
                name = shard_name(address)
                yield Program(name, self._command(name, "shard", settings, *served))
        demo = {"DEMO": True} if self.demo else {}
        settings = {
            "HOST": self.gateway.host,
            "PORT": self.gateway.port,
            "ADMIN_KEY_FILE": self.data / ADMIN_KEY,
            **self.gateway_files,
            **demo,
        }
        yield Program(GATEWAY, self._command(GATEWAY, "gateway", settings))
        if has_sources(store_map):
            yield Program(CAMERAS, self._cameras())

    def _cameras(self) -> tuple[str, ...]:
        """Return the command of the agents; it follows the map itself."""
        places = ("--url", self.url, "--spool", str(self.data / "spool"))
        key = f"FACEGATE_KEY_FILE={self.data / ADMIN_KEY}"
        words = (
            "env",
            "PYTHONUTF8=1",
            key,
            sys.executable,
            "-P",
            "-m",
            "facegate",
            "cameras",
            "--json",
        )
        return *words, str(self.stores), *places

    def _command(
        self, name: str, module: str, settings: dict[str, object], *arguments: str
    ) -> tuple[str, ...]:
        common = {"STORES": self.stores, "DATA": self.data, "CLUSTER_SECRET_FILE": self.secret}
        if self.certificates is not None:
            common["CLUSTER_TLS"] = self.certificates / name
        return (
            "env",
            "PYTHONUTF8=1",
            *(f"FACEGATE_{key}={value}" for key, value in (common | settings).items()),
            *(sys.executable, "-P", "-m", module),
            *arguments,
        )


def gateway_url(gateway: Address, certificate: Path | None) -> str:
    """Return where the gateway that listens at `gateway` is asked on this machine.

    By TLS it is asked under a name of its certificate: the address itself where that has it, and
    else the first, which has to lead here. Raises ConfigurationError when it cannot be read.
    """
    host = gateway.reachable
    if certificate is None:
        return f"http://{host}"
    try:
        names = Certificate.read(certificate.read_bytes()).names
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{certificate} is no certificate in PEM") from error
    named = sorted(name for name in names if not name.startswith("*"))
    if host.host in names or not named:
        return f"https://{host}"
    return f"https://{Address.at(named[0], gateway.port)}"


def listeners(store_map: StoreMap, gateway: Address) -> Iterator[tuple[str, Address]]:
    """Yield what every program is called for people, and where it listens.

    Raises ClusterError when a shard has the gateway's address.
    """
    for addresses, stores in by_process(store_map.stores.values()).items():
        for address in addresses:
            yield _label(stores), address
            if address == gateway:
                raise ClusterError(f"{address} is both the gateway and {_label(stores)}")
    yield "the gateway", gateway


def has_sources(store_map: StoreMap) -> bool:
    """Say whether there is a camera whose pictures an agent gets."""
    cameras = (camera for store in store_map.stores.values() for camera in store.cameras.values())
    return any(camera.source is not None for camera in cameras)


def shard_name(address: Address) -> str:
    """Return the name of the program of the shard at an address."""
    # Supervisor reads a % in a name, as that of a network interface has, as its own.
    host = "" if address.host == "127.0.0.1" else re.sub("[:%]", ".", address.host) + "-"
    return f"shard-{host}{address.port}"


def label_of(name: str, store_map: StoreMap) -> str:
    """Return what the program `name` is called for people."""
    for addresses, stores in by_process(store_map.stores.values()).items():
        if name in map(shard_name, addresses):
            return _label(stores)
    return f"the {name}"


def _label(stores: Sequence[Store]) -> str:
    others = f" and {pluralize(len(stores) - 1, 'more store')}" if len(stores) > 1 else ""
    return f"the shard of {stores[0].id!r}{others}"


def _chosen(store: Store) -> dict[str, object]:
    """Return the settings of what the map chooses for a store; another choice starts it anew.

    All stores of a process have the same.
    """
    chosen = {
        "MODEL": store.model,
        "SECOND_MODEL": store.second_model,
        "DETECTOR": store.own_detector,
        "KEEP_PICTURES": store.keep_pictures or None,
        "INDEX": store.index,
    }
    return {key: name for key, name in chosen.items() if name is not None}


def _files(settings: ClusterSettings) -> dict[str, Path]:
    files = {
        "MODELS": settings.models,
        "SCORING": settings.scoring,
        "ENCRYPTION_KEYS_FILE": settings.encryption_keys_file,
    }
    if settings.model is not None and Path(settings.model).is_file():
        files["MODEL"] = Path(settings.model)
    return _resolved(files)


def _gateway_files(settings: ClusterSettings) -> dict[str, Path]:
    files = {
        "TLS_CERTIFICATE": settings.tls_certificate,
        "TLS_KEY": settings.tls_key,
        "ENCRYPTION_KEYS_FILE": settings.encryption_keys_file,
        "OIDC_CLIENT_SECRET_FILE": settings.oidc_client_secret_file,
        "OIDC_ROLES": settings.oidc_roles,
        "MQTT_PASSWORD_FILE": settings.mqtt_password_file,
        "MQTT_CERTIFICATES": settings.mqtt_certificates,
    }
    return _resolved(files)


def _resolved(files: Mapping[str, Path | None]) -> dict[str, Path]:
    return {key: path.resolve() for key, path in files.items() if path is not None}


def _workers_a_shard(store_map: StoreMap) -> int:
    shards = sum(map(len, by_process(store_map.stores.values())))
    return max(1, (os.cpu_count() or 1) // shards)
