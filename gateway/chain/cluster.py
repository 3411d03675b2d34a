"""The chain as this gateway sees it: the map, the stores, their replicas."""

from collections.abc import Callable

from contract.errors import StorageError
from contract.messages.cluster import (
    BackgroundStatus,
    BrokerStatus,
    ClusterStatus,
    StoredGallery,
    StoreList,
    StoreStatus,
    StoreSummary,
)
from contract.messages.directory.status import DirectoryStatus
from contract.stores.store_map import Store
from gateway.chain.map_watcher import MapWatcher
from gateway.chain.replicas import Replicas
from gateway.clock.steady_clock import SteadyClock


class Cluster:
    """Views of the map, its replicas, the clock, and what the gateway does by itself."""

    def __init__(
        self,
        watcher: MapWatcher,
        replicas: Replicas,
        check: Callable[[], None],
        *,
        background: Callable[[], list[BackgroundStatus]],
        orphans: Callable[[], list[StoredGallery]],
        clock: SteadyClock,
        directory: Callable[[], DirectoryStatus | None],
        broker: Callable[[], BrokerStatus | None],
    ) -> None:
        """Look at what is given; `check` raises StorageError when the record keeps nothing."""
        self._watcher = watcher
        self._replicas = replicas
        self._background = background
        self._orphans = orphans
        self._clock = clock
        self._directory = directory
        self._broker = broker
        self.check = check

    def status(self) -> ClusterStatus:
        """Return everything, for operators."""
        stores = [self._store(store) for store in self._watcher.current.stores.values()]
        return ClusterStatus(
            map=self._watcher.status,
            problem=self._problem(),
            stores=stores,
            orphans=self._orphans(),
            background=self._background(),
            clock=self._clock.status,
            directory=self._directory(),
            mqtt=self._broker(),
        )

    def _problem(self) -> str | None:
        try:
            self.check()
        except StorageError as error:
            return error.detail
        return None

    def stores(self) -> StoreList:
        """Return the stores, for users who choose one."""
        return StoreList(
            stores=[self._summary(store) for store in self._watcher.current.stores.values()]
        )

    def _store(self, store: Store) -> StoreStatus:
        replicas = [replica.as_message() for replica in self._replicas.of(store)]
        return StoreStatus(
            store=store.id,
            name=store.name,
            cross_store=store.cross_store,
            options=store.options,
            cameras=store.camera_options,
            healthy=any(replica.healthy for replica in replicas),
            replicas=replicas,
        )

    def _summary(self, store: Store) -> StoreSummary:
        replicas = self._replicas.of(store)
        counts = [replica.status.counts for replica in replicas if replica.status]
        return StoreSummary(
            store=store.id,
            name=store.name,
            healthy=any(replica.healthy for replica in replicas),
            faces=counts[0].faces if counts else None,
        )
