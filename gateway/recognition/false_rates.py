"""How the false rate that a store wants is spent: one half at home, the other in the other stores.

A stranger meets home's faces first and then everybody else's; with half of the rate on each side,
the share of strangers taken for somebody is what the store asked for. The shards turn rates into
scores: the more FaceIds are searched, the higher the score that is needed. Members and visitors
have a rate each, and both are spent so.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from contract.messages.by_kind import ByKind
from contract.messages.cluster import Counts
from contract.stores.store_map import Store, StoreMap
from gateway.chain.replicas import Replicas
from scoring.false_rate import rate_per_side

_ANY: frozenset[str | None] = frozenset()


@dataclass(frozen=True)
class RateSplit:
    """The shares of strangers that may pass at home, and elsewhere among `templates`."""

    home: ByKind[float]
    others: ByKind[float]
    templates: int


@dataclass(frozen=True)
class _ChainTotals:
    """How many FaceIds all stores of a map have by whose vectors, as long as no replica altered."""

    stores: StoreMap
    alterations: int
    by_models: dict[frozenset[str], int] = field(default_factory=dict)


class FalseRates:
    """Splits false rates by how many FaceIds each store has, as its replicas last said."""

    def __init__(self, replicas: Replicas) -> None:
        self._replicas = replicas
        self._totals: _ChainTotals | None = None

    def split_in_chain(self, stores: StoreMap, home: Store) -> RateSplit:
        """Do as `split` with all other stores of the map; each picture asks for it.

        The stores are looked through when one of them has altered, and not for each picture.
        """
        models = self._models(home)
        totals = self._totals
        if (
            totals is None
            or totals.stores is not stores
            or totals.alterations != self._replicas.alterations
        ):
            totals = self._totals = _ChainTotals(stores, self._replicas.alterations)
        if models not in totals.by_models:
            totals.by_models[models] = self.searchable_faces(stores.stores.values(), models)
        return self._split(home, totals.by_models[models] - self._faces_of(home, models))

    def split(self, home: Store, others: Iterable[Store]) -> RateSplit:
        """Return how to spend home's rates; a side where nobody is stored leaves its half over.

        Nobody is found in a store whose models are others than home's.
        """
        models = self._models(home)
        return self._split(home, self.searchable_faces(others, models))

    def _split(self, home: Store, elsewhere: int) -> RateSplit:
        at_home = max((counts.faces for counts in self._counts(home)), default=0)
        shares = ByKind(*(rate_per_side(rate, at_home, elsewhere) for rate in home.rates))
        return RateSplit(shares, shares, elsewhere)

    def searchable_faces(self, stores: Iterable[Store], models: Set[str | None] = _ANY) -> int:
        """Return how many FaceIds the stores let others search by vectors of one of the `models`.

        Stores that have not said what theirs are count.
        """
        return sum(self._faces_of(store, models) for store in stores)

    def _models(self, store: Store) -> frozenset[str]:
        """Return whose vectors the store can be searched by, as its replicas last said."""
        replicas = (replica for replica in self._replicas.of(store) if replica.status)
        return frozenset[str]().union(*(replica.models for replica in replicas))

    def _faces_of(self, store: Store, models: Set[str | None]) -> int:
        """Return how many FaceIds of a store count."""
        if store.cross_store == "nobody":
            return 0
        members, most, is_known, is_asked = store.cross_store == "members", 0, False, False
        for replica in self._replicas.of(store):
            if replica.status is None:
                continue
            counts = replica.status.counts
            most = max(most, counts.roaming if members else counts.faces)
            is_known |= bool(replica.models)
            is_asked |= not replica.models.isdisjoint(models)
        return most if is_asked or not models or not is_known else 0

    def _counts(self, store: Store) -> list[Counts]:
        replicas = self._replicas.of(store)
        return [replica.status.counts for replica in replicas if replica.status]
