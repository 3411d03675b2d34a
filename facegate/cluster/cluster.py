"""A whole cluster on this machine: the shards of a store map and the gateway, kept alive.

The shards listen at the addresses of the map and the gateway in front of them; an edit of the map
starts, moves and stops shards. Everything they write is under one data folder.
"""

import errno
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pydantic import PositiveInt

from contract.errors import StoreMapError
from contract.messages.cluster import ClusterStatus
from contract.stores.address import Address
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from contract.stores.map_follower import MapFollower
from contract.stores.store_map import StoreMap, load_store_map
from contract.stores.stored_galleries import orphaned_galleries
from facegate.client.api_error import ClientError
from facegate.client.client import Client
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.map_check import orphan_text
from facegate.cluster.readiness import Readiness, UnservedShard, unserved_shards
from facegate.cluster.service_probe import is_service
from facegate.cluster.store_rename import finish_renaming
from facegate.cluster.supervision import (
    STOP_SECONDS,
    Process,
    Program,
    Supervision,
    SupervisionError,
    SupervisorEnded,
)
from facegate.output.plural import pluralize
from scoring.settings import ScoringSettings
from service.files.file_lock import lock_file
from service.settings import read_settings

GATEWAY = "gateway"
LOOK_SECONDS = 0.3
"""The pause between two looks at the map and the processes."""
ASK_SECONDS = 5.0
"""The pause between two questions to the gateway about what is wrong."""


class ClusterSettings(ScoringSettings):
    """What `facegate up` reads from the environment for the processes that it starts."""

    encoder_workers: PositiveInt | None = None
    """Encoder processes of each shard; by default the processor's cores shared between them."""


