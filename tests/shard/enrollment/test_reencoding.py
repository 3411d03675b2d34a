"""A change of model: refused, or the pictures are encoded anew and the rest is kept out."""

from pathlib import Path

import httpx
import pytest

from contract.errors import ConfigurationError
from contract.vectors import pack
from tests.shard.conftest import RunningShard, StartShard, eventually, ready
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of

NEW = "fake-v2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a store with pictures of the persons 1, as a, and 2, as b."""
    folder = tmp_path / "west"
    folder.mkdir()
    (folder / "a_0.jpg").write_bytes(picture_of(1))
    (folder / "b_0.jpg").write_bytes(picture_of(2))
    return folder


@pytest.fixture
async def old_gallery(start_shard: StartShard, folder: Path) -> None:
    """Make the store's gallery: the folder, c enrolled by hand, and a stranger, person 4."""
    shard = await start_shard(gallery=folder)
    await ready(shard)
    await enroll(shard, "c", picture_of(3))
    await enroll(shard, "a", picture_of(1), source="west/a_0.jpg", member_id="m-1")
    await shard.post("/faces/mint", content=pack(vector_of(4)), headers={"X-Face-Model": MODEL})
    await shard.stop()


async def enroll(shard: httpx.AsyncClient, face_id: str, picture: bytes, **fields: str) -> None:
    answer = await shard.post("/faces", params={"face_id": face_id, **fields}, content=picture)
    assert answer.status_code in {200, 201}, answer.text


async def results(shard: httpx.AsyncClient) -> list[str | None]:
    """Return who the persons 1 to 4 are."""
    answers = [await shard.post("/recognize", content=picture_of(n)) for n in range(1, 5)]
    return [answer.json()["result"] for answer in answers]


async def reencoded(start_shard: StartShard, folder: Path) -> tuple[RunningShard, FakeEncoder]:
    encoder = FakeEncoder(model=NEW)
    shard = await start_shard(encoder, gallery=folder, reencode=True)
    await ready(shard)
    return shard, encoder


@pytest.mark.usefixtures("old_gallery")
async def test_a_gallery_of_another_model_is_refused_with_a_way_out(
    start_shard: StartShard, folder: Path
) -> None:
    expected = f"4 of the gallery's vectors are of model '{MODEL}'.*'{NEW}'.*FACEGATE_REENCODE"
    with pytest.raises(ConfigurationError, match=expected):
        await start_shard(FakeEncoder(model=NEW), gallery=folder)


@pytest.mark.usefixtures("old_gallery")
async def test_pictures_of_the_folder_are_encoded_anew_and_the_rest_is_kept_out(
    start_shard: StartShard, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shard, encoder = await reencoded(start_shard, folder)

    assert sorted(encoder.encoded) == [picture_of(1), picture_of(2)]
    assert await results(shard) == ["a", "b", None, None]
    counts = (await shard.get("/status")).json()["counts"]
    assert (counts["faces"], counts["templates"]) == (2, 2)
    assert f"2 vectors of model {MODEL} are kept out" in caplog.text
    a, c = [(await shard.get(f"/faces/{name}")).json() for name in "ac"]
    assert a["member"]["member_id"] == "m-1"
    assert [[t["model"] for t in face["templates"]] for face in (a, c)] == [[NEW], [MODEL]]


@pytest.mark.usefixtures("old_gallery")
async def test_what_was_kept_out_comes_back_with_a_picture(
    start_shard: StartShard, folder: Path
) -> None:
    shard, _ = await reencoded(start_shard, folder)

    await enroll(shard, "c", picture_of(3))

    assert await results(shard) == ["a", "b", "c", None]


@pytest.mark.usefixtures("old_gallery")
async def test_nothing_is_encoded_twice(start_shard: StartShard, folder: Path) -> None:
    first, _ = await reencoded(start_shard, folder)
    await first.stop()

    second, encoder = await reencoded(start_shard, folder)

    assert encoder.encoded == []
    assert await results(second) == ["a", "b", None, None]


@pytest.mark.usefixtures("old_gallery")
async def test_with_the_former_model_the_others_are_searched_again(
    start_shard: StartShard, folder: Path
) -> None:
    shard, _ = await reencoded(start_shard, folder)
    await shard.stop()

    former = await start_shard(FakeEncoder(), gallery=folder, reencode=True)
    await ready(former)

    a, b, c, stranger = await results(former)
    assert (a, b, c) == ("a", "b", "c")
    assert (stranger or "").startswith("v-")


@pytest.mark.usefixtures("old_gallery")
async def test_a_replica_with_the_former_model_stops_answering(
    start_shard: StartShard, folder: Path
) -> None:
    replica = await start_shard(read_only=True)
    await ready(replica)

    await reencoded(start_shard, folder)

    async def says_why() -> bool:
        answer = await replica.get("/readyz")
        return answer.status_code == 503 and f"of model '{NEW}'" in answer.json()["detail"]

    await eventually(says_why)
