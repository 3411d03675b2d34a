"""A read-only replica: it follows the gallery that another shard writes, and writes nothing."""

from pathlib import Path

import httpx

from tests.shard.conftest import StartShard, eventually, ready, start_importing
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of


async def result(shard: httpx.AsyncClient, person: int) -> str | None:
    answer = await shard.post("/recognize", content=picture_of(person))
    face_id: str | None = answer.json()["result"]
    return face_id


async def same_state(writer: httpx.AsyncClient, replica: httpx.AsyncClient) -> None:
    async def equal() -> bool:
        mine, theirs = [(await shard.get("/status")).json() for shard in (writer, replica)]
        return bool(mine["seq"] == theirs["seq"])

    await eventually(equal)
    mine, theirs = [(await shard.get("/status")).json() for shard in (writer, replica)]
    assert mine == {**theirs, "read_only": False, "background": mine["background"]}


async def test_a_replica_follows_what_its_writer_does(start_shard: StartShard) -> None:
    writer = await start_shard()
    await ready(writer)
    replica = await start_shard(read_only=True)
    await ready(replica)

    await writer.post("/faces", params={"face_id": "a"}, content=picture_of(1))
    await writer.post("/faces", params={"face_id": "b"}, content=picture_of(2))
    await writer.post(
        "/faces/mint", content=vector_of(3).tobytes(), headers={"X-Face-Model": MODEL}
    )
    await same_state(writer, replica)
    assert (await result(replica, 1), await result(replica, 2)) == ("a", "b")
    visitor = await result(replica, 3)
    assert visitor is not None

    await writer.delete("/faces/a")
    await writer.post(
        "/faces", params={"face_id": visitor, "member_id": "m-1"}, content=picture_of(3)
    )
    await same_state(writer, replica)
    assert await result(replica, 1) is None
    assert (await replica.get("/status")).json()["counts"]["members"] == 2
    assert (await replica.get("/faces")).json() == (await writer.get("/faces")).json()


async def test_a_replica_refuses_to_write(start_shard: StartShard) -> None:
    await ready(await start_shard())
    replica = await start_shard(read_only=True)
    await ready(replica)
    headers = {"X-Face-Model": MODEL}

    answers = [
        await replica.post("/faces", params={"face_id": "a"}, content=picture_of(1)),
        await replica.post("/faces/mint", content=vector_of(1).tobytes(), headers=headers),
        await replica.delete("/faces/a"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "READ_ONLY_REPLICA")
    ] * 3


async def test_a_replica_started_first_waits_for_its_writer(start_shard: StartShard) -> None:
    replica = await start_shard(read_only=True)
    assert (await replica.get("/readyz")).json()["code"] == "NOT_READY"
    assert (await replica.get("/faces")).json()["code"] == "NOT_READY"

    writer = await start_shard()
    await writer.post("/faces", params={"face_id": "a"}, content=picture_of(1))

    await ready(replica)
    await same_state(writer, replica)
    assert await result(replica, 1) == "a"


async def test_a_replica_waits_for_the_first_import_too(
    start_shard: StartShard, tmp_path: Path
) -> None:
    encoder, folder = FakeEncoder(), tmp_path / "gallery"
    writer = await start_importing(start_shard, folder, encoder)
    replica = await start_shard(read_only=True, gallery=folder)

    assert (await replica.get("/readyz")).status_code == 503

    encoder.gate.set()
    await ready(writer)
    await ready(replica)
    assert await result(replica, 1) == "a"


async def test_a_replica_may_start_while_its_writer_is_away(start_shard: StartShard) -> None:
    writer = await start_shard()
    await ready(writer)
    await writer.post("/faces", params={"face_id": "a"}, content=picture_of(1))
    await writer.stop()

    replica = await start_shard(read_only=True)
    await ready(replica)

    assert await result(replica, 1) == "a"


async def test_a_replica_keeps_answering_while_its_writer_is_away(start_shard: StartShard) -> None:
    writer = await start_shard()
    await writer.post("/faces", params={"face_id": "a"}, content=picture_of(1))
    replica = await start_shard(read_only=True)
    await ready(replica)
    await writer.stop()
    assert await result(replica, 1) == "a"

    writer = await start_shard()
    await writer.post("/faces", params={"face_id": "b"}, content=picture_of(2))
    await same_state(writer, replica)
    assert await result(replica, 2) == "b"
