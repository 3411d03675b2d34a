"""How far a starting cluster is: which shards are ready, and which cannot be or do not get on."""

import time
from collections.abc import Callable, Collection
from typing import NamedTuple

from contract.messages.cluster import ClusterStatus, ReplicaStatus

STALL_SECONDS = 60.0
"""Seconds without any shard's progress after which nobody waits any longer for the rest."""


class UnservedShard(NamedTuple):
    """A shard that does not serve its store; `problem`: it says itself what is wrong with it."""

    store: str
    address: str
    reason: str
    problem: bool

    def __str__(self) -> str:
        return f"store {self.store!r} is not served by {self.address}: {self.reason}"


def unserved_shards(status: ClusterStatus) -> list[UnservedShard]:
    """Return the shards that do not serve their stores, as the gateway says."""
    return [
        UnservedShard(store.store, replica.address, _reason(replica), _problem(replica) is not None)
        for store in status.stores
        for replica in store.replicas
        if not _is_ready(replica)
    ]


class Readiness:
    """What the gateway has said about the shards so far."""

    def __init__(
        self, timeout: float = STALL_SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeout = timeout
        self._now = now
        self._progress: object = None
        self._since = 0.0

    def settled(self, status: ClusterStatus, version: str, ended: Collection[str]) -> bool:
        """Say whether waiting will change nothing: all are ready, or cannot be, or do not get on.

        `version` is the map's that shall be in force; `ended` are the addresses of the shards whose
        processes ended: they are started again, but nobody waits for them.
        """
        replicas = [replica for store in status.stores for replica in store.replicas]
        progress = [_progress(replica) for replica in replicas]
        if progress != self._progress:
            self._progress, self._since = progress, self._now()
        if self._now() - self._since > self._timeout:
            return True
        return status.map.version == version and all(
            _is_ready(replica)
            or _problem(replica) is not None
            or (replica.status is None and replica.address in ended)
            for replica in replicas
        )


def _is_ready(replica: ReplicaStatus) -> bool:
    return replica.healthy and replica.status is not None and replica.status.ready


def _problem(replica: ReplicaStatus) -> str | None:
    return None if replica.status is None else replica.status.problem


def _reason(replica: ReplicaStatus) -> str:
    return replica.reason or "it has not answered yet"


def _progress(replica: ReplicaStatus) -> object:
    known = replica.status
    return known and (known.ready, known.importing, known.counts, known.problem)
