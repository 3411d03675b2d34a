"""A gallery's pages are looked through while it is read: what is damaged does not count."""

import random
import sqlite3
from pathlib import Path

import pytest

from contract.errors import BadVectors, StorageDamaged
from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.index.collection import Collection
from shard.service import Service
from shard.shared_parts import SharedParts
from tests.shard.conftest import store_of
from tests.shard.fakes import DIMENSION, MODEL, FakeEncoder
from tests.shard.gallery.filled import filled

PAGE = 4096
FACES = 3000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gallery.sqlite3"
    gallery = filled(path, FACES)
    gallery.forget_model("fake-second", MODEL)
    gallery.close()
    return path


def damage(path: Path) -> None:
    """Overwrite a page that no start reads: of the order in which FaceIds were made."""
    connection = sqlite3.connect(path)
    query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_faces_created_at'"
    [page] = connection.execute(query).fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(random.Random(page).randbytes(PAGE))


async def test_damage_in_what_a_start_does_not_read_keeps_it_from_being_served(path: Path) -> None:
    damage(path)
    gallery = Gallery.open_unchecked(path, "s")
    collection = Collection.load(gallery, MODEL, DIMENSION, ScoreScale.of_model(MODEL))
    assert collection.counts.faces == FACES
    with pytest.raises(StorageDamaged):
        gallery.file.wait_checked()
    gallery.close()

    service = Service(store_of(), SharedParts(FakeEncoder()), read_only=False)
    with pytest.raises(StorageDamaged):
        await service.load(lambda: Gallery.open_unchecked(path, "s"))

    assert not service.loaded
    await service.close()


@pytest.mark.parametrize("opened", [Gallery.open, Gallery.follow])
def test_who_opens_a_gallery_to_change_it_has_a_sound_one(path: Path, opened: object) -> None:
    damage(path)

    with pytest.raises(StorageDamaged):
        opened(path, "s")  # type: ignore[operator]  # either of the two


def test_whatever_is_read_of_a_damaged_file_it_is_called_damaged(path: Path) -> None:
    damage(path)
    gallery = Gallery.open_unchecked(path, "s")

    with pytest.raises(StorageDamaged), gallery.file.read_while_checked():
        raise BadVectors("of a damaged page")

    gallery.close()


def test_what_was_read_wrongly_of_a_sound_file_is_said_as_it_is(path: Path) -> None:
    gallery = Gallery.open_unchecked(path, "s")

    with pytest.raises(BadVectors), gallery.file.read_while_checked():
        raise BadVectors("of a sound page")

    gallery.close()


def test_a_damaged_gallery_of_a_former_release_is_not_changed(path: Path) -> None:
    """Migrating it would write by what its pages say."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
    connection.close()
    damage(path)
    before = path.read_bytes()

    with pytest.raises(StorageDamaged):
        Gallery.open_unchecked(path, "s")

    assert path.read_bytes() == before
