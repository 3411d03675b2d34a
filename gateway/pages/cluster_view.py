"""The cluster as its page shows it: stores, replicas and sums."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from contract.messages.cluster import ClusterStatus, Counts, MapStatus, ReplicaStatus, StoreStatus

State = Literal["healthy", "degraded", "starting", "down"]


@dataclass(frozen=True)
class ReplicaView:
    """One replica; `behind` counts the changes that it has not taken over from the writer."""

    status: ReplicaStatus
    writes: bool
    behind: int | None

    @property
    def state(self) -> State:
        """How it is, in one word."""
        if self.status.healthy:
            return "healthy"
        known = self.status.status
        return "down" if known is None or known.problem is not None else "starting"

    @property
    def trouble(self) -> str | None:
        """Why it does not serve, or what is wrong with it although it does."""
        known = self.status.status
        return self.status.reason or (None if known is None else known.problem)


@dataclass(frozen=True)
class StoreView:
    """One store with its replicas, the writer first."""

    status: StoreStatus
    replicas: list[ReplicaView]

    @classmethod
    def of(cls, store: StoreStatus) -> "StoreView":
        """Return the view of `store`."""
        newest = max((r.status.seq for r in store.replicas if r.status), default=0)
        return cls(
            store,
            [
                ReplicaView(
                    replica, place == 0, newest - replica.status.seq if replica.status else None
                )
                for place, replica in enumerate(store.replicas)
            ],
        )

    @property
    def state(self) -> State:
        """How it is, in one word."""
        states = [replica.state for replica in self.replicas]
        if all(state == "healthy" for state in states):
            return "healthy"
        if "healthy" in states:
            return "degraded"
        return "starting" if "starting" in states else "down"

    @property
    def counts(self) -> Counts | None:
        """What it holds, as its first replica that answers says."""
        return next((r.status.status.counts for r in self.replicas if r.status.status), None)


class ClusterView:
    """All stores, and the sums over them."""

    def __init__(self, status: ClusterStatus) -> None:
        self.map: MapStatus = status.map
        self.clock = status.clock
        self.clock_ahead = str(timedelta(seconds=status.clock.ahead_seconds))
        self.clock_waits = -(-status.clock.waits_seconds // 60)
        self.troubled = [
            *(("", work) for work in status.background if work.failures),
            *(
                (replica.address, work)
                for store in status.stores
                for replica in store.replicas
                if replica.status is not None
                for work in replica.status.background
                if work.failures
            ),
        ]
        """Work of the gateway, or of the shard at an address, that has ended unexpectedly."""
        self.problem = status.problem
        self.orphans = status.orphans
        self.stores = [StoreView.of(store) for store in status.stores]
        self.healthy = sum(store.status.healthy for store in self.stores)
        self.missing = [
            store.status.name or store.status.store
            for store in self.stores
            if not store.status.healthy
        ]
        known = [store.counts for store in self.stores if store.counts]
        self.members = sum(counts.members for counts in known)
        self.visitors = sum(counts.visitors for counts in known)
        self.templates = sum(counts.templates for counts in known)
