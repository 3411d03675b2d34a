"""Another key for a store: gallery, record and map together, or nothing of it."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from facegate.cluster.map_edit import with_renamed_store
from facegate.cluster.store_rename import finish_renaming
from facegate.command import main
from gateway.record.database import Database
from gateway.record.people.schema import identities, persons
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port

MAP = """\
# the chain
version: 1
stores:
  # the old harbour
  west: {shards: 127.0.0.1:5001, name: west}   # west
  "east": 127.0.0.1:5002
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (MAP, "west", "harbour", MAP.replace("  west:", '  "harbour":')),
        (MAP, "east", "ost", MAP.replace('"east"', '"ost"')),
        ("门店A: h:1\r\n", "门店A", "门店 'B\"", '"门店 \'B\\"": h:1\r\n'),
        ('{"stores": {"a": "h:1"}}', "a", "b", '{"stores": {"b": "h:1"}}'),
        ("? a\n: h:1\n", "a", "b", '? "b"\n: h:1\n'),
        ("\ufeffa: h:1\n", "a", "b", '\ufeff"b": h:1\n'),
        ("stores: h:1\na: h:2\n", "a", "b", 'stores: h:1\n"b": h:2\n'),
        (
            "stores: {a: {shards: h:1, cameras: {a: {rotate: 90}}}}",
            "a",
            "b",
            'stores: {"b": {shards: h:1, cameras: {a: {rotate: 90}}}}',
        ),
    ],
)
def test_only_the_key_is_edited(text: str, old: str, new: str, expected: str) -> None:
    assert with_renamed_store(text.encode(), old, new).decode() == expected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A map, and data of store west: a gallery with a face that the record knows, too."""
    (tmp_path / "stores.yaml").write_text(MAP, encoding="utf-8")
    gallery = Gallery.open(tmp_path / "data" / "west" / "gallery.sqlite3", "west")
    gallery.enroll("095", NewTemplate(np.eye(8, dtype=np.float32)[0], "m", 1.0), None)
    gallery.close()
    asyncio.run(_record(tmp_path / "data"))
    return tmp_path


async def _record(data: Path) -> None:
    def write(connection: sa.Connection) -> None:
        connection.execute(sa.insert(persons).values(person=1, member=True, staff=False))
        face = {"store": "west", "face_id": "095", "person": 1, "kind": "member"}
        seen = {"provisional": False, "first_seen": 1, "last_seen": 1}
        connection.execute(sa.insert(identities).values(**face, **seen))

    async with Database.at(None, data) as database:
        await database.write(None, write)


def state(folder: Path) -> tuple[str, list[str], list[str]]:
    """Return the map, whose the galleries are, and which stores the record knows."""
    owners = []
    for path in sorted((folder / "data").glob("*/gallery.sqlite3")):
        gallery = Gallery.open(path, path.parent.name)
        owners.append(f"{path.parent.name}: {[f.face_id for f in gallery.faces('', 9).faces]}")
        gallery.close()

    async def known() -> list[str]:
        async with Database.at(None, folder / "data") as database:
            rows = sa.select(identities.c.store)
            return await database.read(None, lambda c: list(c.scalars(rows)))

    return (folder / "stores.yaml").read_text("utf-8"), owners, asyncio.run(known())


def rename(folder: Path, old: str, new: str) -> Result:
    places = ["--stores", str(folder / "stores.yaml"), "--data", str(folder / "data")]
    return CliRunner().invoke(main, ["stores", "rename", old, new, *places])


AFTER = (MAP.replace("  west:", '  "harbour":'), ["harbour: ['095']"], ["harbour"])


@pytest.mark.processes
def test_gallery_record_and_map_are_renamed(folder: Path) -> None:
    spool = folder / "data" / "spool"
    (spool / "west" / "door").mkdir(parents=True)
    (spool / "west" / "door" / "0.post").write_bytes(b"not sent yet")

    result = rename(folder, "west", "harbour")

    assert result.exit_code == 0, result.output
    assert state(folder) == AFTER
    assert [path.relative_to(spool) for path in spool.rglob("*.post")] == [
        Path("harbour") / "door" / "0.post"
    ]
    assert not (folder / "data" / "run" / "rename.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("north", "harbour", "there is no store 'north'"),
        ("west", "east", "there is a store 'east' already"),
        ("west", "west", "there is a store 'west' already"),
        ("west", "a/b", "slash"),
        ("west", "taken", "is there already"),
        ("west", "run", "is facegate's own"),
    ],
)
def test_what_is_refused_changes_nothing(folder: Path, old: str, new: str, problem: str) -> None:
    (folder / "data" / "taken").mkdir()
    before = state(folder)

    result = rename(folder, old, new)

    assert result.exit_code == 1
    assert problem in result.output
    assert state(folder) == before


@pytest.mark.processes
def test_without_the_record_nothing_is_renamed(folder: Path) -> None:
    (folder / "data" / "gateway.sqlite").rename(folder / "elsewhere")

    result = rename(folder, "west", "harbour")

    assert result.exit_code == 1
    assert "set FACEGATE_RECORD_URL" in result.output
    (folder / "elsewhere").rename(folder / "data" / "gateway.sqlite")
    assert state(folder)[2] == ["west"]


@pytest.mark.processes
def test_what_fails_on_the_way_is_taken_back(folder: Path) -> None:
    before = state(folder)
    gallery = Gallery.open(folder / "data" / "west" / "gallery.sqlite3", "west")

    result = rename(folder, "west", "harbour")

    gallery.close()
    assert result.exit_code == 1
    assert "stop it first" in result.output
    assert state(folder) == before
    assert not (folder / "data" / "run" / "rename.json").exists()


@pytest.mark.processes
@pytest.mark.parametrize("done", ["nothing", "the record", "record and gallery", "all"])
def test_what_was_interrupted_is_finished(
    folder: Path, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after so many steps, as by kill -9."""
    steps = ["nothing", "the record", "record and gallery", "all"].index(done)
    pid = os.fork()
    if pid == 0:
        _die_after(steps, monkeypatch)
        rename(folder, "west", "harbour")
        os._exit(0)
    os.waitpid(pid, 0)
    assert (folder / "data" / "run" / "rename.json").exists()

    said = finish_renaming(folder / "data")

    assert said is not None
    assert "is finished" in said
    assert state(folder) == AFTER
    assert finish_renaming(folder / "data") is None


