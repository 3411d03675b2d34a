"""Stores are asked in the order of the scores that their members would have."""

import numpy as np

from gateway.directory.ranking import stores_worth_asking
from gateway.directory.tables.entries import NearestEntries
from scoring.cohort import Places

PLACE = (0.5, 0.1)


def neighbors(*rows: tuple[str, float, float, float]) -> NearestEntries:
    """Return entries of stores, with their cosines and places."""
    numbers = np.array([row[1:] for row in rows], np.float32).reshape(-1, 3)
    return NearestEntries([row[0] for row in rows], numbers[:, 0], Places(*numbers[:, 1:].T))


def test_the_score_counts_and_not_the_cosine() -> None:
    found = neighbors(("everybodys", 0.80, 0.9, 0.1), ("own", 0.75, 0.4, 0.1))

    assert stores_worth_asking([found], [PLACE], {"everybodys", "own"}, 1) == {"own"}


def test_a_store_counts_once_however_many_of_its_members_are_alike() -> None:
    found = neighbors(
        ("a", 0.9, 0.5, 0.1), ("a", 0.8, 0.5, 0.1), ("b", 0.7, 0.5, 0.1), ("c", 0.6, 0.5, 0.1)
    )

    assert stores_worth_asking([found], [PLACE], {"a", "b", "c"}, 2) == {"a", "b"}


def test_stores_of_which_not_everything_is_known_do_not_take_a_place() -> None:
    found = neighbors(("stale", 0.9, 0.5, 0.1), ("b", 0.7, 0.5, 0.1))

    assert stores_worth_asking([found], [PLACE], {"b"}, 1) == {"b"}


def test_every_face_has_its_own_stores() -> None:
    one, other, nobody = neighbors(("a", 0.9, 0.5, 0.1)), neighbors(("b", 0.9, 0.5, 0.1)), ()

    found = [one, other, neighbors(*nobody)]
    assert stores_worth_asking(found, [PLACE] * 3, {"a", "b"}, 3) == {"a", "b"}
