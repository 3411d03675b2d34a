"""Vectors that are encrypted at rest: nowhere to be read, and found as others are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from contract.errors import StorageForeign
from scoring.score_scale import ScoreScale
from service.seal import own_seal
from shard.gallery.encryption.resealing import Resealing
from shard.gallery.gallery import Gallery
from shard.index.collection import Collection
from tests.encryption import NEW, OLD, Keys
from tests.shard.fakes import DIMENSION, MODEL
from tests.shard.gallery.filled import filled, template_row
from tests.shard.index.contents import assert_equal_to_record

FACES = 60


def vectors() -> list[bytes]:
    """Return every vector that `filled` stores."""
    random = np.random.default_rng(1)
    rows = [template_row(number, random) for number in range(2 * FACES)]
    return [vector for row in rows if isinstance(vector := row["vector"], bytes)]


def readable(folder: Path) -> int:
    """Return how many vectors stand in the files of a folder as they are."""
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    return sum(vector in content for vector in vectors())


def in_memory(gallery: Gallery) -> Collection:
    """Return the index of a gallery, which is what the record says."""
    scale = ScoreScale.of_model(MODEL)
    collection = Collection.load(gallery, MODEL, DIMENSION, scale, skip_foreign=True)
    assert_equal_to_record(collection)
    return collection


def loaded(path: Path) -> Collection:
    return in_memory(Gallery.open(path, "s"))


def keep(collection: Collection) -> None:
    for confirm in collection.write_snapshots(lambda: None, share=0.0, least=0):
        confirm()


def reseal(gallery: Gallery, most: int = 7) -> int:
    resealing = Resealing(gallery.file, own_seal())
    while resealing.step(most):
        pass
    return resealing.total


def test_no_vector_stands_in_any_file(tmp_path: Path, keys: Keys) -> None:
    keys(NEW)
    path = tmp_path / "gallery.sqlite3"
    filled(path, FACES).close()

    collection = loaded(path)
    collection.gallery.merge("1", None, "m-1")
    keep(collection)

    assert list(tmp_path.glob("*-index-*"))
    assert readable(tmp_path) == 0
    collection.gallery.close()
    assert readable(tmp_path) == 0
    loaded(path).gallery.close()


def test_without_the_key_nothing_is_served_and_nothing_changed(tmp_path: Path, keys: Keys) -> None:
    keys(OLD)
    path = tmp_path / "gallery.sqlite3"
    filled(path, FACES).close()
    for others in ((), (NEW,)):
        keys(*others)
        with (
            closing(Gallery.open(path, "s")) as gallery,
            pytest.raises(StorageForeign, match="FACEGATE_ENCRYPTION_KEYS"),
        ):
            in_memory(gallery)

    keys(NEW, OLD)
    loaded(path).gallery.close()


@pytest.mark.parametrize(
    ("before", "after", "alone"),
    [([], [NEW], [NEW]), ([OLD], [NEW, OLD], [NEW]), ([OLD], ["plain", OLD], [])],
    ids=["encrypted", "another key", "in plain again"],
)
def test_what_was_stored_before_is_stored_anew(
    tmp_path: Path, keys: Keys, before: list[str], after: list[str], alone: list[str]
) -> None:
    keys(*before)
    path = tmp_path / "gallery.sqlite3"
    filled(path, FACES).close()
    collection = loaded(path)
    keep(collection)
    collection.gallery.merge("1", None, "m-1")
    seq = collection.gallery.changes(0, MODEL, lambda change: None)
    collection.gallery.close()

    keys(*after)
    collection = loaded(path)
    total = reseal(collection.gallery)

    assert total == 2 * FACES
    assert reseal(collection.gallery) == 0
    assert collection.gallery.changes(0, MODEL, lambda change: None) == seq
    keep(collection)
    collection.gallery.close()
    assert (readable(tmp_path) == 0) == bool(alone)
    keys(*alone)  # the old key is needed no more
    collection = loaded(path)
    collection.gallery.unmerge("1")
    collection.gallery.close()
    loaded(path).gallery.close()


def test_a_follower_reads_what_is_half_stored_anew(tmp_path: Path, keys: Keys) -> None:
    keys(OLD)
    path = tmp_path / "gallery.sqlite3"
    filled(path, FACES).close()
    keys(NEW, OLD)
    gallery = Gallery.open(path, "s")
    Resealing(gallery.file, own_seal()).step(FACES)

    follower = Gallery.follow(path, "s")
    in_memory(follower)

    with closing(sqlite3.connect(path)) as file:
        stored = [vector for (vector,) in file.execute("SELECT vector FROM templates")]
    assert sum(vector.startswith(own_seal().prefix) for vector in stored) == FACES
    assert len(stored) == 2 * FACES
    follower.close()
    gallery.close()
