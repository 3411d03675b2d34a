"""Inverted lists: what they find has its exact score, little is missed, and changes go on."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from contract.errors import NotReady
from contract.vectors import Vectors
from scoring.cohort import Places, unit
from shard.index.faiss_vectors import Numbers
from shard.index.indexed_vectors import IndexedVectors
from shard.index.ivf_flat_index import IvfFlatIndex
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import LEAST_LISTED, PartitionIndex
from tests.shard.index.contents import in_order

D = 16
COUNT = LEAST_LISTED + 6000
ALIKE = MatchLikeness(np.arctanh(0.85), np.arctanh(0.95))


@pytest.fixture(scope="module")
def faces() -> IndexedVectors:
    """More faces than are needed for lists: one a person, with places of their own."""
    random = np.random.default_rng(5)
    vectors = unit(random.normal(size=(2 * COUNT, D)).astype(np.float32))
    mean = random.normal(0.5, 0.05, 2 * COUNT).astype(np.float32)
    deviation = random.uniform(0.1, 0.12, 2 * COUNT).astype(np.float32)
    return IndexedVectors(np.arange(2 * COUNT), vectors, Places(mean, deviation))


def some(faces: IndexedVectors, numbers: Numbers) -> IndexedVectors:
    return IndexedVectors(numbers, faces.vectors[numbers], faces.places.of(numbers))


def filled(faces: IndexedVectors, kind: str = "ivf_flat", count: int = COUNT) -> PartitionIndex:
    partition = PartitionIndex(D, "flat" if kind == "flat" else "ivf_flat")
    partition.add(*some(faces, np.arange(count)))
    return partition


def to_the_end() -> None:
    """Let the making of lists go on."""


def trained(indexed: IndexedVectors) -> IvfFlatIndex:
    made = IvfFlatIndex.trained(indexed, ALIKE, to_the_end)
    assert made is not None
    return made


def with_lists(partition: PartitionIndex) -> PartitionIndex:
    partition.begin()
    partition.replace(trained(copy_of(partition)))
    return partition


def probes_of(faces: IndexedVectors, count: int) -> tuple[Vectors, Places]:
    """Return how the first faces look another time: cosines of about .9."""
    random = np.random.default_rng(6)
    noise = 0.5 * unit(random.normal(size=(count, D)).astype(np.float32))
    return unit(faces.vectors[:count] + noise), faces.places.of(np.arange(count))


def copy_of(partition: PartitionIndex) -> IndexedVectors:
    return IndexedVectors.joined([*map(partition.piece, range(partition.pieces))])


def held_by(partition: PartitionIndex) -> IndexedVectors:
    return in_order(copy_of(partition))


def test_lists_find_nearly_always_whom_an_exact_search_finds_with_the_same_score(
    faces: IndexedVectors,
) -> None:
    flat, listed = filled(faces, "flat"), with_lists(filled(faces))
    probes, places = probes_of(faces, 500)

    exact = flat.search(probes, places, 1)
    found = listed.search(probes, places, 1)

    best = [max(one, key=lambda name: one[name].score) for one in exact]
    same = [name in one for name, one in zip(best, found, strict=True)]
    assert np.mean(same) >= 0.97
    for name, one, other in zip(best, exact, found, strict=True):
        if name in other:
            assert other[name].score == pytest.approx(one[name].score, abs=1e-3)
    assert listed.status.kind == "ivf_flat"
    assert 0 < listed.status.probed < listed.status.lists / 4


def test_several_probes_get_what_each_of_them_gets_alone(faces: IndexedVectors) -> None:
    listed = with_lists(filled(faces))
    probes, places = probes_of(faces, 30)

    together = listed.search(probes, places, 2)

    for row, found in enumerate(together):
        one = np.array([row])
        [alone] = listed.search(probes[one], places.of(one), 2)
        assert found.keys() == alone.keys()
        for number in found:
            assert found[number].score == pytest.approx(alone[number].score, abs=1e-3)


def test_few_faces_are_searched_exactly_whatever_was_asked_for(faces: IndexedVectors) -> None:
    partition = filled(faces, count=LEAST_LISTED - 1)
    assert not partition.wants_lists()
    assert partition.status.kind == "flat"

    partition.add(*some(faces, np.array([LEAST_LISTED])))
    assert partition.wants_lists()
    assert not filled(faces, "flat").wants_lists()


def test_where_lists_would_miss_too_many_the_search_stays_exact(faces: IndexedVectors) -> None:
    """Of people who are hardly more like themselves than strangers are, in many dimensions."""
    random = np.random.default_rng(7)
    vectors = unit(random.normal(size=(5000, 128)).astype(np.float32))
    indexed = IndexedVectors(np.arange(5000), vectors, faces.places.of(np.arange(5000)))
    assert IvfFlatIndex.trained(indexed, MatchLikeness(0.1, 0.2), to_the_end) is None
    partition = filled(faces)
    partition.begin()

    partition.abandon(COUNT)

    assert partition.status.kind == "flat"
    assert not partition.wants_lists()  # until there are twice as many


def test_lists_are_made_anew_when_there_are_twice_as_many(faces: IndexedVectors) -> None:
    partition = with_lists(filled(faces))
    assert not partition.wants_lists()
    assert partition.status.trained_by == COUNT

    partition.add(*some(faces, np.arange(COUNT, 2 * COUNT)))

    assert partition.wants_lists()
    with_lists(partition)
    assert partition.status.trained_by == partition.status.faces == 2 * COUNT


def test_the_making_of_lists_ends_when_it_shall(faces: IndexedVectors) -> None:
    """Between its steps: those of k-means, the pieces that are added, and those of the trial."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    few = some(faces, np.arange(6000))
    assert IvfFlatIndex.trained(few, ALIKE, count) is not None
    assert steps > 10

    def end() -> None:
        nonlocal steps
        steps -= 1
        if not steps:
            raise NotReady("the shard is stopping")

    with pytest.raises(NotReady):
        IvfFlatIndex.trained(few, ALIKE, end)


