"""Damage of many kinds: it is found, it is said, and what can be read is kept."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.errors import ConfigurationError, StorageDamaged, StorageUnavailable
from shard.gallery.gallery import Gallery
from shard.gallery.repair.repair import repair
from shard.gallery.template_rows import NewTemplate
from tests.shard.fakes import vector_of

PEOPLE = 400
PAGE = 4096


def full_gallery(path: Path) -> None:
    """Make a gallery of people with two pictures each, some bound, one erased."""
    gallery = Gallery.open(path, "s")
    for person in range(PEOPLE):
        for take in (0, 1):
            given = NewTemplate(vector_of(person), "m", 1.0, f"x/{person}_{take}", f"d{person}")
            gallery.enroll(f"p{person:03}", given, f"m{person}" if person % 3 == 0 else None)
    gallery.erase(["p007"])
    gallery.imports.set_complete(True)
    gallery.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "gallery.sqlite3"
    full_gallery(path)
    return path


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "gallery.sqlite3"))


def overwrite(path: Path, pages: int) -> None:
    """Overwrite some pages but the first with noise."""
    chance = random.Random(1)
    with path.open("r+b") as file:
        for page in chance.sample(range(1, path.stat().st_size // PAGE), pages):
            file.seek(page * PAGE)
            file.write(chance.randbytes(PAGE))


def overwrite_first(path: Path, pages: int) -> None:
    """Overwrite the pages that lead to all others."""
    with path.open("r+b") as file:
        file.write(random.Random(2).randbytes(pages * PAGE))


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(PAGE + 900)


def spoil_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_text(path: Path) -> None:
    path.write_bytes(b"<html>no database</html>" * 1000)


DAMAGES: dict[str, tuple[Callable[[Path], None], int]] = {
    "26 pages overwritten": (lambda path: overwrite(path, 26), PEOPLE // 2),
    "one page overwritten": (lambda path: overwrite(path, 1), PEOPLE - 30),
    "the first 26 pages overwritten": (lambda path: overwrite_first(path, 26), PEOPLE // 2),
    "truncated": (truncate, 1),
    "cut short": (cut_short, 0),
    "no header": (spoil_header, PEOPLE - 1),
    "empty": (empty, 0),
    "something else": (replace_by_text, 0),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_gallery_is_found_and_repaired(path: Path, what: str) -> None:
    damage, at_least = DAMAGES[what]
    damage(path)
    before = path.read_bytes()
    with pytest.raises(StorageDamaged, match=str(path)):
        Gallery.open(path, "s")
    with pytest.raises(StorageUnavailable):
        Gallery.follow(path, "s")

    done = repair(path, "s")

    assert done is not None
    assert done.damaged.read_bytes() == before
    gallery = Gallery.open(path, "s")
    kept = {face.face_id: face for face in gallery.faces("", 1000).faces}
    assert at_least <= len(kept) == done.faces < PEOPLE
    assert sum(len(face.templates) for face in kept.values()) == done.templates
    assert all(face.templates for face in kept.values())
    assert not set(done.lost) & kept.keys()
    assert not gallery.imports.is_complete()
    assert "p007" not in kept
    wrong = [
        f for f in kept.values() if f.member and f.member.member_id != f"m{int(f.face_id[1:])}"
    ]
    assert wrong == []
    with_sources = {t.source for face in kept.values() for t in face.templates}
    remembered = {s.source for s in gallery.imports.sources("x/") if s.outcome == "enrolled"}
    assert remembered <= with_sources, "what is lost comes back with the next import"
    gallery.enroll("new", NewTemplate(vector_of(1), "m", 1.0), None)
    gallery.close()
    assert repair(path, "s") is None
    left = {entry.name for entry in path.parent.iterdir()}
    beside = {name for name in left if name.endswith(("-wal", "-shm"))}
    assert left - beside == {path.name, f"{path.name}.lock", done.damaged.name}


def test_a_sound_gallery_is_left_alone(path: Path) -> None:
    before = path.read_bytes()

    assert repair(path, "s") is None

    assert path.read_bytes() == before


def test_a_gallery_that_a_shard_writes_is_not_repaired(path: Path) -> None:
    gallery = Gallery.open(path, "s")

    with pytest.raises(ConfigurationError, match="stop the shard"):
        repair(path, "s")
    gallery.close()


def test_another_release_repairs_its_own(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    overwrite(path, 3)
    before = path.read_bytes()

    with pytest.raises(ConfigurationError, match="another release"):
        repair(path, "s")

    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.repaired*"))


@pytest.mark.timeout(60)
def test_rows_out_of_order_do_not_hold_a_repair_up(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    chance = random.Random(3)
    for start in range(PAGE, len(raw), PAGE):  # row numbers are near the end of a page
        for at in chance.sample(range(start + PAGE - 900, start + PAGE), 3):
            raw[at] = 0xFF
    path.write_bytes(raw)

    done = repair(path, "s")

    assert done is not None
    Gallery.open(path, "s").close()
