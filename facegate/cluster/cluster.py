"""A whole cluster on this machine: the shards of a store map and the gateway, kept alive.

The shards listen at the addresses of the map and the gateway in front of them; an edit of the map
starts, moves and stops shards. Everything they write is under one data folder.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from contract.errors import StoreMapError
from contract.messages.cluster import ClusterStatus
from contract.stores.address import Address
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from contract.stores.map_follower import MapFollower
from contract.stores.map_parser import load_store_map
from contract.stores.store_map import StoreMap
from contract.stores.stored_galleries import orphaned_galleries
from facegate.client.api_error import ClientError
from facegate.client.client import Client
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.data_folder import lock_folder
from facegate.cluster.listening import wait_free
from facegate.cluster.map_check import orphan_text
from facegate.cluster.programs import (
    ADMIN_KEY,
    GATEWAY,
    ClusterPrograms,
    ClusterSettings,
    gateway_url,
    label_of,
    listeners,
    shard_name,
)
from facegate.cluster.readiness import Readiness
from facegate.cluster.store_rename import finish_renaming
from facegate.cluster.supervision import (
    Process,
    Supervision,
    SupervisionError,
    SupervisorEnded,
)
from facegate.cluster.unserved_report import UnservedReport
from facegate.output.plural import pluralize
from service.cluster_secret import make_secret
from service.environment_settings import read_settings
from service.reach import require_choice

POLL_SECONDS = 0.3
"""The pause between two looks at the map and the processes."""
STATUS_SECONDS = 5.0
"""The pause between two questions to the gateway about the shards."""


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

        `demo`: made-up visits may be stored in it. Raises ConfigurationError.
        """
        self._stores = stores.absolute()
        self._data = data.resolve()
        self._gateway = gateway
        self._say = say
        self._demo = demo
        self._settings = read_settings(ClusterSettings)
        self.url = gateway_url(gateway, self._settings.tls_certificate)
        """Where the gateway answers on this machine."""
        self._supervision = Supervision(self._data)
        self._client = Client(self.url, key=self.admin_key, timeout=5, retry_seconds=0)
        self._lock: IO[bytes] | None = None
        self._follower: MapFollower | None = None
        self._map: StoreMap | None = None
        self._map_applied = True
        self._last_error = ""
        self._programs: ClusterPrograms | None = None
        self._processes: dict[str, Process] = {}
        self._unserved = UnservedReport(say)
        self._asked_at = 0.0
        self._mistrust: str | None = None
        """Why the gateway was not asked the last time, where that was for its certificate."""

    @property
    def asks_for_keys(self) -> bool:
        """Whether the gateway asks for keys."""
        return self._settings.keys == "required"

    @property
    def admin_key(self) -> Path:
        """The file with the admin's key, which the gateway makes."""
        return self._data / ADMIN_KEY

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
        require_choice(self._gateway.host, self._settings.keys)
        self._programs = ClusterPrograms.of(
            self._settings,
            store_map,
            stores=self._stores,
            data=self._data,
            gateway=self._gateway,
            demo=self._demo,
        )
        make_secret(self._programs.secret)
        try:
            self._supervision.end_leftover_processes(self._say)
        except SupervisionError as error:
            raise ClusterError(str(error)) from error
        for label, address in listeners(store_map, self._gateway):
            wait_free(label, address)
        self._map = store_map
        for gallery in orphaned_galleries(self._data, store_map.stores):
            self._say(orphan_text(gallery))
        try:
            self._supervision.start(self._programs.all(store_map))
        except SupervisionError as error:
            raise ClusterError(str(error)) from error

    def wait_ready(self, progress: Callable[[ClusterStatus], None] = lambda status: None) -> None:
        """Return when the gateway and every shard that can be are ready; `progress` sees the way.

        Says which shards are not, and why: one that ended, that says what is wrong with it, or that
        has not got on for a minute keeps no other from serving. Raises ClusterError when the
        gateway ends, or every shard, and where the gateway's certificate is not trusted.
        """
        readiness = Readiness()
        ended: set[str] = set()
        settled = False
        while not settled:
            time.sleep(POLL_SECONDS)
            ended |= self._newly_ended(ended)
            status = self._status()
            if self._mistrust is not None:
                raise ClusterError(self._mistrust)
            if status is not None:
                progress(status)
                settled = readiness.settled(status, self._version, ended)
                self._unserved.report(status, everything=settled)

    def _newly_ended(self, before: set[str]) -> set[str]:
        """Return the addresses of shards that ended since the last look, and say so.

        Raises ClusterError when none is left, or the gateway ended.
        """
        assert self._map is not None, "not started"
        names = self._poll()
        places = {shard_name(a): str(a) for s in self._map.stores.values() for a in s.shards}
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
        for name in self._poll():
            self._say(self._ending(name))
        if time.monotonic() - self._asked_at > STATUS_SECONDS:
            status = self._status()
            if status is not None:
                self._unserved.report(status)
            self._asked_at = time.monotonic()

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

    def _poll(self) -> list[str]:
        try:
            self._follow_map()
            return list(self._ended())
        except SupervisorEnded as error:
            self._say(f"{error}; it is started again, with all services")
            self._restart()
            return []
        except SupervisionError as error:
            raise ClusterError(str(error)) from error

    def _restart(self) -> None:
        assert self._map is not None, "not started"
        assert self._programs is not None, "not started"
        self._processes = {}
        try:
            self._supervision.stop(first=GATEWAY)
            self._supervision.start(self._programs.all(self._map))
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
            self._map, self._map_applied, self._last_error = news, False, ""
        if not self._map_applied:
            self._apply_map()

    def _apply_map(self) -> None:
        """Make the processes those of the map; what fails is said, and tried again next time."""
        assert self._map is not None, "not started"
        assert self._programs is not None, "not started"
        stores = self._map.stores
        try:
            self._supervision.update(self._programs.all(self._map))
            self._processes = dict(self._supervision.processes())  # what the edit ended is no news
        except Exception as error:  # no edit, whatever it meets, ends the stores that run
            if self._supervision.has_ended:
                raise
            if str(error) != self._last_error:
                self._say(f"{self._stores} is not carried out, and tried again: {error}")
            self._last_error = str(error)
            return
        self._map_applied = True
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
        self._mistrust = None
        try:
            return self._client.cluster()
        except ClientError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):  # as OpenSSL has it
                self._mistrust = f"{error}: SSL_CERT_FILE says whom else to trust"
            return None

    def _ending(self, name: str) -> str:
        """Return that a process ended, with the line in which it says why, if it does."""
        assert self._map is not None, "not started"
        log = self._supervision.log_of(name)
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:  # not there yet
            lines = []
        reason = f": {lines[-1]}" if lines and lines[-1].startswith("facegate ") else ""
        return f"{label_of(name, self._map)} ended{reason}; its log: {log}"
