"""Who is found: the best first, with their names of now, and nobody who is gone."""

import math
from pathlib import Path

import numpy as np
import pytest

from contract.errors import StorageUnavailable
from contract.messages.by_kind import ByKind
from contract.messages.message import Kind
from contract.vectors import Vector
from scoring.score_scale import ScoreScale
from shard.gallery.change import StoredFace
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate
from shard.index.collection import Collection
from tests.shard.bound import bound
from tests.shard.fakes import DIMENSION, MODEL

ANY_SCORE = ByKind(-math.inf, -math.inf)


def face_at(angle: float) -> Vector:
    """Return a unit vector in the plane of the first two axes."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[:2] = math.cos(angle), math.sin(angle)
    return vector


def put(collection: Collection, face_id: str, angle: float, kind: Kind = "member") -> None:
    """Store a FaceId at an angle, whoever is near."""
    if kind == "member":
        collection.enroll(face_id, NewTemplate(face_at(angle), MODEL, 1.0))
    else:
        template = NewTemplate(face_at(angle), MODEL, MINTED_QUALITY)
        collection.change(collection.gallery.mint, face_id, template, False)


def found(collection: Collection, angle: float, k: int = 5) -> list[str]:
    [hits] = collection.search(face_at(angle)[None], k)
    return [hit.face.face_id for hit in hits]


def test_candidates_come_best_first_and_those_alike_by_name(collection: Collection) -> None:
    for name, angle in (("far", 3.0), ("near", 0.5), ("c", 1.0), ("a", 1.0), ("b", 1.0)):
        put(collection, name, angle)

    assert found(collection, 0.0) == ["near", "a", "b", "c", "far"]
    assert found(collection, 0.0, k=3) == ["near", "a", "b"]
    [hits] = collection.search(face_at(0.0)[None], 5)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].distance == pytest.approx(2 * math.sin(0.25), abs=1e-3)


def test_the_best_of_each_kind_is_always_found(collection: Collection) -> None:
    for name, angle in (("ann", 0.0), ("ben", 0.1), ("cat", 0.2)):
        put(collection, name, angle)
    for name, angle in (("v-1", 0.5), ("v-2", 0.6)):
        put(collection, name, angle, "visitor")

    assert found(collection, 0.0, k=2) == ["ann", "ben", "v-1"]
    assert found(collection, 1.0, k=1) == ["v-2", "cat"]


def test_of_two_who_are_told_apart_a_face_is_whose_it_is_more_like(collection: Collection) -> None:
    put(collection, "anna", 0.0)
    put(collection, "v-1", 1.0, "visitor")
    put(collection, "zoe", 3.0)
    collection.change(collection.gallery.add_distinction, "v-1", "anna")

    def named(angle: float) -> str | None:
        [hits] = collection.search(face_at(angle)[None], 1)
        return next((hit.face.face_id for hit in hits if hit.passes(hits, ANY_SCORE)), None)

    assert [named(angle) for angle in (0.0, 0.4, 0.6, 1.0)] == ["anna", "anna", "v-1", "v-1"]


def test_a_rival_whom_the_search_does_not_cover_counts(collection: Collection) -> None:
    put(collection, "anna", 0.3)
    collection.change(collection.gallery.bind, bound("anna", "m-1", True))
    put(collection, "v-1", 0.0, "visitor")
    collection.change(collection.gallery.add_distinction, "v-1", "anna")

    [hits] = collection.search(face_at(0.0)[None], 1, "members")

    assert [hit.face.face_id for hit in hits] == ["anna"]
    assert hits[0].rival > hits[0].score
    assert not hits[0].passes(hits, ANY_SCORE)


def test_who_is_not_whom_goes_with_the_pair(collection: Collection) -> None:
    put(collection, "anna", 0.0)
    put(collection, "ben", 1.0)
    collection.change(collection.gallery.add_distinction, "ben", "anna")
    assert collection.are_distinct("anna", "ben")

    collection.erase("ben")
    put(collection, "ben", 1.0)

    assert not collection.are_distinct("anna", "ben")


def test_what_the_index_does_not_know_yet_is_answered_as_the_record_has_it(
    collection: Collection,
) -> None:
    """Between a write and the index's taking it over; on a replica that lasts for a second."""
    for name, angle in (("anna", 0.0), ("ben", 0.1), ("cid", 0.2), ("dora", 0.3)):
        put(collection, name, angle)
        collection.change(collection.gallery.bind, bound(name, f"m-{name}", True))
    gallery = collection.gallery
    gallery.erase(["anna"])
    gallery.rename("ben", "bert")
    gallery.bind(bound("cid", "m-cid", False))

    assert found(collection, 0.0) == ["bert", "cid", "dora"]
    [hits] = collection.search(face_at(0.0)[None], 5, "members")
    assert [hit.face.face_id for hit in hits] == ["bert", "dora"]

    collection.catch_up()
    assert found(collection, 0.0) == ["bert", "cid", "dora"]


def test_a_search_of_what_was_just_stored_waits_for_the_index(tmp_path: Path) -> None:
    """A merge: who is found is gone, and whom the templates went to is to be found instead."""

    class CaughtUpMeanwhile(Collection):
        """Takes over what is new when a search waits for it, as the record's thread does."""

        def __init__(self, gallery: Gallery) -> None:
            super().__init__(gallery, MODEL, DIMENSION, ScoreScale.of_model(MODEL))
            self._index.wait = lambda seq, seconds: self.catch_up()  # type: ignore[method-assign]

    collection = CaughtUpMeanwhile(Gallery.open(tmp_path / "gallery.sqlite3", "s"))
    put(collection, "anna", 3.0)
    put(collection, "v-1", 0.0, "visitor")
    collection.gallery.merge("1", "anna", "v-1")

    assert found(collection, 0.0) == ["anna"]
    collection.gallery.close()


def test_visitors_are_those_of_the_index_and_of_the_record(collection: Collection) -> None:
    for name, angle in (("v-1", 0.0), ("v-2", 1.0), ("v-3", 2.0)):
        put(collection, name, angle, "visitor")
    put(collection, "anna", 3.0)
    provisional = NewTemplate(face_at(4.0), MODEL, MINTED_QUALITY)
    collection.change(collection.gallery.mint, "v-4", provisional, True)
    collection.gallery.erase(["v-2"])  # the index does not know yet

    visitors = collection.visitors()

    assert visitors.face_ids == ["v-1", "v-3"]
    assert visitors.vectors == pytest.approx(np.stack([face_at(0.0), face_at(2.0)]), abs=1e-6)
    assert [len(own) for own in visitors.templates] == [1, 1]


def test_a_gallery_that_is_closed_answers_no_search(collection: Collection) -> None:
    put(collection, "anna", 0.0)
    assert found(collection, 0.0) == ["anna"]

    collection.gallery.record.close()

    with pytest.raises(StorageUnavailable, match="closed"):
        found(collection, 0.0)


def test_the_record_tells_names_of_numbers_and_when_they_changed(collection: Collection) -> None:
    put(collection, "anna", 0.0)
    put(collection, "ben", 1.0)
    collection.change(collection.gallery.bind, bound("anna", "m-1", False))
    record = collection.gallery.record

    assert record.faces([1]).faces == {1: StoredFace("anna", "member", "m-1", False, roams=False)}
    known, both = record.faces([2]), record.faces([1, 2])
    assert known.last_change < both.last_change == collection.seq
    gone = record.faces([2, 99])
    assert (set(gone.faces), gone.last_change) == ({2}, collection.seq)
    assert record.faces([]).faces == {}