def _die_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End this process before the step after `steps`."""
    from facegate.cluster import file_replacement, store_rename

    left = iter([*range(steps), None])
    step, write = store_rename._step, file_replacement.replace_file

    def mortal_step(module: str, data: Path, old: str, new: str) -> None:
        if next(left) is None:
            os._exit(1)
        step(module, data, old, new)

    def mortal_write(path: Path, content: bytes) -> None:
        if path.name == "stores.yaml" and next(left) is None:
            os._exit(1)
        write(path, content)

    def mortal_unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == "rename.json" and next(left) is None:
            os._exit(1)

    monkeypatch.setattr(store_rename, "_step", mortal_step)
    monkeypatch.setattr(store_rename, "replace_file", mortal_write)
    monkeypatch.setattr(Path, "unlink", mortal_unlink)


@pytest.mark.processes
def test_members_and_visits_stay_with_the_store(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.write_map(f"west: 127.0.0.1:{free_port()}  # at the river\n")
    with up.running():
        assert up.first_line()
        with up.client() as client:
            client.enroll("west", "obama", sample("obama.jpg"))
            client.recognize("west", sample("obama2.jpg"))
        refused = rename(tmp_path, "west", "harbour")
        assert "another facegate cluster is running in this folder" in refused.output

    assert rename(tmp_path, "west", "harbour").exit_code == 0

    assert "# at the river" in up.map.read_text()
    with up.running():
        assert up.first_line()
        with up.client() as client:
            face = client.recognize("harbour", sample("obama2.jpg")).faces[0]
            assert (face.match, face.face_id) == ("home", "obama")
            assert face.visit is not None
            assert (face.visit.new, face.visit.count) == (False, 1)
            assert client.traffic("harbour").pv == 1
            assert client.cluster().orphans == []