class LocalCluster:
    """Starts, watches and stops the processes; use it from one thread."""

    def __init__(
        self,
        stores: Path,
        data: Path,
        gateway: Address,
        say: Callable[[str], None],
        *,
        demo: bool = False,
    ) -> None:
        """Plan the cluster of the map in the file `stores`; `say` gets news for the operator.

        `demo`: made-up visits may be stored in it.
        """
        self._stores = stores.absolute()
        self._data = data.resolve()
        self._gateway = gateway
        self._say = say
        self._demo = {"DEMO": True} if demo else {}
        self._supervision = Supervision(self._data)
        self._client = Client(self.url, timeout=5, retry_seconds=0)
        self._lock: IO[bytes] | None = None
        self._follower: MapFollower | None = None
        self._map: StoreMap | None = None
        self._carried_out = True
        self._trouble = ""
        self._workers = 1
        self._scoring: dict[str, object] = {}
        self._processes: dict[str, Process] = {}
        self._troubles: dict[str, UnservedShard] = {}
        self._asked_at = 0.0

    @property
    def url(self) -> str:
        """Where the gateway answers on this machine."""
        return f"http://{self._gateway.reachable}"

    @property
    def logs(self) -> Path:
        """The folder with a log for every process."""
        return self._supervision.log_of(GATEWAY).parent

    def start(self) -> None:
        """Start every process.

        Raises StoreMapError, ConfigurationError, or ClusterError for an address that is taken or
        not of this machine and for a data folder that another cluster uses.
        """
        self._lock = lock_folder(self._data)
        finished = finish_renaming(self._data)
        if finished is not None:
            self._say(finished)
        load_store_map(self._stores)  # who starts a cluster is told what is wrong with its map
        self._follower = MapFollower(MapFile(self._stores), LastGoodMap(self._stores, self._data))
        store_map = self._follower.first
        settings = read_settings(ClusterSettings)
        self._workers = settings.encoder_workers or _workers_a_shard(store_map)
        if settings.scoring is not None:  # the processes run in another folder
            self._scoring = {"SCORING": settings.scoring.resolve()}
        try:
            self._supervision.end_leftover_processes(self._say)
        except SupervisionError as error:
            raise ClusterError(str(error)) from error
        for label, address in _listeners(store_map, self._gateway):
            _wait_free(label, address)
        self._map = store_map
        for gallery in orphaned_galleries(self._data, store_map.stores):
            self._say(orphan_text(gallery))
        try:
            self._supervision.start(self._programs(store_map))
        except SupervisionError as error:
            raise ClusterError(str(error)) from error

    def wait_ready(self, progress: Callable[[ClusterStatus], None] = lambda status: None) -> None:
        """Return when the gateway and every shard that can be are ready; `progress` sees the way.

        Says which shards are not, and why: one that ended, that says what is wrong with it, or that
        has not got on for a minute keeps no other from serving. Raises ClusterError when the
        gateway ends, or every shard.
        """
        readiness = Readiness()
        ended: set[str] = set()
        settled = False
        while not settled:
            time.sleep(LOOK_SECONDS)
            ended |= self._endings(ended)
            status = self._status()
            if status is not None:
                progress(status)
                settled = readiness.settled(status, self._version, ended)
                self._tell(status, everything=settled)

    def _endings(self, before: set[str]) -> set[str]:
        """Return the addresses of shards that ended since the last look, and say so.

        Raises ClusterError when none is left, or the gateway ended.
        """
        assert self._map is not None, "not started"
        names = self._look()
        places = {_program_name(a): str(a) for s in self._map.stores.values() for a in s.shards}
        ended = {places[name] for name in names if name in places}
        if GATEWAY in names or (ended and before | ended >= set(places.values())):
            raise ClusterError("\n".join(map(self._ending, names)))
        for name in names:
            self._say(self._ending(name))
        return ended

    def follow(self) -> None:
        """Look once: carry out an edit of the map, and report what ended or is in trouble.

        Raises ClusterError when the process manager does not answer.
        """
        for name in self._look():
            self._say(self._ending(name))
        if time.monotonic() - self._asked_at > ASK_SECONDS:
            status = self._status()
            if status is not None:
                self._tell(status)
            self._asked_at = time.monotonic()

    def _tell(self, status: ClusterStatus, *, everything: bool = False) -> None:
        """Say which shards have a problem, or `everything` that is missing, and what is over."""
        now = {one.address: one for one in unserved_shards(status)}
        for address in self._troubles.keys() - now.keys():
            store = self._troubles.pop(address).store
            if any(one.address == address for s in status.stores for one in s.replicas):
                self._say(f"store {store!r} is served by {address} again")
        for address, trouble in now.items():
            known = self._troubles.get(address)
            if (trouble.problem and trouble != known) or (everything and known is None):
                self._troubles[address] = trouble
                self._say(str(trouble))

    @property
    def _version(self) -> str:
        assert self._map is not None, "not started"
        return self._map.version

    def stop(self) -> None:
        """Drain and stop every process; return when all have ended."""
        try:
            self._supervision.stop(first=GATEWAY)
        except SupervisionError as error:
            self._say(str(error))
        self._client.close()
        if self._lock is not None:
            self._lock.close()

    def _programs(self, store_map: StoreMap) -> Iterator[Program]:
        for store in store_map.stores.values():
            for address in store.shards:
                settings = {
                    "HOST": address.host,
                    "PORT": address.port,
                    "READ_ONLY": address != store.shards[0],
                    "ENCODER_WORKERS": self._workers,
                    **self._scoring,
                }
                command = self._command("shard", settings, f"--store={store.id}")
                yield Program(_program_name(address), command)
        settings = {"HOST": self._gateway.host, "PORT": self._gateway.port, **self._demo}
        yield Program(GATEWAY, self._command("gateway", settings))

    def _command(
        self, module: str, settings: dict[str, object], *arguments: str
    ) -> tuple[str, ...]:
        common = {"STORES": self._stores, "DATA": self._data}
        return (
            "env",
            "PYTHONUTF8=1",
            *(f"FACEGATE_{key}={value}" for key, value in (common | settings).items()),
            *(sys.executable, "-P", "-m", module),
            *arguments,
        )

    def _look(self) -> list[str]:
        try:
            self._follow_map()
            return list(self._ended())
        except SupervisorEnded as error:
            self._say(f"{error}; it is started again, with all services")
            self._revive()
            return []
        except SupervisionError as error:
            raise ClusterError(str(error)) from error

    def _revive(self) -> None:
        assert self._map is not None, "not started"
        self._processes = {}
        try:
            self._supervision.stop(first=GATEWAY)
            self._supervision.start(self._programs(self._map))
        except SupervisionError as error:
            raise ClusterError(str(error)) from error

    def _follow_map(self) -> None:
        assert self._follower is not None, "not started"
        try:
            news = self._follower.look()
        except StoreMapError as error:
            self._say(f"{error.detail}; the last good map stays in force")
            return
        if news is not None:
            self._map, self._carried_out, self._trouble = news, False, ""
        if not self._carried_out:
            self._carry_out()

    def _carry_out(self) -> None:
        """Make the processes those of the map; what fails is said, and tried again next time."""
        assert self._map is not None, "not started"
        stores = self._map.stores
        try:
            self._supervision.update(self._programs(self._map))
            self._processes = dict(self._supervision.processes())  # what the edit ended is no news
        except Exception as error:  # no edit, whatever it meets, ends the stores that run
            if self._supervision.has_ended:
                raise
            if str(error) != self._trouble:
                self._say(f"{self._stores} is not carried out, and tried again: {error}")
            self._trouble = str(error)
            return
        self._carried_out = True
        self._say(f"{self._stores}: now {pluralize(len(stores), 'store')}: {', '.join(stores)}")

    def _ended(self) -> Iterator[str]:
        """Yield the names of the processes that ended since the last look."""
        before, self._processes = self._processes, dict(self._supervision.processes())
        for name, process in self._processes.items():
            previous = before.get(name, Process("STARTING", 0))
            failed = process.has_failed and not previous.has_failed
            if failed or (process.pid and previous.pid not in {0, process.pid}):
                yield name

    def _status(self) -> ClusterStatus | None:
        try:
            return self._client.cluster()
        except ClientError:
            return None

    def _ending(self, name: str) -> str:
        """Return that a process ended, with the line in which it says why, if it does."""
        log = self._log(name)
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:  # not there yet
            lines = []
        reason = f": {lines[-1]}" if lines and lines[-1].startswith("facegate ") else ""
        return f"{self._label(name)} ended{reason}; its log: {log}"

    def _label(self, name: str) -> str:
        assert self._map is not None, "not started"
        for store in self._map.stores.values():
            if name in map(_program_name, store.shards):
                return f"the shard of {store.id!r}"
        return f"the {name}"

    def _log(self, name: str) -> Path:
        return self._supervision.log_of(name)


