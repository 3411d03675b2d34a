"""Of which stores the directory knows everything up to now, and how old that may be."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from contract.messages.cluster import ShardStatus
from contract.stores.store_map import Store
from gateway.chain.replicas import Replicas
from gateway.directory.tables.entries import StoreState

STALE_SECONDS = 30.0
"""A store whose last change is not known to be in the directory for so long is asked again."""


_Comparable = tuple[str, str | None]
"""The model and the cohort of faces that can be compared with each other."""


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
        self._comparable: Mapping[_Comparable, Mapping[str, float]] = {}
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
        comparable: defaultdict[_Comparable, dict[str, float]] = defaultdict(dict)
        for name, confirmation in confirmed.items():
            state = states[name]
            comparable[state.model, state.cohort][name] = confirmation.at
        self._comparable = comparable

    def is_behind(self, store: Store) -> bool:
        """Say whether a store that says how it is has something that the directory has not."""
        status, state = self._replicas.writer(store).status, self.states.get(store.id)
        if status is None or not status.ready or status.model is None:
            return False
        return state is None or state.model != status.model or state.seq != status.seq

    def ages(self, stores: Iterable[Store]) -> dict[str, float]:
        """Return of which of the stores everything is known, and how many seconds ago that was."""
        confirmed = {store: each.at for store, each in self._confirmed.items()}
        return self._ages(stores, confirmed)

    def comparable_ages(
        self, stores: Iterable[Store], model: str, cohort: str | None
    ) -> dict[str, float]:
        """Return the same of those stores whose faces are of a model, placed among a cohort.

        Each miss asks for it: a thousand stores take a third of a millisecond.
        """
        return self._ages(stores, self._comparable.get((model, cohort), {}))

    def _ages(self, stores: Iterable[Store], confirmed: Mapping[str, float]) -> dict[str, float]:
        now = self._clock()
        earliest = now - STALE_SECONDS
        return {
            store.id: now - at
            for store in stores
            if (at := confirmed.get(store.id)) is not None and at >= earliest and belongs(store)
        }


def _is_whole(state: StoreState, status: ShardStatus) -> bool:
    return state.model == status.model and state.seq >= status.seq
