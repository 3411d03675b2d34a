"""Whether pictures show one person, asked before any of them is enrolled."""

import hashlib

from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import FakeEncoder, picture_of


async def test_a_picture_is_compared_with_those_shown_before(start_shard: StartShard) -> None:
    encoder = FakeEncoder()
    shard = await start_shard(encoder)
    await ready(shard)
    pictures = [picture_of(1), picture_of(1, take="0.2"), picture_of(2)]
    digests = [hashlib.sha256(picture).hexdigest() for picture in pictures]

    first, second, third = [
        (
            await shard.post(
                "/faces/likeness",
                params={"to": ",".join([*digests[:number], "0" * 64])},
                content=picture,
            )
        ).json()
        for number, picture in enumerate(pictures)
    ]

    assert [answer["digest"] for answer in (first, second, third)] == digests
    assert first["scores"] == [None]
    needed = first["needed"]
    assert second["scores"][0] >= needed
    assert max(third["scores"][:2]) < needed
    assert (await shard.get("/faces")).json()["faces"] == []
    await shard.post("/faces", params={"face_id": "a"}, content=pictures[0])
    assert len(encoder.encoded) == 3


async def test_a_picture_that_could_not_be_enrolled_is_refused(start_shard: StartShard) -> None:
    shard = await start_shard()
    await ready(shard)

    answers = [
        await shard.post("/faces/likeness", content=picture)
        for picture in (picture_of(), picture_of(1, 2), b"nonsense")
    ]

    assert [answer.json()["code"] for answer in answers] == [
        "NO_FACE",
        "SEVERAL_FACES",
        "BROKEN_PICTURE",
    ]
