"""The index as it was kept: used where it is right, else made anew, and gone with who is erased."""

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from contract.errors import StorageUnavailable
from scoring.score_scale import ScoreScale
from service.files.checked_records import FileDamaged, read_records, write_records
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from tests.shard.bound import bound
from tests.shard.fakes import DIMENSION, MODEL, SECOND, vector_of
from tests.shard.gallery.filled import filled
from tests.shard.index.contents import assert_equal_to_record, indexed

ROOT = Path(__file__).parents[3]
SCALE = ScoreScale.of_model(MODEL)
FACES = 300


def nothing() -> None:
    """Rest not at all between pieces."""


def loaded(gallery: Gallery, scale: ScoreScale = SCALE) -> Collection:
    second = Collection(
        gallery,
        SECOND.model,
        SECOND.dimension,
        ScoreScale.of_model(SECOND.model),
        skip_foreign=True,
    )
    return Collection.load(gallery, MODEL, DIMENSION, scale, second=second)


def keep(collection: Collection) -> int:
    """Write the snapshots that are wanted, and return how many."""
    written = collection.write_snapshots(nothing, share=0.0, least=0)
    for confirm in written:
        confirm()
    return len(written)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a gallery and snapshots of both its indexes."""
    folder = tmp_path_factory.mktemp("kept")
    gallery = filled(folder / "gallery.sqlite3", FACES)
    gallery.add_distinction("m-1", "m-2")
    collection = loaded(gallery)
    for each in collection.both:
        for piece in each.pieces():
            assert len(piece.indexed.numbers)
    assert keep(collection) == 2
    assert keep(collection) == 0  # nothing has changed since
    gallery.close()
    return folder


@pytest.fixture
def gallery(kept: Path, tmp_path: Path) -> Iterator[Gallery]:
    shutil.copytree(kept, tmp_path / "s")
    gallery = Gallery.open(tmp_path / "s" / "gallery.sqlite3", "s")
    yield gallery
    gallery.close()


def snapshot(gallery: Gallery) -> Path:
    return gallery.file.snapshots.path(MODEL)


def reads(gallery: Gallery, scale: ScoreScale = SCALE) -> list[int]:
    """Start, and return after which changes the record was read, one number a model."""
    asked: list[int] = []
    changes = gallery.changes

    class Watched(Gallery):
        def changes(self, after: int, *given: object, **named: object) -> int:
            asked.append(after)
            return changes(after, *given, **named)  # type: ignore[arg-type]

    watched = Watched(gallery.file, "s")
    collection = loaded(watched, scale)
    for each in collection.both:
        assert_equal_to_record(each)
    return asked


def test_a_start_reads_the_snapshot_and_of_the_record_what_came_later(gallery: Gallery) -> None:
    seq = loaded(gallery).seq

    assert reads(gallery) == [seq, seq]


def test_one_is_written_again_once_the_places_are_in_the_record(gallery: Gallery) -> None:
    """Each start would otherwise store all of them once more, for minutes with a million faces."""
    first = loaded(gallery)
    assert first.write_snapshots(nothing, least=0) == []
    assert first.store_places(FACES) == 2 * FACES

    for confirm in first.write_snapshots(nothing, least=0):
        confirm()

    assert loaded(gallery).store_places(FACES) == 0


def test_what_came_later_is_taken_over_and_the_snapshot_deleted(gallery: Gallery) -> None:
    """The process may have been killed between an erasure and the deletion of the snapshot."""
    seq = loaded(gallery).seq
    gallery.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0), None)
    gallery.rename("m-3", "mia")
    gallery.merge("1", "m-4", "m-5")
    gallery.file.scrub = nothing  # type: ignore[method-assign]
    gallery.erase(["m-1"])

    assert reads(gallery) == [seq, seq]
    assert not snapshot(gallery).exists()


def test_a_second_snapshot_takes_the_first_ones_place(gallery: Gallery) -> None:
    collection = loaded(gallery)
    collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))
    assert keep(collection) == 2

    assert reads(gallery) == [collection.seq] * 2


def test_small_changes_of_a_large_index_wait(gallery: Gallery) -> None:
    collection = loaded(gallery)
    collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))

    assert collection.write_snapshots(nothing, least=0) == []


def test_a_small_index_is_not_kept(tmp_path: Path) -> None:
    gallery = Gallery.open(tmp_path / "gallery.sqlite3", "s")
    collection = loaded(gallery)
    collection.enroll("anna", NewTemplate(vector_of(1), MODEL, 1.0))

    assert collection.write_snapshots(nothing, share=0.0) == []
    gallery.close()


ERASURES: dict[str, Callable[[Collection], object]] = {
    "face": lambda collection: collection.erase("m-1"),
    "template": lambda collection: collection.erase_template(
        "m-2", collection.gallery.face("m-2").templates[-1].template_id
    ),
    "learned": lambda collection: collection.change(collection.gallery.forget, "m-2"),
}


@pytest.mark.parametrize("what", ERASURES)
def test_nobody_who_is_erased_stays_in_a_snapshot(gallery: Gallery, what: str) -> None:
    collection = loaded(gallery)
    gallery.enroll("m-2", NewTemplate(vector_of(1), MODEL, 1.0), None)
    gallery.learn("m-2", NewTemplate(vector_of(2), MODEL, 1.0, learned_from="1"))
    collection.catch_up()
    keep(collection)
    assert snapshot(gallery).exists()

    ERASURES[what](collection)

    assert not list(snapshot(gallery).parent.glob("*-index-*"))


def test_a_snapshot_that_was_begun_before_an_erasure_is_not_kept(gallery: Gallery) -> None:
    collection = loaded(gallery)
    collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))
    erased: list[int] = []

    def erase_once() -> None:
        if not erased:
            erased.append(collection.erase("m-1"))

    for confirm in collection.write_snapshots(erase_once, share=0.0, least=0)[:1]:
        confirm()

    assert erased == [2]
    assert not snapshot(gallery).exists()
    assert not list(snapshot(gallery).parent.glob("*.new"))
    assert reads(gallery)[-1] == 0


def test_an_erasure_that_cannot_delete_the_snapshot_is_not_confirmed(gallery: Gallery) -> None:
    collection = loaded(gallery)
    path = snapshot(gallery)
    path.unlink()
    path.mkdir()

    with pytest.raises(StorageUnavailable, match=r"gallery\.sqlite3-index"):
        collection.erase("m-1")


def test_who_changes_while_a_snapshot_is_written_is_as_the_record_says(gallery: Gallery) -> None:
    collection = loaded(gallery)
    collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))
    number = 0

    def change() -> None:
        nonlocal number
        number += 1
        collection.change(gallery.bind, bound(f"m-{number}", f"member-{number}", number % 2 == 0))
        collection.enroll(f"new-{number}", NewTemplate(vector_of(number), MODEL, 1.0))
        collection.change(gallery.merge, f"{number}", "m-0", f"m-{100 + number}")

    for confirm in collection.write_snapshots(change, share=0.0, least=0):
        confirm()
    assert number

    assert 0 not in reads(gallery)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"\xff" * 8 + content[8:],
        lambda content: os.urandom(10_000),
    ],
)
def test_a_damaged_snapshot_is_not_used_and_deleted(
    gallery: Gallery, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    path = snapshot(gallery)
    path.write_bytes(damage(path.read_bytes()))

    assert reads(gallery)[0] == 0
    assert "the snapshot of the index is not used, the record is read" in caplog.text
    assert not path.exists()


@pytest.mark.parametrize("position", range(0, 400, 7))
def test_no_byte_of_a_record_may_differ(position: int, tmp_path: Path) -> None:
    path = tmp_path / "records"
    with path.open("wb") as file:
        write_records(file, [b"a" * 100, b"b" * 120])
    content = bytearray(path.read_bytes())
    position %= len(content)
    content[position] ^= 1
    path.write_bytes(content)

    with path.open("rb") as file, pytest.raises(FileDamaged):
        list(read_records(file))


def test_a_snapshot_of_another_cohort_is_not_used(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    other = replace(SCALE, data=SCALE.data._replace(digest="others"))

    assert reads(gallery, other)[0] == 0
    assert "its cohort is another one" in caplog.text


def test_a_snapshot_of_another_model_is_not_used(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots = gallery.file.snapshots
    shutil.copy(snapshots.path(SECOND.model), snapshots.path(MODEL))

    assert reads(gallery)[0] == 0
    assert "its model is another one" in caplog.text


def test_a_snapshot_of_another_kind_of_index_is_not_used(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    Collection.load(gallery, MODEL, DIMENSION, SCALE, kind="ivf_flat")

    assert "its kind is another one" in caplog.text


def test_where_other_templates_would_be_refused_they_are_looked_for_again(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    """A second model's templates are nobody's when it is no longer in the store map."""
    alone = Collection.load(gallery, MODEL, DIMENSION, SCALE)

    assert "its checked_for is another one" in caplog.text
    assert f"{FACES} of the gallery's vectors are of model {SECOND.model!r}" in caplog.text
    assert len(indexed(alone)) == FACES


def test_a_snapshot_of_a_time_that_a_restored_gallery_never_had_is_not_used(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    path = gallery.file.path
    copied = path.with_name("copy")
    shutil.copy(path, copied)
    collection = loaded(gallery)
    collection.enroll("later", NewTemplate(vector_of(1), MODEL, 1.0))
    keep(collection)
    gallery.close()
    for beside in ("-wal", "-shm"):
        path.with_name(f"{path.name}{beside}").unlink(missing_ok=True)
    shutil.copy(copied, path)

    restored = Gallery.open(path, "s")
    restored.enroll("other", NewTemplate(vector_of(2), MODEL, 1.0), None)  # as many changes
    restored.enroll("others", NewTemplate(vector_of(3), MODEL, 1.0), None)

    assert reads(restored) == [0, 0]
    assert "its mark is another one" in caplog.text
    restored.close()


def test_a_full_disk_costs_the_snapshot_and_nothing_else(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    collection = loaded(gallery)
    collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))
    before = snapshot(gallery).read_bytes()

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert collection.write_snapshots(full, share=0.0, least=0) == []

    assert "no snapshot of the index" in caplog.text
    assert snapshot(gallery).read_bytes() == before
    assert not list(snapshot(gallery).parent.glob("*.new"))
    assert_equal_to_record(collection)


def test_a_replica_reads_the_snapshot_and_leaves_it(gallery: Gallery) -> None:
    seq = loaded(gallery).seq
    gallery.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0), None)
    replica = Gallery.follow(gallery.file.path, "s")

    assert reads(replica) == [seq, seq]
    assert snapshot(gallery).exists()
    replica.close()


WRITER = """
import sys
from pathlib import Path
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.shard.fakes import MODEL, vector_of
from tests.shard.index.test_snapshot import loaded

def wait():
    print("now", flush=True)
    sys.stdin.read()

collection = loaded(Gallery.open(Path(sys.argv[1]), "s"))
collection.enroll("new", NewTemplate(vector_of(1), MODEL, 1.0))
pause = wait if sys.argv[2] == "while it is written" else lambda: None
written = collection.write_snapshots(pause, share=0.0, least=0)
wait()
"""
"""Writes a snapshot, and waits to be killed before the gallery knows of it."""


@pytest.mark.processes
@pytest.mark.parametrize("when", ["while it is written", "before it is confirmed"])
def test_a_writer_that_is_killed_leaves_nothing_that_is_wrong(
    kept: Path, tmp_path: Path, when: str
) -> None:
    path = Path(shutil.copytree(kept, tmp_path / "s")) / "gallery.sqlite3"
    command = [sys.executable, "-c", WRITER, str(path), when]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "now\n"
        writer.kill()

    gallery = Gallery.open(path, "s")
    collection = loaded(gallery)
    for each in collection.both:
        assert_equal_to_record(each)
    assert collection.gallery.face("new")
    assert not list(path.parent.glob("*.new"))
    assert keep(collection) == 2
    gallery.close()
