"""Of which stores the directory knows everything up to now, and how old that may be."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from contract.messages.cluster import ShardStatus
from contract.stores.store_map import Store
from gateway.chain.replicas import Replicas
from gateway.directory.tables.entries import StoreState

STALE_SECONDS = 30.0
"""A store whose last change is not known to be in the directory for so long is asked again."""


class _Confirmation(NamedTuple):
    """When everything of a store was in the directory, up to its change `seq`."""

    at: float
    seq: int


def belongs(store: Store) -> bool:
    """Say whether the directory has a store's members: others let nobody or everybody be found."""
    return store.cross_store == "members"


class Freshness:
    """What the directory had of each store when it was last looked at, and who that was true of.

    A shard says its last change whenever it says how it is.
    """

    def __init__(self, replicas: Replicas, clock: Callable[[], float] = time.monotonic) -> None:
        self._replicas = replicas
        self._clock = clock
        self._confirmed: dict[str, _Confirmation] = {}
        self.states: Mapping[str, StoreState] = {}

    def update(self, stores: Iterable[Store], states: Mapping[str, StoreState]) -> None:
        """Take over what the directory has of the stores now."""
        self.states = states
        confirmed = {}
        for store in filter(belongs, stores):
            replica, state = self._replicas.writer(store), states.get(store.id)
            before = self._confirmed.get(store.id)
            if state is None:
                continue
            if replica.status and _is_whole(state, replica.status):
                confirmed[store.id] = _Confirmation(replica.reported_at, state.seq)
            elif before and state.seq >= before.seq:  # else it was restored from a former time
                confirmed[store.id] = before
        self._confirmed = confirmed

    def is_behind(self, store: Store) -> bool:
        """Say whether a store that says how it is has something that the directory has not."""
        status, state = self._replicas.writer(store).status, self.states.get(store.id)
        if status is None or not status.ready or status.model is None:
            return False
        return state is None or state.model != status.model or state.seq != status.seq

    def ages(self, stores: Iterable[Store]) -> dict[str, float]:
        """Return of which of the stores everything is known, and how many seconds ago that was."""
        now = self._clock()
        ages = {
            store.id: now - self._confirmed[store.id].at
            for store in stores
            if store.id in self._confirmed and belongs(store)
        }
        return {store: age for store, age in ages.items() if age <= STALE_SECONDS}


def _is_whole(state: StoreState, status: ShardStatus) -> bool:
    return state.model == status.model and state.seq >= status.seq
