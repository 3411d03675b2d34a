"""Files of enrolled pictures are kept where the store says so, and nowhere else."""

from pathlib import Path

import httpx

from tests.shard.api.test_enrollment import enroll
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import picture_of

KEEPING = {"keep_pictures": True}


async def kept(shard: httpx.AsyncClient) -> tuple[int, int]:
    """Return how many files are kept, and how many bytes they have."""
    counts = (await shard.get("/status")).json()["kept_pictures"]
    return counts["pictures"], counts["bytes"]


async def test_no_picture_is_kept_unless_the_store_says_so(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "a", picture_of(1))

    assert await kept(shard) == (0, 0)


async def test_an_enrolled_picture_is_kept_and_a_camera_s_is_not(start_shard: StartShard) -> None:
    shard = await start_shard(options=KEEPING)
    await ready(shard)

    await enroll(shard, "a", picture_of(1))
    await shard.post("/recognize", content=picture_of(1, take="0.1"))
    await enroll(shard, "a", picture_of(2, take="blurred"))

    assert await kept(shard) == (1, len(picture_of(1)))
    assert picture_of(1).decode() not in (await shard.get("/faces/a")).text
    await shard.post("/erase", json={"face_ids": ["a"]})
    assert await kept(shard) == (0, 0)


async def test_the_store_s_folder_keeps_its_pictures_itself(
    start_shard: StartShard, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a_0.jpg").write_bytes(picture_of(1))

    shard = await start_shard(gallery=folder, options=KEEPING)
    await ready(shard)

    assert (await shard.get("/faces/a")).status_code == 200
    assert await kept(shard) == (0, 0)


async def test_a_known_picture_that_comes_again_is_kept_from_then_on(
    start_shard: StartShard,
) -> None:
    former = await start_shard()
    await ready(former)
    await enroll(former, "a", picture_of(1), source="x/a.jpg")
    await former.stop()
    shard = await start_shard(options=KEEPING)
    await ready(shard)

    passes_for_changed = (await shard.get("/sources")).json()["sources"][0]["digest"] == ""
    again = await enroll(shard, "a", picture_of(1), source="x/a.jpg")
    once_more = await enroll(shard, "a", picture_of(1), source="x/a.jpg")

    assert passes_for_changed
    assert (await shard.get("/sources")).json()["sources"][0]["digest"] != ""
    assert [again.json()["outcome"], once_more.json()["outcome"]] == ["unchanged", "unchanged"]
    assert len((await shard.get("/faces/a")).json()["templates"]) == 1
    assert await kept(shard) == (1, len(picture_of(1)))


async def test_kept_pictures_are_deleted_when_the_option_is_off(start_shard: StartShard) -> None:
    former = await start_shard(options=KEEPING)
    await ready(former)
    await enroll(former, "a", picture_of(1))
    await former.stop()

    shard = await start_shard()
    await ready(shard)

    assert await kept(shard) == (0, 0)
    assert (await shard.get("/faces/a")).status_code == 200
