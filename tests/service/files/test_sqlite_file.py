"""A file of SQLite is never taken for a new one, nor written when it is no longer in its place."""

import shutil
from pathlib import Path

import pytest

from contract.errors import FilesGone, StorageDamaged
from service.files.file_identity import FileIdentity
from service.files.sqlite_file import check_pages, open_file, storage_errors


def test_a_file_of_no_bytes_is_damage_and_not_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()

    for read_only in (False, True):
        with pytest.raises(StorageDamaged, match="is empty"):
            open_file(path, read_only)
    assert path.read_bytes() == b""


def test_a_file_without_its_tables_was_emptied_while_it_was_open(tmp_path: Path) -> None:
    connection = open_file(tmp_path / "f", read_only=False)

    with pytest.raises(StorageDamaged, match="no such table"), storage_errors(tmp_path / "f"):
        connection.execute("SELECT * FROM faces")
    connection.close()


def test_damage_that_sqlite_quotes_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "f"
    connection = open_file(path, read_only=False)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("CREATE TABLE faces (face_id CHECK (face_id <> 'nobody'))")
    connection.execute("INSERT INTO faces VALUES ('nobody')")
    connection.close()
    path.write_bytes(path.read_bytes().replace(b"faces", b"fa\xffes"))
    connection = open_file(path, read_only=False)

    with pytest.raises(StorageDamaged, match="decode"):
        check_pages(connection, path)
    connection.close()


def test_a_new_file_has_its_header_from_the_first_moment(tmp_path: Path) -> None:
    (tmp_path / "f.new").write_bytes(b"left by a process that was killed")

    open_file(tmp_path / "f", read_only=False).close()

    assert (tmp_path / "f").read_bytes()[:16] == b"SQLite format 3\0"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def folder_deleted(path: Path) -> None:
    shutil.rmtree(path.parent)


def folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


@pytest.mark.parametrize("do", [deleted, moved, replaced_by_a_copy, folder_deleted, folder_moved])
def test_a_witness_sees_that_a_file_is_not_the_same_any_more(tmp_path: Path, do: object) -> None:
    path = tmp_path / "data" / "f"
    path.parent.mkdir()
    path.write_text("x")
    file_identity = FileIdentity([path])
    file_identity.check()

    assert callable(do)
    do(path)

    with pytest.raises(FilesGone, match=str(path)):
        file_identity.check()


def test_a_file_that_comes_back_is_the_same_again(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    file_identity = FileIdentity([path, tmp_path / "made later"])
    path.rename(tmp_path / "g")
    with pytest.raises(FilesGone):
        file_identity.check()

    (tmp_path / "g").rename(path)
    (tmp_path / "made later").write_text("y")
    file_identity.check()

    (tmp_path / "made later").unlink()
    with pytest.raises(FilesGone, match="made later"):
        file_identity.check()
