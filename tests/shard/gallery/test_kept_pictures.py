"""Kept files go with the templates of their picture, and with the last of them for good."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.messages.cluster import KeptPictureCounts
from shard.gallery.gallery import Gallery
from shard.gallery.repair.repair import repair
from shard.gallery.template_rows import NewTemplate
from tests.shard.fakes import MODEL, vector_of

FILE = b"the file of a picture " * 1000


def enroll(
    gallery: Gallery,
    face_id: str,
    person: int,
    source: str | None = None,
    *,
    file: bytes | None = FILE,
    model: str = "m",
    picture: int | None = None,
) -> int:
    """Enrol a picture, and return the number of its template."""
    new = NewTemplate(vector_of(person), model, 1.0, source, "d", picture=picture, file=file)
    return gallery.enroll(face_id, new, None).template_id


def contents(gallery: Gallery) -> list[bytes | None]:
    """Return the kept files, in the order in which their pictures came."""
    pictures = gallery.undescribed.of("m", "nobody's") + gallery.undescribed.of("n", "nobody's")
    return [gallery.kept.content(each.number) for each in pictures if each.number is not None]


def merged_and_undone(gallery: Gallery) -> None:
    enroll(gallery, "b", 9, file=None)
    gallery.merge("1", "b", "a")
    gallery.unmerge("1")


def set_aside_and_undone(gallery: Gallery) -> None:
    gallery.merge("1", None, "a")
    gallery.unmerge("1")


KEEPING: dict[str, Callable[[Gallery], object]] = {
    "renamed": lambda gallery: gallery.rename("a", "b"),
    "merged and undone": merged_and_undone,
    "set aside and undone": set_aside_and_undone,
    "enrolled again": lambda gallery: enroll(gallery, "a", 1, "x/a", file=b"another"),
    "erased, of another": lambda gallery: (enroll(gallery, "c", 7), gallery.erase(["c"])),
}


@pytest.mark.parametrize("what", KEEPING)
def test_a_file_stays_with_its_picture(gallery: Gallery, what: str) -> None:
    enroll(gallery, "a", 1, "x/a")

    KEEPING[what](gallery)

    assert contents(gallery) == [FILE]


def expired(gallery: Gallery) -> None:
    gallery.merge("1", None, "a")
    gallery.expire(datetime.now(UTC) + timedelta(days=1))


def erased_of_two(gallery: Gallery) -> None:
    number = gallery.face("a").templates[0].template_id
    enroll(gallery, "a", 2, file=None)
    gallery.erase_template("a", number, MODEL)


def merged_and_erased(gallery: Gallery) -> None:
    enroll(gallery, "b", 9, file=None)
    gallery.merge("1", "b", "a")
    gallery.erase(["a"])


def set_aside_and_erased(gallery: Gallery) -> None:
    gallery.merge("1", None, "a")
    gallery.erase(["a"])


ERASING: dict[str, Callable[[Gallery], object]] = {
    "erased": lambda gallery: gallery.erase(["a"]),
    "one picture erased": erased_of_two,
    "replaced": lambda gallery: enroll(gallery, "a", 3, "x/a", file=None),
    "merged and erased": merged_and_erased,
    "set aside and erased": set_aside_and_erased,
    "set aside and expired": expired,
    "no longer kept": lambda gallery: gallery.kept.delete(),
}


@pytest.mark.parametrize("what", ERASING)
def test_nothing_of_a_file_stays_on_disk_when_its_picture_goes(
    gallery: Gallery, tmp_path: Path, what: str
) -> None:
    enroll(gallery, "a", 1, "x/a")

    def on_disk() -> bytes:
        return b"".join(f.read_bytes() for f in tmp_path.iterdir() if f.is_file())

    before = on_disk()

    ERASING[what](gallery)
    gallery.file.scrub()

    assert FILE[:200] in before
    assert FILE[:22] not in on_disk()
    assert gallery.kept.counts() == KeptPictureCounts(pictures=0, bytes=0)


def test_the_templates_of_two_models_share_a_file_and_the_last_one_takes_it_along(
    gallery: Gallery,
) -> None:
    picture = enroll(gallery, "a", 1, "x/a")
    gallery.enroll("a", NewTemplate(vector_of(5), "n", 1.0, picture=picture), None)

    gallery.forget_model("m", served="n")

    assert contents(gallery) == [FILE]
    gallery.erase(["a"])
    assert contents(gallery) == []


def test_files_are_counted(gallery: Gallery) -> None:
    enroll(gallery, "a", 1)
    enroll(gallery, "b", 2, file=b"four")
    enroll(gallery, "c", 3, file=None)

    assert gallery.kept.counts() == KeptPictureCounts(pictures=2, bytes=len(FILE) + 4)


def test_a_repaired_gallery_keeps_files_and_the_vectors_of_both_models(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    gallery = Gallery.open(path, "s")
    for person in range(3):
        picture = enroll(gallery, f"p{person}", person)
        longer = NewTemplate(vector_of(person).repeat(2), "n", 1.0, picture=picture)
        gallery.enroll(f"p{person}", longer, None)
    enroll(gallery, "q", 7)
    gallery.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE templates SET vector = x'00' WHERE face_id = 'q'")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = 2 WHERE name = 'ix_templates_source'"
        )
    connection.close()

    done = repair(path, "s")

    assert done is not None
    assert (done.faces, done.templates, done.lost) == (3, 6, ["q"])
    gallery = Gallery.open(path, "s")
    assert gallery.kept.counts().pictures == 3
    gallery.close()
