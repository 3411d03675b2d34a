"""Tracks at the gateway: frames stay with one replica, and travel as what they are fused to."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import BOB, STRANGER, Chain, running, three_stores, until
from tests.gateway.fakes import FakeShard, picture

FRAMES = {"id": "7", "frames": 3}


def with_replicas(count: int) -> dict[str, list[FakeShard]]:
    stores = three_stores()
    stores["store-a"] += [FakeShard("store-a") for _ in range(count - 1)]
    return stores


async def served_by(chain: Chain, **query: Any) -> int:
    """Send a frame, and return which replica of store-a got it."""
    before = [len(shard.asked("/recognize")) for shard in chain.stores["store-a"]]
    await chain.recognize("store-a", BOB, mint=False, **query)
    after = [len(shard.asked("/recognize")) for shard in chain.stores["store-a"]]
    [replica] = [n for n, (b, a) in enumerate(zip(before, after, strict=True)) if a > b]
    return replica


async def test_the_frames_of_a_track_go_to_one_replica(tmp_path: Path) -> None:
    async with running(tmp_path, stores=with_replicas(3)) as chain:
        tracks = [str(number) for number in range(12)]
        first = [await served_by(chain, track=track, camera="door") for track in tracks]
        again = [await served_by(chain, track=track, camera="door") for track in tracks]

        assert first == again
        assert len(set(first)) > 1
        other = [await served_by(chain, track=track, camera="back") for track in tracks]
        assert other != first


async def test_when_a_replica_goes_only_its_tracks_go_elsewhere(tmp_path: Path) -> None:
    async with running(tmp_path, stores=with_replicas(3), health_seconds=0.5) as chain:
        tracks = [str(number) for number in range(12)]
        before = [await served_by(chain, track=track) for track in tracks]
        gone = before[0]
        await chain.stores["store-a"][gone].stop()
        await until(lambda: _one_is_down(chain))

        after = [await served_by(chain, track=track) for track in tracks]

        assert gone not in after
        assert [a for a, b in zip(after, before, strict=True) if b != gone] == [
            b for b in before if b != gone
        ]


async def _one_is_down(chain: Chain) -> bool:
    [store] = [s for s in (await chain.cluster())["stores"] if s["store"] == "store-a"]
    return sum(not replica["healthy"] for replica in store["replicas"]) == 1


async def test_a_track_goes_to_the_shard_with_its_camera(chain: Chain) -> None:
    await chain.recognize("store-a", BOB, track="7", camera="door")

    [seen] = chain.shard("store-a").asked("/recognize")
    assert (seen.query["track"], seen.query["camera"]) == ("7", "door")


async def test_others_search_the_fused_vector_and_know_how_many_frames_it_has(
    chain: Chain,
) -> None:
    chain.shard("store-a").track = FRAMES

    [face] = (await chain.recognize("store-a", STRANGER, track="7"))["faces"]

    assert face["track"] == FRAMES
    assert chain.shard("store-b").asked("/search")[0].query["frames"] == "3"
    assert chain.shard("store-a").asked("/faces/mint")[0].query["frames"] == "3"


@pytest.mark.parametrize("match", ["home", "roaming"])
async def test_a_match_keeps_its_track(chain: Chain, match: str) -> None:
    store = "store-b" if match == "home" else "store-a"
    chain.shard(store).track = FRAMES

    [face] = (await chain.recognize(store, BOB, track="7"))["faces"]

    assert (face["match"], face["track"]) == (match, FRAMES)


NEARLY_BOB = (0.0, 1.0, 0.2, 0.0)


@pytest.mark.parametrize(
    ("visitor", "frames", "who"),
    [
        ((0.0, 0.7, 0.4, 0.0), 3, ("roaming", "bob")),  # the track has left its first frame behind
        (NEARLY_BOB, 3, ("home", "v-1")),
        ((0.0, 0.7, 0.4, 0.0), 1, ("home", "v-1")),  # one picture alone: home has said who it is
    ],
)
async def test_a_visitor_of_a_track_may_be_more_like_a_member_of_another_store(
    tmp_path: Path, visitor: tuple[float, ...], frames: int, who: tuple[str, str]
) -> None:
    async with running(tmp_path, options={"store-a": {"same_visitor": "1%"}}) as chain:
        home = chain.shard("store-a")
        home.visitor("v-1", visitor)
        home.track = {"id": "7", "frames": frames}

        answer = await chain.recognize("store-a", NEARLY_BOB, track="7", candidates=2)

        [face] = answer["faces"]
        assert (face["match"], face["face_id"]) == who
        assert answer["coverage"]["asked"] == (3 if frames > 1 else 1)
    assert home.asked("/faces/mint") == []
    if frames > 1:
        assert {shown["face_id"] for shown in face["candidates"]} == {"bob", "v-1"}


async def test_a_visitor_of_a_track_stays_who_they_are_while_others_do_not_answer(
    chain: Chain,
) -> None:
    chain.shard("store-a").visitor("v-1", NEARLY_BOB)
    chain.shard("store-a").track = FRAMES
    await chain.shard("store-b").stop()

    answer = await chain.recognize("store-a", NEARLY_BOB, track="7")

    assert [(face["match"], face["face_id"]) for face in answer["faces"]] == [("home", "v-1")]
    assert set(answer["coverage"]["failed"]) == {"store-b"}


async def test_pictures_of_one_request_are_passed_on_untouched(chain: Chain) -> None:
    chain.shard("store-a").faults["/recognize"] = chain.shard("store-a").answers_nobody
    frames = [("image", ("1.jpg", picture(BOB))), ("image", ("2.jpg", picture(BOB)))]

    answer = await chain.http.post("/v1/stores/store-a/recognize", files=frames)

    assert answer.status_code == 200
    [seen] = chain.shard("store-a").asked("/recognize")
    assert seen.body.count(picture(BOB)) == 2


@pytest.mark.parametrize("query", [{"track": ""}, {"track": "x" * 101}, {"camera": "x" * 101}])
async def test_a_track_s_name_has_bounds(chain: Chain, query: dict[str, str]) -> None:
    answer = await chain.http.post(
        "/v1/stores/store-a/recognize", content=picture(BOB), params=query
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_PARAMETER")
