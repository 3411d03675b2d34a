"""Exact search: best first, distinct FaceIds, members apart from visitors, safe under change."""

import math
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from contract.messages.by_kind import ByKind
from contract.messages.message import Kind
from contract.vectors import Vectors
from scoring.cohort import Cohort, pair_scores, unit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.gallery.change import Change, StoredFace, StoredTemplate
from shard.index.face_index import FaceIndex

D = 4
ANY_SCORE = ByKind(-math.inf, -math.inf)
NOBODY = ScoreScale.of_model("unknown to the cohort").cohort
"""Every face has the typical place: scores rank as distances do."""


def row(angle: float, length: float = 1.0) -> Vectors:
    """Return a vector in the plane of the first two axes."""
    return length * np.array([[math.cos(angle), math.sin(angle), 0, 0]], np.float32)


def chord(angle: float) -> float:
    """Return the distance of two unit vectors with this angle between them."""
    return 2 * math.sin(angle / 2)


def change(
    *templates: tuple[int, str, float], kind: Kind = "member", removed: tuple[int, ...] = ()
) -> Change:
    """Return the change that adds (number, FaceId, angle) templates."""
    faces = [
        StoredFace(face_id, kind, None, False) for face_id in {face for _, face, _ in templates}
    ]
    added = [StoredTemplate(number, face_id) for number, face_id, _ in templates]
    places = [row(place) for _, _, place in templates]
    return Change(removed, faces, added, np.vstack(places) if places else np.empty((0, D), "f4"))


@pytest.fixture
def index() -> FaceIndex:
    return FaceIndex(D, NOBODY)


def found(index: FaceIndex, angle: float, k: int = 5) -> list[tuple[str, Any]]:
    hits = index.search(row(angle), k)[0]
    return [(hit.face.face_id, pytest.approx(hit.distance, abs=1e-3)) for hit in hits]


def test_an_empty_index_finds_nobody(index: FaceIndex) -> None:
    assert index.search(np.zeros((2, D), np.float32), 3) == [[], []]


def test_candidates_come_best_first_with_their_euclidean_distance(index: FaceIndex) -> None:
    index.update(change((1, "far", 3.0), (2, "near", 0.5), (3, "middle", 1.0)))

    expected = [("near", chord(0.5)), ("middle", chord(1.0)), ("far", chord(3.0))]
    assert found(index, 0.0) == expected
    assert found(index, 0.0, k=1) == expected[:1]
    scores = [hit.score for hit in index.search(row(0.0), 5)[0]]
    assert scores == sorted(scores, reverse=True)


def test_a_face_with_many_templates_is_one_candidate_at_their_mean(index: FaceIndex) -> None:
    index.update(change(*[(number, "many", 0.01 * number) for number in range(1, 100)]))
    index.update(change((100, "other", 3.0)))

    assert [face_id for face_id, _ in found(index, 0.0, k=2)] == ["many", "other"]
    assert found(index, 0.0, k=1) == [("many", chord(0.5))]


def test_what_a_face_gains_by_many_templates_is_taken_off_its_score() -> None:
    index = FaceIndex(D, replace(NOBODY, fused_extra=(0.0, 0.5)))
    index.update(change((1, "one", 1.0), (2, "two", 1.0), (3, "two", 1.0)))

    one, two = index.search(row(0.0), 2)[0]

    assert (one.face.face_id, two.face.face_id) == ("one", "two")
    assert one.score - two.score == pytest.approx(0.5, abs=1e-4)


def test_faces_at_one_distance_come_by_name(index: FaceIndex) -> None:
    index.update(change(*[(number, f"face-{60 - number}", 1.0) for number in range(1, 50)]))

    assert [face_id for face_id, _ in found(index, 0.0, k=2)] == ["face-11", "face-12"]


def test_a_search_of_members_never_sees_a_visitor(index: FaceIndex) -> None:
    index.update(change((1, "member", 2.0)))
    index.update(change((2, "visitor", 0.0), kind="visitor"))

    [members] = index.search(row(0.0), 5, "members")
    [everyone] = index.search(row(0.0), 5, "everyone")

    assert [hit.face.face_id for hit in members] == ["member"]
    assert [hit.face.face_id for hit in everyone] == ["visitor", "member"]


def test_a_visitor_who_becomes_a_member_moves_with_every_template(index: FaceIndex) -> None:
    index.update(change((1, "v-1", 0.0), (2, "v-1", 1.0), kind="visitor"))

    index.update(Change(faces=[StoredFace("v-1", "member", "m-1", False)]))

    [members] = index.search(row(0.0), 5, "members")
    assert [(hit.face.face_id, hit.face.member_id) for hit in members] == [("v-1", "m-1")]
    assert (index.counts.members, index.counts.visitors, index.counts.templates) == (1, 0, 2)
    held = {number: vector.tolist() for number, (_, vector) in index.templates().items()}
    assert held == {1: pytest.approx(row(0.0)[0]), 2: pytest.approx(row(1.0)[0])}


def test_a_face_leaves_with_its_last_template(index: FaceIndex) -> None:
    index.update(change((1, "a", 0.0), (2, "a", 1.0), (3, "b", 2.0)))

    index.update(Change(removed=[1]))
    assert found(index, 0.0) == [("a", chord(1.0)), ("b", chord(2.0))]

    index.update(Change(removed=[2, 77]))
    assert found(index, 0.0) == [("b", chord(2.0))]
    assert index.counts.faces == 1


