"""Stores whose shards have not had an update yet, since they did not answer.

They are not asked who somebody is until they have: a shard that comes back would find people who
were erased, or took their consent back, while it was down.
"""

from collections.abc import Iterable


class StaleStores:
    """The ids of such stores by the kind of update, as far as this gateway knows."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[str]] = {}
        self._least_seq: dict[str, int] = {}

    def __contains__(self, store: str) -> bool:
        return any(store in stores for stores in self._waiting.values())

    def add(self, update: str, store: str) -> None:
        """Note that the store waits for an `update`."""
        self._waiting.setdefault(update, set()).add(store)

    def discard(self, update: str, store: str) -> None:
        """Note that the store has had the `update`."""
        self._waiting.get(update, set()).discard(store)

    def require_seq(self, store: str, seq: int) -> None:
        """Note that replicas of the store are asked only once they have the change `seq`."""
        self._least_seq[store] = max(seq, self._least_seq.get(store, 0))

    def required_seq(self, store: str) -> int:
        """Return the change that a replica of the store has to have before it is asked."""
        return self._least_seq.get(store, 0)

    def replace(self, update: str, stores: Iterable[str]) -> None:
        """Note that these stores and no others wait for an `update`."""
        self._waiting[update] = set(stores)