def _wait_free(label: str, address: Address) -> None:
    """Return when `address` is free; raise ClusterError when it is another program's.

    A service of facegate may be left of a run that was killed, and about to end.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while is_service(address) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    check_free(label, address)


def check_free(label: str, address: Address) -> None:
    """Raise ClusterError unless a process of this machine could listen at `address` now."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
    except socket.gaierror as error:
        raise ClusterError(f"{label}: the host of {address} is not known") from error
    except OSError as error:
        problems = {
            errno.EADDRINUSE: "is in use by another program",
            errno.EADDRNOTAVAIL: "is not an address of this machine",
            errno.EACCES: "needs more rights than this user has",
        }
        reason = problems.get(error.errno or 0, str(error))
        raise ClusterError(f"{label}: {address} {reason}") from error


def _listeners(store_map: StoreMap, gateway: Address) -> Iterator[tuple[str, Address]]:
    for store in store_map.stores.values():
        for address in store.shards:
            yield f"the shard of {store.id!r}", address
            if address == gateway:
                raise ClusterError(f"{address} is both the gateway and the shard of {store.id!r}")
    yield "the gateway", gateway


def _program_name(address: Address) -> str:
    # Supervisor reads a % in a name, as that of a network interface has, as its own.
    host = "" if address.host == "127.0.0.1" else re.sub("[:%]", ".", address.host) + "-"
    return f"shard-{host}{address.port}"


def _workers_a_shard(store_map: StoreMap) -> int:
    shards = sum(len(store.shards) for store in store_map.stores.values())
    return max(1, (os.cpu_count() or 1) // shards)


def lock_folder(data: Path) -> IO[bytes]:
    """Lock a data folder until the returned file is closed. Raises ClusterError.

    Two clusters in one folder would spoil each other's files.
    """
    try:
        lock = lock_file(data / "run" / "lock")
    except OSError as error:
        raise ClusterError(f"{data}: {error.strerror or error}") from error
    if lock is None:
        raise ClusterError(f"{data}: another facegate cluster is running in this folder")
    return lock
