"""Which stores are worth asking about faces, of those that the directory knows."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from contract.messages.message import Place
from gateway.directory.tables.entries import NearestEntries
from scoring.cohort import Places, pair_scores


def stores_worth_asking(
    found: Iterable[NearestEntries], places: Sequence[Place], known: Collection[str], few: int
) -> set[str]:
    """Return the `few` stores of the most alike entries of each face, of those that are `known`.

    Entries are ranked by the score that their shards would give them: `places` are those of the
    faces, among the same strangers.
    """
    wanted: set[str] = set()
    for neighbors, place in zip(found, places, strict=True):
        scores = pair_scores(neighbors.cosines, Places.of_pairs([place]), neighbors.places)
        ranked = (neighbors.stores[number] for number in np.argsort(-scores, kind="stable"))
        wanted.update(_first(ranked, known, few))
    return wanted


def _first(stores: Iterable[str], known: Collection[str], few: int) -> list[str]:
    """Return the first `few` different stores that are known."""
    first: list[str] = []
    for store in stores:
        if store in known and store not in first:
            first.append(store)
            if len(first) == few:
                break
    return first
