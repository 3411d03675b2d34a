"""A start uses the places that are stored, where they are still those of the same faces."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.gallery.schema import faces, places
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from tests.shard.fakes import DIMENSION, MODEL, vector_of
from tests.shard.index.contents import assert_equal_to_record, indexed

MARK = 0.125
"""No place that was told from a face."""
SCALE = ScoreScale.of_model(MODEL)


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """A gallery with two faces, whose places are stored, and changed to be known again."""
    gallery = Gallery.open(tmp_path / "gallery.sqlite3", "s")
    collection = loaded(gallery)
    for person, name in enumerate(("anna", "ben")):
        collection.enroll(name, NewTemplate(vector_of(person), MODEL, 1.0))
    assert collection.store_places(10) == 2
    assert collection.store_places(10) == 0
    with gallery.file.transaction() as connection:
        connection.execute(sa.update(places).values(mean=MARK))
    yield gallery
    gallery.close()


def loaded(gallery: Gallery, scale: ScoreScale = SCALE) -> Collection:
    return Collection.load(gallery, MODEL, DIMENSION, scale)


def means(collection: Collection) -> list[float]:
    """Return the means of the places in the index, in the order of the FaceIds' numbers."""
    return [face.place[0] for _, face in sorted(indexed(collection).items())]


def test_a_start_uses_stored_places(gallery: Gallery) -> None:
    collection = loaded(gallery)

    assert means(collection) == [MARK, MARK]
    assert collection.store_places(10) == 0


def test_places_among_other_strangers_are_not_used_and_replaced(gallery: Gallery) -> None:
    collection = loaded(gallery, replace(SCALE, data=SCALE.data._replace(digest="others")))

    assert MARK not in means(collection)
    assert collection.store_places(10) == 2
    with gallery.file.transaction() as connection:
        stored = connection.execute(sa.select(places.c.number, places.c.mean)).all()
    usual = pytest.approx(SCALE.cohort.typical[0])
    assert sorted(stored) == [(1, usual), (2, usual)]


def test_a_face_that_has_changed_since_is_placed_anew(gallery: Gallery) -> None:
    gallery.enroll("ben", NewTemplate(vector_of(7), MODEL, 1.0), None)

    first, second = means(loaded(gallery))

    assert first == MARK
    assert second != MARK


def test_a_place_that_is_stored_too_late_does_not_count(gallery: Gallery) -> None:
    """The index has not taken over yet that the FaceId has another template."""
    collection = loaded(gallery)
    collection.enroll("anna", NewTemplate(vector_of(7), MODEL, 1.0))
    gallery.enroll("anna", NewTemplate(vector_of(8), MODEL, 1.0), None)
    collection.store_places(10)

    with gallery.file.transaction() as connection:
        query = sa.select(places.c.mean).join_from(places, faces, places.c.seq == faces.c.seq)
        assert connection.scalars(query).all() == [MARK]


def test_the_place_of_who_is_erased_goes_too(gallery: Gallery) -> None:
    gallery.erase(["anna"])

    with gallery.file.transaction() as connection:
        assert connection.scalars(sa.select(places.c.number)).all() == [2]


BEFORE = """
DROP TABLE places; DROP TABLE snapshots; DROP TABLE gone_faces;
DROP INDEX ix_faces_number; DROP INDEX ix_faces_created_at;
ALTER TABLE faces DROP COLUMN number; ALTER TABLE meta DROP COLUMN last_number;
UPDATE alembic_version SET version_num = '0009';
"""
"""Makes a gallery what it was before FaceIds had numbers."""


def test_a_gallery_of_a_former_release_is_numbered_and_placed(gallery: Gallery) -> None:
    gallery.erase(["anna"])
    path = gallery.file.path
    gallery.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(BEFORE)

    gallery = Gallery.open(path, "s")
    collection = loaded(gallery)
    assert_equal_to_record(collection)
    assert MARK not in means(collection)
    assert collection.store_places(10) == 1

    collection.enroll("cid", NewTemplate(vector_of(9), MODEL, 1.0))
    assert_equal_to_record(collection)
    assert len(indexed(collection)) == 2
    gallery.close()