def test_a_template_that_is_replaced_leaves_its_face_in_place(index: FaceIndex) -> None:
    index.update(change((1, "a", 0.0)))

    index.update(change((2, "a", 1.0), removed=(1,)))

    assert found(index, 0.0) == [("a", chord(1.0))]


def test_vectors_of_older_releases_count_by_their_direction(index: FaceIndex) -> None:
    added = [StoredTemplate(1, "plain"), StoredTemplate(2, "nothing")]
    faces = [StoredFace(face_id, "member", None, False) for face_id in ("plain", "nothing")]
    index.update(Change([], faces, added, np.vstack([row(0.5, length=1.4), row(0, length=0)])))

    assert found(index, 0.0, k=1) == [("plain", chord(0.5))]


def test_a_batch_finds_what_single_searches_find() -> None:
    random = np.random.default_rng(1)
    wide = FaceIndex(128, ScoreScale.measured(load_scoring_data()).cohort)
    vectors = random.normal(size=(3000, 128)).astype(np.float32)
    faces = [StoredFace(str(number), "member", None, False) for number in range(3000)]
    added = [StoredTemplate(number, str(number)) for number in range(3000)]
    wide.update(Change(faces=faces, added=added, vectors=vectors))
    queries = unit(random.normal(size=(256, 128)).astype(np.float32))

    together = wide.search(queries, 5)

    for batch, query in zip(together, queries, strict=True):
        [alone] = wide.search(query[None, :], 5)
        assert [hit.face for hit in batch] == [hit.face for hit in alone]
        assert [hit.score for hit in batch] == pytest.approx([hit.score for hit in alone], abs=1e-3)
        assert [hit.distance for hit in batch] == pytest.approx([hit.distance for hit in alone])


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
    names = [f"{number // 2:04}" for number in range(2 * people)]
    index = FaceIndex(128, cohort)
    index.update(
        Change(
            faces=[StoredFace(name, "member", None, False) for name in dict.fromkeys(names)],
            added=[StoredTemplate(number, name) for number, name in enumerate(names)],
            vectors=vectors,
        )
    )

    fused = unit(vectors[::2] + vectors[1::2])
    scores = pair_scores(probes @ fused.T, cohort.place(probes).rows, cohort.place(fused))
    nearer = 0
    for row_of_scores, hits in zip(scores, index.search(probes, 10), strict=True):
        named = zip(names[::2], row_of_scores, strict=True)
        expected = sorted(named, key=lambda pair: -pair[1])[:10]
        assert [hit.score for hit in hits] == pytest.approx([s for _, s in expected], abs=0.01)
        assert hits[0].face.face_id == expected[0][0]
        nearer += [hit.distance for hit in hits] != sorted(hit.distance for hit in hits)
    assert nearer or people < 10


def test_searches_during_changes_see_all_of_a_change_or_nothing(index: FaceIndex) -> None:
    index.update(change((1, "a", 0.0), (2, "b", 0.0)))
    seen: list[set[str]] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            seen.append({face_id for face_id, _ in found(index, 0.0)})

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(3, 600, 2):
        added = change((number, "a", 0.0), (number + 1, "b", 0.0), removed=(number - 2, number - 1))
        index.update(added)
    stop.set()
    for thread in threads:
        thread.join()

    assert seen
    assert all(names == {"a", "b"} for names in seen)


def test_of_two_who_are_told_apart_a_face_is_whose_it_is_more_like(index: FaceIndex) -> None:
    both = change((1, "anna", 0.0), (2, "v-1", 1.0), (3, "zoe", 3.0))
    index.update(replace(both, distinctions=[("v-1", "anna")]))

    def named(position: float) -> str | None:
        [hits] = index.search(row(position), 1)
        return next((hit.face.face_id for hit in hits if hit.passes(hits, ANY_SCORE)), None)

    assert [named(position) for position in (0.0, 0.4, 0.6, 1.0)] == ["anna", "anna", "v-1", "v-1"]


def test_a_template_of_several_frames_counts_as_so_many() -> None:
    index = FaceIndex(D, replace(NOBODY, fused_extra=(0.0, 0.5)))
    index.update(change((1, "one", 1.0)))
    added = [StoredTemplate(2, "fused", frames=2)]
    index.update(Change((), [StoredFace("fused", "member", None, False)], added, row(1.0)))

    [hits] = index.search(row(1.0), 2)

    assert [hit.face.face_id for hit in hits] == ["one", "fused"]
    assert index.frames_of("fused") == {2: 2}
    assert index.likeness(row(1.0)[0], [row(1.0)[0]], 2) == pytest.approx(hits[1].score)


def test_the_best_of_each_kind_is_always_found(index: FaceIndex) -> None:
    index.update(change((1, "ann", 0.0), (2, "ben", 0.1), (3, "cat", 0.2)))
    index.update(change((4, "v-1", 0.5), (5, "v-2", 0.6), kind="visitor"))

    assert [face_id for face_id, _ in found(index, 0.0, k=2)] == ["ann", "ben", "v-1"]
    assert [face_id for face_id, _ in found(index, 1.0, k=1)] == ["v-2", "cat"]


def test_who_is_not_whom_goes_with_the_pair(index: FaceIndex) -> None:
    both = change((1, "anna", 0.0), (2, "ben", 1.0))
    index.update(replace(both, distinctions=[("ben", "anna")]))

    index.update(Change(removed=[2], distinctions=[]))
    index.update(change((3, "ben", 1.0)))

    assert not index.are_distinct("anna", "ben")
