"""Exact search: nearest first, distinct FaceIds, members apart from visitors, safe under change."""

import threading

import numpy as np
import pytest

from contract.messages import Kind
from contract.vectors import Vectors
from shard.change import Card, Change, StoredTemplate
from shard.face_index import FaceIndex

D = 4


def row(*values: float) -> Vectors:
    return np.array([[*values, *[0.0] * (D - len(values))]], np.float32)


def change(
    *templates: tuple[int, str, float], kind: Kind = "member", removed: tuple[int, ...] = ()
) -> Change:
    """Return the change that adds (number, FaceId, place on a line) templates."""
    cards = [Card(face_id, kind, None, False) for face_id in {face for _, face, _ in templates}]
    added = [StoredTemplate(number, face_id) for number, face_id, _ in templates]
    places = [row(place) for _, _, place in templates]
    return Change(removed, cards, added, np.vstack(places) if places else np.empty((0, D), "f4"))


@pytest.fixture
def index() -> FaceIndex:
    return FaceIndex(D)


def found(index: FaceIndex, place: float, k: int = 5) -> list[tuple[str, float]]:
    return [(hit.card.face_id, hit.distance) for hit in index.search(row(place), k)[0]]


def test_an_empty_index_finds_nobody(index: FaceIndex) -> None:
    assert index.search(np.zeros((2, D), np.float32), 3) == [[], []]


def test_candidates_come_nearest_first_with_their_euclidean_distance(index: FaceIndex) -> None:
    index.update(change((1, "far", 3.0), (2, "near", 0.5), (3, "middle", 1.0)))

    assert found(index, 0.0) == [("near", 0.5), ("middle", 1.0), ("far", 3.0)]
    assert found(index, 0.0, k=1) == [("near", 0.5)]


def test_a_face_with_many_templates_is_one_candidate_at_its_nearest(index: FaceIndex) -> None:
    index.update(change(*[(number, "many", 0.01 * number) for number in range(1, 100)]))
    index.update(change((100, "other", 5.0)))

    assert [face_id for face_id, _ in found(index, 0.0, k=2)] == ["many", "other"]
    assert found(index, 0.0, k=1)[0][1] == pytest.approx(0.01)


def test_faces_at_one_distance_come_by_name(index: FaceIndex) -> None:
    index.update(change(*[(number, f"face-{60 - number}", 1.0) for number in range(1, 50)]))

    assert [face_id for face_id, _ in found(index, 0.0, k=2)] == ["face-11", "face-12"]


def test_a_search_of_members_never_sees_a_visitor(index: FaceIndex) -> None:
    index.update(change((1, "member", 2.0)))
    index.update(change((2, "visitor", 0.0), kind="visitor"))

    [members] = index.search(row(0.0), 5, "members")
    [everyone] = index.search(row(0.0), 5, "everyone")

    assert [hit.card.face_id for hit in members] == ["member"]
    assert [hit.card.face_id for hit in everyone] == ["visitor", "member"]


def test_a_visitor_who_becomes_a_member_moves_with_every_template(index: FaceIndex) -> None:
    index.update(change((1, "v-1", 0.0), (2, "v-1", 1.0), kind="visitor"))

    index.update(Change(cards=[Card("v-1", "member", "m-1", False)]))

    [members] = index.search(row(0.0), 5, "members")
    assert [(hit.card.face_id, hit.card.member_id) for hit in members] == [("v-1", "m-1")]
    assert (index.counts.members, index.counts.visitors, index.counts.templates) == (1, 0, 2)
    assert {number: vector[0] for number, (_, vector) in index.templates().items()} == {1: 0, 2: 1}


def test_a_face_leaves_with_its_last_template(index: FaceIndex) -> None:
    index.update(change((1, "a", 0.0), (2, "a", 1.0), (3, "b", 2.0)))

    index.update(Change(removed=[1]))
    assert found(index, 0.0) == [("a", 1.0), ("b", 2.0)]

    index.update(Change(removed=[2, 77]))
    assert found(index, 0.0) == [("b", 2.0)]
    assert index.counts.faces == 1


def test_a_template_that_is_replaced_leaves_its_face_in_place(index: FaceIndex) -> None:
    index.update(change((1, "a", 0.0)))

    index.update(change((2, "a", 1.0), removed=(1,)))

    assert found(index, 0.0) == [("a", 1.0)]


def test_vectors_too_far_away_for_float32_are_no_candidates(index: FaceIndex) -> None:
    index.update(change((1, "beyond", 3e38), (2, "near", 1.0)))

    assert found(index, 0.0) == [("near", 1.0)]
    assert found(index, -3e38) == []


def test_a_batch_gives_exactly_the_distances_of_single_searches(index: FaceIndex) -> None:
    random = np.random.default_rng(1)
    wide = FaceIndex(128)
    vectors = random.normal(size=(3000, 128)).astype(np.float32)
    cards = [Card(str(number), "member", None, False) for number in range(3000)]
    added = [StoredTemplate(number, str(number)) for number in range(3000)]
    wide.update(Change(cards=cards, added=added, vectors=vectors))
    queries = random.normal(size=(256, 128)).astype(np.float32)

    together = wide.search(queries, 5)

    assert together == [wide.search(query[None, :], 5)[0] for query in queries]


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
