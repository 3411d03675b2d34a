"""Searching all stores by a picture, and comparing two."""

import json
from pathlib import Path

from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, running
from tests.gateway.fakes import picture, place_of


async def test_people_are_found_in_any_store(chain: Chain) -> None:
    answer = await chain.http.post("/v1/search?candidates=2", content=picture(BOB, STRANGER))

    bob, stranger = answer.json()["faces"]
    assert (bob["match"]["face_id"], bob["match"]["store"]) == ("bob", "store-b")
    assert [candidate["face_id"] for candidate in bob["candidates"]] == ["bob", "anna"]
    assert stranger["match"] is None
    assert answer.json()["coverage"]["asked"] == 3
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


async def test_the_picture_is_encoded_once_and_nothing_is_stored(chain: Chain) -> None:
    await chain.http.post("/v1/search", content=picture(STRANGER))

    shards = [chain.shard(store) for store in chain.stores]
    assert sum(len(shard.asked("/encode")) for shard in shards) == 1
    assert [len(shard.asked("/search")) for shard in shards] == [1, 1, 1]
    assert [len(shard.faces) for shard in shards] == [1, 1, 1]


async def test_places_among_strangers_are_found_out_once(chain: Chain) -> None:
    for store in chain.stores:
        chain.shard(store).cohort = "c-1"

    await chain.http.post("/v1/search", content=picture(STRANGER))

    for store in chain.stores:
        [search] = chain.shard(store).asked("/search")
        assert search.query["cohort"] == "c-1"
        assert json.loads(search.query["places"]) == [[*place_of(STRANGER)]]


async def test_a_match_passes_the_threshold_of_its_own_store(tmp_path: Path) -> None:
    async with running(
        tmp_path, options={"store-b": {"threshold": "0.1%"}, "store-c": {"threshold": "0.4%"}}
    ) as chain:
        chain.shard("store-c").member("bobs-brother", (0.0, 1.0, 0.3, 0.0))

        answer = await chain.http.post("/v1/search", content=picture((0.0, 1.0, 0.11, 0.0)))

        [face] = answer.json()["faces"]
        assert [c["face_id"] for c in face["candidates"]][:2] == ["bob", "bobs-brother"]
        assert face["match"]["face_id"] == "bobs-brother"


async def test_stores_that_forbid_it_are_not_searched(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"cross_store": "nobody"}}) as chain:
        answer = (await chain.http.post("/v1/search", content=picture(ANNA))).json()

        assert answer["faces"][0]["match"] is None
        assert answer["coverage"]["skipped"] == {"store-a": "cross_store: nobody"}
        assert answer["coverage"]["asked"] == 2


async def test_a_search_says_which_stores_failed(chain: Chain) -> None:
    await chain.shard("store-c").stop()

    answer = (await chain.http.post("/v1/search", content=picture(BOB))).json()

    assert answer["coverage"]["failed"] == {"store-c": "unavailable"}
    assert answer["faces"][0]["match"]["face_id"] == "bob"


async def test_no_face_is_searched_for_nowhere(chain: Chain) -> None:
    answer = (await chain.http.post("/v1/search", content=picture())).json()

    assert answer["faces"] == []
    assert answer["coverage"]["asked"] == 0


async def test_an_empty_body_is_refused(chain: Chain) -> None:
    answer = await chain.http.post("/v1/search")

    assert (answer.status_code, answer.json()["code"]) == (400, "EMPTY_PICTURE")


async def test_two_pictures_are_compared_by_some_shard(chain: Chain) -> None:
    await chain.shard("store-a").stop()
    form = {"image": ("a.jpg", b"one"), "other": ("b.jpg", b"two")}

    answers = [await chain.http.post("/v1/compare", files=form) for _ in range(3)]

    assert [answer.json()["same"] for answer in answers] == [True] * 3
    shards = [chain.shard("store-b"), chain.shard("store-c")]
    compared = [seen for shard in shards for seen in shard.asked("/compare")]
    assert len(compared) == 3
    assert compared[0].headers["Content-Type"].startswith("multipart/form-data; boundary=")
