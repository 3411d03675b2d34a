"""The record: whose it is, who may write it, what it says about faces, sources and changes."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from contract.errors import (
    BadRequest,
    ConfigurationError,
    StorageForeign,
    StorageFull,
    StorageUnavailable,
    UnknownFace,
)
from contract.messages.faces import Source
from shard.gallery.change import Change
from shard.gallery.file import connect, file_of, migrate
from shard.gallery.gallery import Gallery
from shard.gallery.schema import metadata
from shard.gallery.template_rows import NewTemplate
from tests.shard.fakes import vector_of


def template(person: int = 1, source: str | None = None, digest: str | None = None) -> NewTemplate:
    return NewTemplate(vector_of(person), "m", 1.5, source, digest)


def enrolled(gallery: Gallery, *qualities: float) -> list[float]:
    """Enrol so many pictures of one person; return the qualities of those that are kept."""
    for number, quality in enumerate(qualities):
        given = NewTemplate(vector_of(number), "m", quality, f"x/{number}", str(number))
        gallery.enroll("a", given, None)
    return [template.quality for template in gallery.face("a").templates]


def faces_of(gallery: Gallery) -> list[str]:
    return [face.face_id for face in gallery.faces("", 1000).faces]


def changes(gallery: Gallery, after: int) -> Change:
    seen: list[Change] = []
    gallery.changes(after, "m", seen.append)
    return seen[0]


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    with connect(path, read_only=False) as connection:
        with connection.begin():
            migrate(connection, path)
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_a_gallery_of_another_store_is_refused(tmp_path: Path) -> None:
    Gallery.open(tmp_path / "g", "门店A").close()

    with pytest.raises(StorageForeign, match="gallery of store '门店A', not of 'b'"):
        Gallery.open(tmp_path / "g", "b")


def test_a_second_writer_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    first = Gallery.open(tmp_path / "g", "s")

    with pytest.raises(ConfigurationError, match="another shard writes this gallery"):
        Gallery.open(tmp_path / "g", "s")

    first.close()
    Gallery.open(tmp_path / "g", "s").close()


def test_a_gallery_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    Gallery.open(tmp_path / "g", "s").close()
    with connect(tmp_path / "g", read_only=False) as connection, connection.begin():
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigurationError, match="written by another release"):
        Gallery.open(tmp_path / "g", "s")


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "g").write_bytes(b"a text that is not a database, and long enough to be read" * 99)
    before = (tmp_path / "g").read_bytes()

    with pytest.raises(StorageUnavailable, match="not a database"):
        Gallery.open(tmp_path / "g", "s")

    assert (tmp_path / "g").read_bytes() == before


def test_a_replica_waits_for_a_gallery_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        Gallery.follow(tmp_path / "g", "s")

    connect(tmp_path / "g", read_only=False).close()
    with pytest.raises(StorageUnavailable, match="schema None, expected 0"):
        Gallery.follow(tmp_path / "g", "s")


@pytest.mark.parametrize(
    "url", ["postgresql://u:secret@h/db", "sqlite://", "sqlite:///:memory:", "gallery.sqlite3"]
)
def test_a_url_that_names_no_sqlite_file_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="FACEGATE_DATABASE_URL") as refused:
        file_of(url)

    assert "secret" not in str(refused.value)


def test_vectors_come_back_bit_by_bit(gallery: Gallery) -> None:
    gallery.enroll("a", template(7), None)

    change = changes(gallery, 1)

    assert change.altered.vectors.tobytes() == vector_of(7).tobytes()


def test_every_change_takes_the_next_number(gallery: Gallery) -> None:
    gallery.enroll("a", template(1, "x/a", "1"), None)
    gallery.mint("v-1", template(2), provisional=True)
    gallery.enroll("v-1", template(3), "m-1")
    gallery.erase(["a"])

    numbers = [template.seq for face in gallery.faces("", 10).faces for template in face.templates]

    assert numbers == sorted(set(numbers))
    assert gallery.changes(0, "m", lambda change: None) == 12


def test_numbers_of_erased_templates_are_not_given_again(gallery: Gallery) -> None:
    gallery.enroll("a", template(), None)
    [first] = gallery.face("a").templates
    gallery.erase(["a"])
    gallery.enroll("a", template(), None)
    [second] = gallery.face("a").templates

    assert second.template_id > first.template_id


def test_the_number_of_an_erased_face_is_not_given_again(gallery: Gallery) -> None:
    gallery.enroll("a", template(), None)
    gallery.enroll("b", template(2), None)
    seq = gallery.changes(0, "m", lambda change: None)
    gallery.erase(["b"])
    gallery.enroll("b", template(2), None)

    change = changes(gallery, seq)

    assert change.gone.tolist() == [2]
    assert change.altered.numbers.tolist() == [3]


def test_a_new_name_is_the_same_number(gallery: Gallery) -> None:
    gallery.enroll("a", template(), None)
    seq = gallery.changes(0, "m", lambda change: None)

    gallery.rename("a", "b")

    change = changes(gallery, seq)
    assert (change.gone.tolist(), change.altered.numbers.tolist()) == ([], [1])
    assert gallery.record.faces([1]).faces[1].face_id == "b"


def test_imported_faces_are_members(gallery: Gallery) -> None:
    kind, outcome, _ = gallery.enroll("095", template(), None)

    record = gallery.face("095")
    assert (kind, outcome, record.kind, record.member) == ("member", "enrolled", "member", None)


def test_a_visitor_becomes_a_member_only_when_bound_to_one(gallery: Gallery) -> None:
    gallery.mint("v-1", template(), provisional=True)

    assert gallery.enroll("v-1", template(), None)[0] == "visitor"
    assert gallery.face("v-1").provisional
    assert gallery.enroll("v-1", template(), "m-1")[0] == "member"
    record = gallery.face("v-1")
    assert record.member is not None
    assert (record.member.member_id, record.provisional) == ("m-1", False)


def test_a_member_keeps_the_binding_when_another_picture_names_none(gallery: Gallery) -> None:
    gallery.enroll("a", template(), "m-1")
    gallery.enroll("a", template(), None)

    member = gallery.face("a").member
    assert member is not None
    assert member.member_id == "m-1"


def test_new_names_that_look_minted_are_refused(gallery: Gallery) -> None:
    with pytest.raises(BadRequest, match="'v-guest'"):
        gallery.enroll("v-guest", template(), None)

    assert faces_of(gallery) == []


def test_a_source_that_comes_again_replaces_its_template_alone(gallery: Gallery) -> None:
    gallery.enroll("a", template(1, "x/1", "d1"), None)
    gallery.enroll("a", template(2, "x/2", "d2"), None)

    outcome = gallery.enroll("a", template(3, "x/1", "d3"), None)[1]

    assert outcome == "replaced"
    assert [template.source for template in gallery.face("a").templates] == ["x/2", "x/1"]
    source = gallery.imports.source("x/1")
    assert source is not None
    assert source.digest == "d3"


def test_a_face_that_loses_its_last_picture_to_another_name_is_gone(gallery: Gallery) -> None:
    gallery.enroll("a", template(1, "x/1", "d1"), None)

    gallery.enroll("b", template(1, "x/1", "d1"), None)

    assert faces_of(gallery) == ["b"]


def test_erasing_leaves_no_vector_and_remembers_the_sources(gallery: Gallery) -> None:
    gallery.enroll("a", template(1, "x/1", "d1"), None)
    gallery.enroll("a", template(2), None)

    assert gallery.erase(["a", "nobody"]) == {"a": 2, "nobody": 0}

    assert faces_of(gallery) == []
    with pytest.raises(UnknownFace):
        gallery.face("a")
    assert [source.outcome for source in gallery.imports.sources("")] == ["erased"]


def test_erased_vectors_are_overwritten_in_the_file(gallery: Gallery, tmp_path: Path) -> None:
    gallery.enroll("a", template(7), None)
    gallery.erase(["a"])

    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert vector_of(7).tobytes() not in everything


def test_sources_are_listed_by_prefix_to_the_letter(gallery: Gallery) -> None:
    for name in ["a/1", "a/2", "A/1", "a_/1", "ab/1", "门店/1"]:
        gallery.imports.record_refused(
            Source(source=name, digest="d", face_id="1", outcome="refused", reason="no face"),
            "d",
        )

    assert [source.source for source in gallery.imports.sources("a/")] == ["a/1", "a/2"]
    assert [source.source for source in gallery.imports.sources("a_")] == ["a_/1"]
    assert [source.source for source in gallery.imports.sources("门店/")] == ["门店/1"]
    assert len(gallery.imports.sources("")) == 6


def test_pages_of_faces_follow_each_other(gallery: Gallery) -> None:
    names = sorted(["b", "a", "张三", "c", "B"])
    for name in names:
        gallery.enroll(name, template(), None)

    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = gallery.faces(after, 2)
        seen += [face.face_id for face in page.faces]
        after = page.next_after

    assert seen == names


def test_a_full_database_stores_nothing_and_recovers(gallery: Gallery, tmp_path: Path) -> None:
    gallery.enroll("a", template(), None)
    pages = gallery.file._connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    gallery.file._connection.rollback()
    gallery.file._connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    gallery.file._connection.rollback()

    def fill() -> None:
        for number in range(1000):
            gallery.enroll(f"b{number}", template(), None)

    with pytest.raises(StorageFull):
        fill()

    stored = faces_of(gallery)
    assert stored[0] == "a"
    assert len(stored) < 1000
    gallery.file._connection.execute(sa.text("PRAGMA max_page_count = 100000"))
    gallery.file._connection.rollback()
    gallery.enroll("c", template(), None)
    assert faces_of(gallery) == [*stored, "c"]


def test_five_templates_of_a_person_are_kept_the_weakest_makes_room(gallery: Gallery) -> None:
    assert enrolled(gallery, 1, 2, 0.5, 2, 1) == [1, 2, 0.5, 2, 1]
    assert enrolled(gallery, 1, 2, 0.5, 2, 1, 1.5) == [1, 2, 2, 1, 1.5]


def test_of_equally_weak_templates_the_oldest_makes_room_and_the_newest_stays(
    gallery: Gallery,
) -> None:
    enrolled(gallery, 1, 1, 1, 1, 1, 1, 0.1)

    kept = gallery.face("a").templates
    assert [template.source for template in kept] == ["x/2", "x/3", "x/4", "x/5", "x/6"]


def test_the_picture_of_a_template_that_made_room_stays_known(gallery: Gallery) -> None:
    enrolled(gallery, 1, 1, 1, 1, 1, 1)

    assert [(s.source, s.outcome) for s in gallery.imports.sources("x/")] == [
        (f"x/{number}", "enrolled") for number in range(6)
    ]


def test_a_template_that_made_room_is_removed_from_replicas(gallery: Gallery) -> None:
    enrolled(gallery, 1, 1, 1, 1, 1)
    before = gallery.changes(0, "m", lambda change: None)

    gallery.enroll("a", template(9), None)

    altered = changes(gallery, before).altered
    assert (altered.numbers.tolist(), altered.templates.tolist()) == ([1], [5])
    assert vector_of(9).tobytes() in altered.vectors.tobytes()


def test_who_is_not_whom_is_told_again_when_a_name_changes_or_goes(gallery: Gallery) -> None:
    for person, name in enumerate(("anna", "ben")):
        gallery.enroll(name, template(person), None)
    gallery.add_distinction("anna", "ben")
    seq = gallery.changes(0, "m", lambda change: None)
    gallery.enroll("cid", template(3), None)
    assert changes(gallery, seq).distinctions is None

    gallery.rename("ben", "bert")
    assert changes(gallery, seq).distinctions == [("anna", "bert")]

    seq = gallery.changes(0, "m", lambda change: None)
    gallery.erase(["anna"])
    assert changes(gallery, seq).distinctions == []
