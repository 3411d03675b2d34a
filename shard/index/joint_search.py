"""One search in the faces of several stores: one pass over all of them, then the few that matter.

The pass compares every probe with every face of all stores at once, by a matrix product a store and
the scores of all in one step. It tells in which stores somebody may be among the `k` most alike of
all, or pass; these are searched each by itself, exactly, and the other ones are not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from contract.errors import FacegateError
from contract.messages.message import Scope
from contract.vectors import Vectors
from scoring.cohort import Floats, Places, pair_scores
from shard.index.collection import Collection
from shard.index.hit import Hit

_ROUNDING = 0.01
"""A score of the pass may differ from that of a search by less than this."""
_CLEARLY = 0.5
"""Score by which everybody has to be less alike for whom it does not matter who came: a gateway
that ends its search early, and a visit that may teach, ask for that much."""

Found = list[list[Hit]] | FacegateError
"""The hits of each probe in a store, or why it could not be searched."""


def joint_search(
    collections: Mapping[str, Collection],
    probes: Vectors,
    k: int,
    scope: Scope,
    *,
    places: Places | None,
    needed: Sequence[float],
) -> dict[str, Found]:
    """Return what a search finds in those of the stores that matter; see Collection.search.

    `probes` are unit vectors (n, d), `places` theirs among the cohort of all stores, computed here
    when they are not given. `needed` is for each probe a score that everybody who passes has.
    """
    if not collections:
        return {}
    if places is None:
        places = next(iter(collections.values())).scale.cohort.place(probes)
    found: dict[str, Found] = {}
    for store in _that_matter(collections, probes, k, scope, places=places, needed=needed):
        try:
            found[store] = collections[store].search(probes, k, scope, places)
        except FacegateError as error:
            found[store] = error
    return found


def _that_matter(
    collections: Mapping[str, Collection],
    probes: Vectors,
    k: int,
    scope: Scope,
    *,
    places: Places,
    needed: Sequence[float],
) -> list[str]:
    """Return the stores that have to be searched, those among them that can be in no other way."""
    chosen: list[str] = []
    compared: list[str] = []
    first: list[int] = []
    cosines: list[Floats] = []
    theirs: list[Places] = []
    count = 0
    for store, collection in collections.items():
        parts = collection.cosines(probes, scope)
        if parts is None:
            chosen.append(store)
        elif parts:
            compared.append(store)
            first.append(count)
            for cosine, placed in parts:
                cosines.append(cosine)
                theirs.append(placed)
                count += cosine.shape[1]
    if compared:
        scores = pair_scores(np.concatenate(cosines, axis=1), places.rows, Places.joined(theirs))
        best = np.maximum.reduceat(scores, first, axis=1)
        matter = (best >= _least_that_matters(scores, k, needed)[:, None]).any(axis=0)
        chosen += [compared[number] for number in np.flatnonzero(matter).tolist()]
    return chosen


def _least_that_matters(scores: Floats, k: int, needed: Sequence[float]) -> Floats:
    """Return for each probe, a row of `scores`, the least score that may matter."""
    count = scores.shape[1]
    kept = min(k, count)
    among_best = np.partition(scores, count - kept, axis=1)[:, count - kept]
    passing = np.asarray(needed, np.float32)
    most = scores.max(axis=1)
    near_passing = np.where(most >= passing - _ROUNDING, most - _CLEARLY, np.inf)
    least: Floats = np.minimum.reduce([among_best, passing, near_passing]) - _ROUNDING
    return least
