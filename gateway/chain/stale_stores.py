"""Stores whose shards were away when something was decided that they have to know.

They are not asked who somebody is until they know: a shard that comes back would find people who
have been erased, or have taken their consent back, while it was down.
"""

from collections.abc import Iterable


class Arrears:
    """The ids of such stores, as far as this gateway knows."""

    def __init__(self) -> None:
        self._owed: dict[str, set[str]] = {}
        self._needed: dict[str, int] = {}

    def __contains__(self, store: str) -> bool:
        return any(store in stores for stores in self._owed.values())

    def add(self, what: str, store: str) -> None:
        """Note that the store has to be told `what`."""
        self._owed.setdefault(what, set()).add(store)

    def settle(self, what: str, store: str) -> None:
        """Note that the store knows `what`."""
        self._owed.get(what, set()).discard(store)

    def require(self, store: str, seq: int) -> None:
        """Note that replicas of the store are of use only from this change on."""
        self._needed[store] = max(seq, self._needed.get(store, 0))

    def needed(self, store: str) -> int:
        """Return the change that a replica of the store has to know."""
        return self._needed.get(store, 0)

    def replace(self, what: str, stores: Iterable[str]) -> None:
        """Note that these stores and no others have to be told `what`."""
        self._owed[what] = set(stores)
