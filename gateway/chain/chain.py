"""The chain, wired: the store map, the replicas of every store, and how they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from contract.stores.store_map import StoreMap
from gateway.chain.health import HealthChecks
from gateway.chain.map_watcher import MapWatcher
from gateway.chain.orphaned_galleries import OrphanedGalleries
from gateway.chain.replicas import Replicas
from gateway.chain.routing import Router
from gateway.chain.shard_client import ShardClient
from gateway.chain.shards import Shards
from service.background import Job
from service.cluster_secret import ClusterSecret
from service.tls.own_certificate import OwnCertificate


@dataclass(frozen=True)
class Chain:
    """The services about stores and shards, and their background work."""

    watcher: MapWatcher
    replicas: Replicas
    client: ShardClient
    health: HealthChecks
    shards: Shards
    orphans: OrphanedGalleries

    @classmethod
    def of(
        cls,
        stores: Path,
        data: Path,
        health_seconds: float,
        secret: ClusterSecret | None,
        own: OwnCertificate | None,
    ) -> Self:
        """Wire the services. Raises StoreMapError when there is no map to start with.

        `secret` and our `own` certificate are shown to the shards.
        """
        watcher = MapWatcher(MapFile(stores), LastGoodMap(stores, data))
        replicas, client = Replicas(), ShardClient(secret, own)
        health = HealthChecks(replicas, client, health_seconds)
        return cls(
            watcher,
            replicas,
            client,
            health,
            Shards(Router(replicas, health), client),
            OrphanedGalleries(data, lambda: watcher.current),
        )

    def current(self) -> StoreMap:
        """Return the store map in force."""
        return self.watcher.current

    async def start(self) -> None:
        """Learn how every replica is, before anybody is recognized."""
        await self.health.check_all(self.current())

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {
            "store map": self.watcher.run,
            "health checks": lambda: self.health.run(self.current),
            "orphaned galleries": self.orphans.run,
        }
