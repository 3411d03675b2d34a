"""Exact search by number: best first, members apart from visitors, safe under change."""

import math
import threading
from collections import Counter
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from contract.vectors import Vectors
from scoring.cohort import Cohort, Places, pair_scores, unit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.gallery.change import PARTITIONS, Change
from shard.index.face_index import FaceIndex, SearchScope
from shard.index.scored_vectors import Similarity
from shard.index.segment import CAPACITY
from tests.shard.index.changes import altered, change_of, face

D = 4
NOBODY = ScoreScale.of_model("unknown to the cohort").cohort
"""Every face has the typical place: scores rank as distances do."""


def row(angle: float, length: float = 1.0) -> Vectors:
    """Return a vector in the plane of the first two axes."""
    return length * np.array([[math.cos(angle), math.sin(angle), 0, 0]], np.float32)


def rows(*angles: float) -> Vectors:
    return np.concatenate([np.zeros((0, D), np.float32), *map(row, angles)])


def chord(angle: float) -> float:
    """Return the distance of two unit vectors with this angle between them."""
    return 2 * math.sin(angle / 2)


@pytest.fixture
def index() -> FaceIndex:
    return FaceIndex(D, NOBODY)


def ranked(
    index: FaceIndex, probes: Vectors, k: int, scope: SearchScope = "own", cohort: Cohort = NOBODY
) -> list[list[tuple[int, Similarity]]]:
    """Return the `k` best of each probe, best first."""
    found = index.search(probes, cohort.place(probes), k, scope).similar
    return [sorted(each.items(), key=lambda one: -one[1].score)[:k] for each in found]


def found(
    index: FaceIndex, angle: float, k: int = 5, scope: SearchScope = "own"
) -> list[tuple[int, Any]]:
    [best] = ranked(index, row(angle), k, scope)
    return [(number, pytest.approx(similar.distance, abs=1e-3)) for number, similar in best]


def test_an_empty_index_finds_nobody(index: FaceIndex) -> None:
    probes = np.zeros((2, D), np.float32)

    assert index.search(probes, NOBODY.place(probes), 3, "own").similar == [{}, {}]


def test_numbers_come_with_their_euclidean_distance_and_score(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(3.0)), face(2, rows(0.5)), face(3, rows(1.0))))

    expected = [(2, chord(0.5)), (3, chord(1.0)), (1, chord(3.0))]
    assert found(index, 0.0) == expected
    assert found(index, 0.0, k=1) == expected[:1]


def test_a_face_with_many_templates_is_one_candidate_at_their_mean(index: FaceIndex) -> None:
    many = rows(*(0.01 * number for number in range(1, 100)))
    index.update(change_of(face(1, many), face(2, rows(3.0))))

    assert found(index, 0.0, k=1) == [(1, chord(0.5))]
    assert (index.counts.faces, index.counts.templates) == (2, 100)


def test_what_a_face_gains_by_many_templates_is_taken_off_its_score() -> None:
    index = FaceIndex(D, replace(NOBODY, fused_extra=(0.0, 0.5)))
    index.update(change_of(face(1, rows(1.0)), face(2, rows(1.0, 1.0)), face(3, rows(1.0), 2)))

    (one, first), *others = ranked(index, row(0.0), 3)[0]

    assert one == 1
    assert {number for number, _ in others} == {2, 3}
    for _, other in others:
        assert first.score - other.score == pytest.approx(0.5, abs=1e-4)


def test_a_search_of_members_never_sees_a_visitor(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(2.0)), face(2, rows(0.0), partition="visitor")))

    assert [number for number, _ in found(index, 0.0, scope="members")] == [1]
    assert [number for number, _ in found(index, 0.0, scope="everyone")] == [2, 1]


def test_who_becomes_a_member_moves_with_every_template(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(0.0, 1.0), partition="visitor", provisional=True)))
    assert index.counts.provisional == 1

    index.update(change_of(face(1, rows(0.0, 1.0), partition="resident")))

    assert found(index, 0.5, scope="own members") == [(1, 0.0)]
    assert found(index, 0.5, scope="everyone") == []
    counts = index.counts
    assert (counts.members, counts.roaming, counts.visitors, counts.templates) == (1, 0, 0, 2)
    assert counts.provisional == 0


def test_a_face_leaves_when_it_is_gone_or_has_no_template_left(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(0.0)), face(2, rows(1.0)), face(3, rows(2.0))))

    index.update(Change(np.array([1, 77])))
    assert found(index, 0.0) == [(2, chord(1.0)), (3, chord(2.0))]

    index.update(change_of(face(2, rows())))
    assert found(index, 0.0) == [(3, chord(2.0))]
    assert (index.counts.faces, index.counts.templates) == (1, 1)


def test_a_template_that_is_replaced_leaves_its_face_in_place(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(0.0))))

    index.update(change_of(face(1, rows(1.0))))

    assert found(index, 0.0) == [(1, chord(1.0))]


def test_vectors_of_older_releases_count_by_their_direction(index: FaceIndex) -> None:
    index.update(change_of(face(1, row(0.5, length=1.4)), face(2, row(0, length=0))))

    assert found(index, 0.0, k=1) == [(1, chord(0.5))]