def test_what_changes_while_lists_are_made_is_in_them(faces: IndexedVectors) -> None:
    """Before, between and after the pieces are copied: removed, added, and replaced."""
    partition = filled(faces)
    expected = {number: number for number in range(COUNT)}
    changes = _changes(partition, faces, expected)

    partition.begin()
    next(changes)
    pieces = [IndexedVectors.none(D)]
    while len(pieces) <= partition.pieces:
        pieces.append(partition.piece(len(pieces) - 1))
        next(changes)
    made = trained(IndexedVectors.joined(pieces).once())
    next(changes)
    partition.replace(made)

    held = held_by(partition)
    assert partition.status.kind == "ivf_flat"
    assert held.numbers.tolist() == sorted(expected)
    shown = [expected[number] for number in held.numbers.tolist()]
    assert np.array_equal(held.vectors, faces.vectors[shown])
    assert np.array_equal(held.places.mean, faces.places.mean[shown])


def _changes(
    partition: PartitionIndex, faces: IndexedVectors, expected: dict[int, int]
) -> Iterator[None]:
    """Remove some, add some, and give some numbers the vector of another face, step after step.

    `expected` says the face that each number shows.
    """
    for step in range(100):
        gone = np.arange(step * 500, step * 500 + 20)
        new = np.arange(COUNT + 30 * step, COUNT + 30 * step + 10)
        replaced = np.array([step * 500 + 400, COUNT - step - 1])
        others = some(faces, replaced + COUNT)
        partition.remove(gone)
        partition.add(*some(faces, new))
        partition.remove(replaced)
        partition.add(replaced, others.vectors, others.places)
        for number in gone.tolist():
            del expected[number]
        expected |= {number: number for number in new.tolist()}
        expected |= {number: number + COUNT for number in replaced.tolist()}
        yield


def test_faces_come_and_go_in_lists(faces: IndexedVectors) -> None:
    partition = with_lists(filled(faces))
    probes, places = probes_of(faces, 50)

    partition.remove(np.arange(25))
    partition.add(*some(faces, np.arange(COUNT, COUNT + 3000)))

    found = partition.search(probes, places, 3)
    assert not any(number in one for one in found for number in range(25))
    assert sum(number in found[number] for number in range(25, 50)) >= 24
    assert len(partition) == COUNT - 25 + 3000
    one = faces.vectors[COUNT + 7][None]
    [new] = partition.search(one, faces.places.of(np.array([COUNT + 7])), 1)
    assert COUNT + 7 in new


def test_searches_go_on_while_lists_are_trained(faces: IndexedVectors) -> None:
    """Training leaves Python to others: what is found meanwhile is found by the former index."""
    partition = filled(faces)
    probes, places = probes_of(faces, 1)
    partition.begin()
    done = threading.Event()
    made: list[IvfFlatIndex] = []

    def train() -> None:
        made.append(trained(copy_of(partition)))
        done.set()

    thread = threading.Thread(target=train)
    thread.start()
    searches = 0
    while not done.is_set() or not searches:
        assert 0 in partition.search(probes, places, 1)[0]
        searches += 1
    thread.join()
    partition.replace(made[0])
    assert partition.status.kind == "ivf_flat"
