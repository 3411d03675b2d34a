"""A gallery whose file is damaged or gone: the shard says so, and acknowledges nothing."""

import random
import sqlite3
from pathlib import Path

import httpx
import pytest

from shard.gallery.gallery import Gallery
from shard.gallery.repair.repair import repair
from shard.gallery.template_rows import NewTemplate
from tests.shard.conftest import RunningShard, StartShard, eventually, ready
from tests.shard.fakes import MODEL, picture_of, vector_of

pytestmark = pytest.mark.slow

PEOPLE = 600
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A gallery of members, where the shard keeps its own."""
    path = tmp_path / "data" / "s" / "gallery.sqlite3"
    gallery = Gallery.open(path, "s")
    for person in range(PEOPLE):
        gallery.enroll(f"p{person:03}", NewTemplate(vector_of(person), MODEL, 1.0), None)
    gallery.imports.set_complete(True)
    gallery.close()
    return path


def damage(path: Path) -> None:
    """Overwrite 26 pages of the file, as a bad disk does."""
    chance = random.Random(3)
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as file:
        for page in chance.sample(range(pages // 2, pages), 26):
            file.seek(page * PAGE)
            file.write(chance.randbytes(PAGE))


async def problem(shard: RunningShard) -> str | None:
    body = (await shard.get("/status")).json()
    assert not (body["ready"] and body["problem"])
    text: str | None = body["problem"]
    return text


async def acknowledges_nothing(shard: RunningShard) -> None:
    """Every request that reads or writes faces is refused, and says why."""
    why = await problem(shard)
    vector = vector_of(1).astype("<f4").tobytes()
    vectors = {"Content-Type": "application/x-face-vectors", "X-Face-Model": MODEL}
    answers: list[httpx.Response] = [
        await shard.get("/readyz"),
        await shard.post("/recognize", content=picture_of(3)),
        await shard.post("/faces", params={"face_id": "new"}, content=picture_of(9)),
        await shard.post("/search", params={"k": 1}, content=vector, headers=vectors),
        await shard.post("/faces/mint", params={"rate": 0.01}, content=vector, headers=vectors),
        await shard.get("/faces"),
        await shard.delete("/faces/p001"),
    ]
    found = [(a.status_code, a.json()["code"], a.json()["detail"]) for a in answers]
    assert found == [(503, "STORAGE_UNAVAILABLE", why)] * len(answers)
    assert (await shard.get("/healthz")).status_code == 200


async def test_a_gallery_that_is_damaged_at_the_start_is_served_again_once_repaired(
    path: Path, start_shard: StartShard
) -> None:
    damage(path)

    shard = await start_shard()

    text = await problem(shard)
    assert text is not None
    assert str(path) in text
    assert "facegate stores repair s" in text
    await acknowledges_nothing(shard)
    done = repair(path, "s")
    assert done is not None
    await ready(shard)
    assert (await shard.get("/status")).json()["counts"]["faces"] == done.faces > 50


async def test_damage_that_is_met_while_running_is_said(
    path: Path, start_shard: StartShard
) -> None:
    shard = await start_shard()
    await ready(shard)
    damage(path)
    other = sqlite3.connect(path)  # whose write has the shard read from the disk again
    with other:
        other.execute("UPDATE meta SET seq = seq + 1")
    other.close()

    assert (await shard.get("/faces", params={"limit": 1000})).status_code == 503

    async def says_so() -> bool:
        return await problem(shard) is not None

    await eventually(says_so)
    await acknowledges_nothing(shard)


async def test_another_stores_gallery_is_not_served(path: Path, start_shard: StartShard) -> None:
    path.unlink()  # noqa: ASYNC240 - a moment
    Gallery.open(path, "other").close()

    shard = await start_shard()

    text = await problem(shard)
    assert text == f"{path} is the gallery of store 'other', not of 's'"
    await acknowledges_nothing(shard)
    path.unlink()  # noqa: ASYNC240 - a moment
    await ready(shard)


@pytest.mark.parametrize("gone", ["data", "data/s", "data/s/gallery.sqlite3-wal"])
async def test_nothing_is_acknowledged_while_a_file_is_not_in_its_place(
    path: Path, start_shard: StartShard, tmp_path: Path, gone: str
) -> None:
    shard = await start_shard()
    await ready(shard)
    (tmp_path / gone).rename(tmp_path / "aside")

    refused = await shard.post("/faces", params={"face_id": "new"}, content=picture_of(9))

    assert (refused.status_code, refused.json()["code"]) == (503, "STORAGE_UNAVAILABLE")

    async def says_so() -> bool:
        return await problem(shard) is not None

    await eventually(says_so)
    await acknowledges_nothing(shard)
    (tmp_path / "aside").rename(tmp_path / gone)
    await ready(shard)
    faces = (await shard.get("/faces", params={"limit": 1000})).json()["faces"]
    assert [face["face_id"] for face in faces] == [f"p{person:03}" for person in range(PEOPLE)]


async def test_a_replica_follows_a_gallery_that_was_replaced(
    path: Path, start_shard: StartShard
) -> None:
    replica = await start_shard(read_only=True)
    await ready(replica)
    damage(path)
    assert repair(path, "s") is not None
    gallery = Gallery.open(path, "s")
    gallery.imports.set_complete(True)
    gallery.close()

    async def follows() -> bool:
        counts = (await replica.get("/status")).json()["counts"]
        return bool(0 < counts["faces"] < PEOPLE)

    await eventually(follows)
    await ready(replica)