def test_places_that_are_stored_are_not_computed() -> None:
    class Unasked(Cohort):
        def place(self, *_: object) -> Places:
            raise AssertionError

    index = FaceIndex(D, Unasked(NOBODY.faces, NOBODY.best, NOBODY.typical))
    stored = altered(face(1, rows(0.0)), face(2, rows(1.0)))
    places = Places(np.array([0.25, 0.5], np.float32), np.array([0.125, 1.0], np.float32))

    index.update(Change(altered=stored._replace(places=places)))

    held = [piece.indexed.places.pairs for piece in index.pieces()]
    assert held == [[(0.25, 0.125), (0.5, 1.0)]]
    assert not len(index.places_to_store(10)[0])


def test_places_that_were_computed_are_to_be_stored_once(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(0.0)), face(2, rows(1.0), partition="visitor")))

    numbers, places = index.places_to_store(10)
    assert sorted(numbers) == [1, 2]
    assert places.pairs == NOBODY.place(rows(0.0, 1.0)).pairs
    assert len(index.places_to_store(1)[0]) == 1

    index.note_stored_places(numbers)
    assert not len(index.places_to_store(10)[0])

    index.update(change_of(face(2, rows(2.0))))
    assert index.places_to_store(10)[0].tolist() == [2]


def test_a_batch_finds_what_single_searches_find() -> None:
    random = np.random.default_rng(1)
    cohort = ScoreScale.measured(load_scoring_data()).cohort
    wide = FaceIndex(128, cohort)
    vectors = random.normal(size=(3000, 128)).astype(np.float32)
    wide.update(change_of(*(face(number, each[None]) for number, each in enumerate(vectors, 1))))
    queries = unit(random.normal(size=(256, 128)).astype(np.float32))

    together = ranked(wide, queries, 5, cohort=cohort)

    for batch, query in zip(together, queries, strict=True):
        [alone] = ranked(wide, query[None, :], 5, cohort=cohort)
        assert [number for number, _ in batch] == [number for number, _ in alone]
        for (_, one), (_, other) in zip(batch, alone, strict=True):
            assert one == pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("people", [3, 40, 1500])
def test_the_best_by_score_are_found_although_others_are_nearer(people: int) -> None:
    """Faces that are near to everybody, as real ones are, in clusters, two templates each."""
    random = np.random.default_rng(people)
    centres = unit(random.normal(size=(26, 128)).astype(np.float32) + 2)
    cohort = Cohort(centres, best=5, typical=(1.5, 0.05))
    near = centres[random.integers(len(centres), size=people)]
    spread = random.uniform(0.02, 0.1, size=(people, 1))
    persons = near + spread * random.normal(size=(people, 128))
    templates = np.repeat(persons, 2, axis=0) + 0.02 * random.normal(size=(2 * people, 128))
    photographed = persons[:20]
    frames = photographed + 0.03 * random.normal(size=photographed.shape)
    probes = unit(frames.astype(np.float32))
    vectors = unit(templates.astype(np.float32))
    index = FaceIndex(128, cohort)
    index.update(change_of(*(face(n + 1, vectors[2 * n : 2 * n + 2]) for n in range(people))))

    fused = unit(vectors[::2] + vectors[1::2])
    scores = pair_scores(probes @ fused.T, cohort.place(probes).rows, cohort.place(fused))
    nearer = 0
    best = ranked(index, probes, 10, cohort=cohort)
    for row_of_scores, hits in zip(scores, best, strict=True):
        expected = np.argsort(-row_of_scores)[:10]
        scored = [similar.score for _, similar in hits]
        assert scored == pytest.approx(row_of_scores[expected].tolist(), abs=0.01)
        assert hits[0][0] == expected[0] + 1
        distances = [similar.distance for _, similar in hits]
        nearer += distances != sorted(distances)
    assert nearer or people < 10


def test_searches_during_changes_see_all_of_a_change_or_nothing(index: FaceIndex) -> None:
    index.update(change_of(face(1, rows(0.0)), face(2, rows(0.0))))
    seen: list[set[int]] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            seen.append({number for number, _ in found(index, 0.0)})

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(3, 600, 2):
        new = altered(face(number, rows(0.0)), face(number + 1, rows(0.0)))
        index.update(Change(np.array([number - 2, number - 1]), new))
    stop.set()
    for thread in threads:
        thread.join()

    assert seen
    assert all(len(numbers) == 2 and min(numbers) % 2 == 1 for numbers in seen)


def test_somebody_who_is_altered_all_the_time_is_found_all_the_time(index: FaceIndex) -> None:
    """By another vector, and as another kind of member: a search looks at segments one by one."""
    many = np.random.default_rng(2).normal(size=(2 * CAPACITY, D)).astype(np.float32)
    index.update(change_of(*(face(number, each[None]) for number, each in enumerate(many, 2))))
    states = cycle(
        face(1, rows(angle), partition=partition)
        for partition in PARTITIONS
        for angle in (0.0, 0.001, 0.002)
    )
    index.update(change_of(next(states)))
    stop, altered_so_far = threading.Event(), Counter[str]()

    def alter() -> None:
        while not stop.is_set():
            index.update(change_of(next(states)))
            altered_so_far["times"] += 1

    thread = threading.Thread(target=alter)
    thread.start()
    missed = [number for number in range(200) if 1 not in dict(found(index, 0.001, k=20))]
    stop.set()
    thread.join()

    assert missed == []
    assert altered_so_far["times"] > 20
