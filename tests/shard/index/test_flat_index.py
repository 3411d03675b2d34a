"""Vectors in segments: found by score whatever came and went, and no change takes a large step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from contract.vectors import Vectors
from scoring.cohort import Floats, Places, pair_scores, unit
from shard.index.faiss_vectors import FlatVectors, Numbers
from shard.index.flat_index import FlatIndex
from shard.index.indexed_vectors import IndexedVectors
from shard.index.quantized_vectors import QuantizedVectors
from shard.index.segment import CAPACITY, RowVectors, Segment
from tests.shard.index.contents import in_order

D = 8
SEED = 3


class Known:
    """What an index should hold: arrays by number."""

    def __init__(self, count: int) -> None:
        random = np.random.default_rng(SEED)
        self.random = random
        self.vectors = unit(random.normal(size=(count, D)).astype(np.float32))
        self.places = Places(
            random.normal(0.5, 0.2, count).astype(np.float32),
            random.uniform(0.05, 0.2, count).astype(np.float32),
        )
        self.held = np.zeros(count, bool)

    def add(self, index: FlatIndex, numbers: Numbers) -> None:
        index.add(numbers, self.vectors[numbers], self.places.of(numbers))
        self.held[numbers] = True

    def remove(self, index: FlatIndex, numbers: Numbers) -> None:
        index.remove(numbers)
        self.held[numbers] = False

    def best(self, probe: Vectors, place: Places) -> list[int]:
        """Return the numbers of the three best."""
        scores: Floats = pair_scores(self.vectors @ probe, place, self.places)
        scores[~self.held] = -np.inf
        return [int(number) for number in np.argsort(-scores)[:3]]


def found(index: FlatIndex, probe: Vectors, place: Places) -> list[int]:
    [similar] = index.search(probe[None], place, 3)
    best = sorted(similar.items(), key=lambda one: -one[1].score)[:3]
    return [number for number, _ in best]


def some_place() -> Places:
    return Places(np.full(1, 0.4, np.float32), np.full(1, 0.1, np.float32))


def check(index: FlatIndex, known: Known) -> None:
    assert len(index) == known.held.sum()
    for probe in unit(known.random.normal(size=(5, D)).astype(np.float32)):
        assert found(index, probe, some_place()) == known.best(probe, some_place())


@pytest.mark.parametrize(("rows", "off"), [(FlatVectors, 0.0), (QuantizedVectors, 1e-4)])
def test_many_vectors_that_come_and_go_are_found_exactly(
    rows: Callable[[int], RowVectors], off: float
) -> None:
    """Across segments: some full, some with holes that later ones fill."""
    known, index = Known(2 * CAPACITY + 5000), FlatIndex(D, rows)
    everyone = np.arange(len(known.held))
    known.add(index, everyone[: CAPACITY + 700])
    check(index, known)

    gone = known.random.choice(CAPACITY + 700, 9000, replace=False)
    known.remove(index, gone)
    check(index, known)

    known.add(index, everyone[CAPACITY + 700 :])
    known.add(index, gone[:4000])
    check(index, known)

    pieces = [index.piece(number) for number in range(index.pieces)]
    copied = in_order(IndexedVectors.joined(pieces))
    held = np.flatnonzero(known.held)
    assert np.array_equal(copied.numbers, held)
    assert np.abs(copied.vectors - known.vectors[held]).max() <= off
    assert np.array_equal(copied.places.mean, known.places.mean[held])


def test_an_index_that_has_lost_everybody_finds_nobody_and_fills_again() -> None:
    known, index = Known(CAPACITY + 10), FlatIndex(D)
    everyone = np.arange(len(known.held))
    known.add(index, everyone)
    known.remove(index, everyone)

    assert index.search(known.vectors[:1], known.places.of(np.array([0])), 1) == [{}]
    assert index.pieces == 0

    known.add(index, everyone[:1500])
    check(index, known)


@pytest.mark.parametrize("rows", [FlatVectors, QuantizedVectors])
def test_several_probes_get_what_each_of_them_gets_alone(
    rows: Callable[[int], RowVectors],
) -> None:
    """To the last bit: an answer does not depend on what else is searched at the time."""
    known, index = Known(CAPACITY + 2000), FlatIndex(D, rows)
    known.add(index, np.arange(len(known.held)))
    probes = unit(known.random.normal(size=(40, D)).astype(np.float32))
    places = Places(*(np.repeat(each, len(probes)) for each in some_place()))

    together = index.search(probes, places, 2)

    for row, similar in enumerate(together):
        one = np.array([row])
        assert index.search(probes[one], places.of(one), 2) == [similar]


def test_so_many_are_found_as_are_asked_for_or_as_there_are() -> None:
    """Also where the first segment has lost most of its vectors, and does not have so many."""
    known, index = Known(CAPACITY + 40), FlatIndex(D)
    known.add(index, np.arange(len(known.held)))
    known.remove(index, np.arange(10, CAPACITY))

    for wanted in (3, 30, 50, 80):
        [similar] = index.search(known.vectors[:1], some_place(), wanted)
        assert len(similar) == min(wanted, 50)


def test_who_is_far_but_in_a_low_place_is_found() -> None:
    """Strangers come hardly near to them: they are more alike than many who are nearer."""
    known, index = Known(5000), FlatIndex(D)
    alone = np.arange(0, 5000, 100)
    known.places.mean[alone], known.places.deviation[alone] = -2.0, 0.02
    known.add(index, np.arange(5000))

    [similar] = index.search(known.vectors[1:2], some_place(), 51)

    assert set(similar) == {1, *alone.tolist()}


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_removed_vector_is_nowhere_in_memory(row: int) -> None:
    known, segment = Known(3), Segment(FlatVectors(D))
    segment.add(np.arange(3), known.vectors, known.places)
    memory = segment.vectors  # of all three rows: the room stays when a row goes

    segment.remove(row)

    assert not (memory == known.vectors[row]).all(axis=1).any()
    assert sorted(segment.numbers.tolist()) == [number for number in range(3) if number != row]


@pytest.mark.parametrize("rows", [FlatVectors, QuantizedVectors])
def test_changes_go_on_between_two_segments_of_a_search(rows: Callable[[int], RowVectors]) -> None:
    known, index = Known(3 * CAPACITY), FlatIndex(D, rows)
    everyone = np.arange(len(known.held))
    known.add(index, everyone[:-3])
    [probe] = known.vectors[[CAPACITY + 5]]
    held = 0

    def changes() -> Iterator[None]:
        """One goes, one comes and one is another, between the first pieces of the work."""
        known.remove(index, np.array([CAPACITY + 7]))
        yield
        known.add(index, everyone[-3:-2])
        yield
        index.alter(np.array([3]), probe[None], some_place())
        yield
        known.remove(index, everyone[2 * CAPACITY :][:-3])  # all of a segment

    meanwhile = changes()

    @contextmanager
    def reading() -> Iterator[None]:
        nonlocal held
        next(meanwhile, None)
        held += 1
        assert held == 1, "changes go on between, never within"
        yield
        held -= 1

    [similar] = index.search(probe[None], some_place(), 3, reading)

    assert similar[CAPACITY + 5].distance == pytest.approx(0, abs=0.01)
    assert next(meanwhile, "done") == "done"
    [after] = index.search(probe[None], some_place(), 20)
    assert after[3].distance == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("rows", [FlatVectors, QuantizedVectors])
def test_who_is_altered_is_found_by_the_new_vector_alone(
    rows: Callable[[int], RowVectors],
) -> None:
    known, index = Known(CAPACITY + 100), FlatIndex(D, rows)
    everyone = np.arange(len(known.held))
    known.add(index, everyone)
    chosen = np.array([2, CAPACITY + 3])
    others = unit(known.random.normal(size=(2, D)).astype(np.float32))

    index.alter(chosen, others, known.places.of(chosen))

    known.vectors[chosen] = others
    check(index, known)
    held = index.of(chosen)
    assert held.vectors == pytest.approx(others, abs=1e-4)
    assert held.places.pairs == known.places.of(chosen).pairs
