"""Who is standing there: at home, from another store, a stranger."""

import asyncio
import json
from pathlib import Path

import pytest

from contract.messages.recognition import RecognizeAnswer
from tests.gateway.fake_chain import ANNA, BOB, CARL, OTHER, STRANGER, Chain, running, three_stores
from tests.gateway.fakes import body_of, picture, place_of

COMPLETE_ALONE = {
    "asked": 1,
    "answered": 1,
    "failed": {},
    "skipped": {},
    "unawaited": [],
    "directory": None,
    "complete": True,
}


async def test_a_member_at_home_needs_no_fan_out(chain: Chain) -> None:
    answer = await chain.recognize("store-a", ANNA)

    [face] = answer["faces"]
    assert (face["match"], face["face_id"], face["store"]) == ("home", "anna", "store-a")
    assert (face["kind"], face["score"], face["distance"]) == ("member", 1.0, 0.0)
    assert answer["coverage"] == COMPLETE_ALONE
    assert chain.shard("store-b").asked("/search") == []


async def test_the_answer_has_the_promised_shape(chain: Chain) -> None:
    answer = await chain.recognize("store-a", BOB, candidates=1)

    RecognizeAnswer.model_validate(answer)
    assert {"store", "faces", "coverage", "timing_ms", "request_id"} <= set(answer)
    assert set(answer["timing_ms"]) == {"encode", "home", "fan_out", "total"}
    assert answer["timing_ms"]["encode"] == 30.0
    assert answer["timing_ms"]["total"] >= answer["timing_ms"]["fan_out"] > 0
    assert "vector" not in answer["faces"][0]


async def test_a_member_of_another_store_is_roaming(chain: Chain) -> None:
    answer = await chain.recognize("store-a", BOB)

    [face] = answer["faces"]
    assert (face["match"], face["face_id"], face["store"]) == ("roaming", "bob", "store-b")
    assert answer["coverage"]["asked"] == answer["coverage"]["answered"] == 3
    assert answer["coverage"]["complete"]
    assert chain.shard("store-a").asked("/faces/mint") == []


async def test_a_stranger_gets_a_face_id_and_is_known_from_then_on(chain: Chain) -> None:
    [first] = (await chain.recognize("store-a", STRANGER))["faces"]
    [second] = (await chain.recognize("store-a", STRANGER))["faces"]

    assert (first["match"], first["store"], first["kind"]) == ("new", "store-a", "visitor")
    assert first["face_id"].startswith("v-")
    assert not first["provisional"]
    assert (second["match"], second["face_id"]) == ("home", first["face_id"])


async def test_two_frames_of_a_stranger_at_once_are_one_face(chain: Chain) -> None:
    frames = (chain.recognize("store-a", STRANGER, camera=camera) for camera in range(10))
    answers = await asyncio.gather(*frames)

    faces = [answer["faces"][0] for answer in answers]
    assert len({face["face_id"] for face in faces}) == 1
    assert [face["match"] for face in faces].count("new") == 1
    assert {face["match"] for face in faces} <= {"new", "home"}


async def test_without_minting_a_stranger_stays_unknown(chain: Chain) -> None:
    answer = await chain.recognize("store-a", STRANGER, mint=False)

    [face] = answer["faces"]
    assert (face["match"], face["face_id"], face["store"]) == ("unknown", None, None)
    assert answer["coverage"]["complete"]
    assert chain.shard("store-a").asked("/faces/mint") == []


async def test_an_empty_frame_is_no_error(chain: Chain) -> None:
    answer = await chain.recognize("store-a")

    assert answer["faces"] == []
    assert answer["coverage"] == COMPLETE_ALONE


async def test_several_faces_cost_one_search_a_shard_and_one_minting(chain: Chain) -> None:
    answer = await chain.recognize("store-a", STRANGER, ANNA, BOB, OTHER, CARL)

    matches = [(face["match"], face["store"]) for face in answer["faces"]]
    assert matches == [
        ("new", "store-a"),
        ("home", "store-a"),
        ("roaming", "store-b"),
        ("new", "store-a"),
        ("roaming", "store-c"),
    ]
    for store in ("store-b", "store-c"):
        [search] = chain.shard(store).asked("/search")
        assert search.body == body_of([STRANGER, BOB, OTHER, CARL])
    [mint] = chain.shard("store-a").asked("/faces/mint")
    assert mint.body == body_of([STRANGER, OTHER])
    assert answer["faces"][0]["face_id"] != answer["faces"][3]["face_id"]


async def test_missed_faces_travel_with_their_places_among_strangers(chain: Chain) -> None:
    chain.shard("store-a").cohort = "c-1"

    await chain.recognize("store-a", STRANGER, ANNA, BOB)

    for store in ("store-b", "store-c"):
        [search] = chain.shard(store).asked("/search")
        assert search.query["cohort"] == "c-1"
        assert json.loads(search.query["places"]) == [[*place_of(STRANGER)], [*place_of(BOB)]]


async def test_where_home_tells_no_places_the_others_find_them_out(chain: Chain) -> None:
    answer = await chain.recognize("store-a", BOB)

    assert answer["faces"][0]["match"] == "roaming"
    [search] = chain.shard("store-b").asked("/search")
    assert not search.query.keys() & {"cohort", "places"}


async def test_the_most_alike_candidate_of_all_stores_wins(chain: Chain) -> None:
    chain.shard("store-b").member("bert", (0.0, 0.0, 0.3, 1.0))
    chain.shard("store-c").member("cara", (0.0, 0.0, 0.2, 1.0))

    [face] = (await chain.recognize("store-a", STRANGER))["faces"]

    assert (face["face_id"], face["store"]) == ("cara", "store-c")


async def test_equal_candidates_are_ranked_by_store_and_name(chain: Chain) -> None:
    chain.shard("store-c").member("aaa", STRANGER)
    chain.shard("store-b").member("zzz", STRANGER)

    [face] = (await chain.recognize("store-a", STRANGER))["faces"]

    assert (face["face_id"], face["store"]) == ("zzz", "store-b")


async def test_the_threshold_is_the_home_stores(tmp_path: Path) -> None:
    options = {"store-a": {"threshold": "0.2%"}, "store-c": {"threshold": "2%"}}
    nearly_bob = (0.0, 1.0, 0.2, 0.0)
    async with running(tmp_path, options=options) as chain:
        [strict] = (await chain.recognize("store-a", nearly_bob))["faces"]
        [lax] = (await chain.recognize("store-c", nearly_bob))["faces"]

        assert (strict["match"], lax["match"]) == ("new", "roaming")
        [recognize] = chain.shard("store-a").asked("/recognize")
        [mint] = chain.shard("store-a").asked("/faces/mint")
        assert recognize.query["rate"] == mint.query["rate"] == "0.001"


async def test_candidates_of_all_stores_are_shown_best_first(chain: Chain) -> None:
    chain.shard("store-a").visitor("v-1", (0.0, 0.3, 0.0, 1.0))

    answer = await chain.recognize("store-b", STRANGER, ANNA, candidates=3, mint=False)

    unknown, roaming = answer["faces"]
    ids = [candidate["face_id"] for candidate in unknown["candidates"]]
    assert ids == ["anna", "bob", "carl"]
    assert roaming["candidates"][0]["face_id"] == "anna"
    distances = [candidate["distance"] for candidate in roaming["candidates"]]
    assert distances == sorted(distances)


async def test_candidates_are_not_there_unless_asked_for(chain: Chain) -> None:
    [face] = (await chain.recognize("store-a", BOB))["faces"]

    assert face["candidates"] is None


@pytest.mark.parametrize("query", [{"candidates": 21}, {"candidates": -1}, {"mint": "perhaps"}])
async def test_a_parameter_that_makes_no_sense_is_refused(
    chain: Chain, query: dict[str, str]
) -> None:
    answer = await chain.http.post(
        "/v1/stores/store-a/recognize", content=picture(ANNA), params=query
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_PARAMETER")


async def test_visitors_of_other_stores_are_not_searched(chain: Chain) -> None:
    chain.shard("store-b").visitor("v-1", STRANGER)

    [face] = (await chain.recognize("store-a", STRANGER))["faces"]

    assert (face["match"], face["store"]) == ("new", "store-a")
    query = chain.shard("store-b").asked("/search")[0].query
    rates = {"rate": "0.005", "visitor_rate": "0.0015"}
    assert query == {"k": "1", "scope": "members", **rates, "templates": "2"}


async def test_a_store_decides_who_of_it_may_be_searched(tmp_path: Path) -> None:
    options = {"store-b": {"cross_store": "everyone"}, "store-c": {"cross_store": "nobody"}}
    async with running(tmp_path, options=options) as chain:
        chain.shard("store-b").visitor("v-1", STRANGER)

        answer = await chain.recognize("store-a", STRANGER, CARL)

        visitor, carl = answer["faces"]
        assert (visitor["match"], visitor["kind"]) == ("roaming", "visitor")
        assert (carl["match"], carl["provisional"]) == ("new", False)
        assert answer["coverage"] == {
            "asked": 2,
            "answered": 2,
            "failed": {},
            "skipped": {"store-c": "cross_store: nobody"},
            "unawaited": [],
            "directory": None,
            "complete": True,
        }
        assert chain.shard("store-c").asked("/search") == []


async def test_the_picture_is_passed_on_untouched(chain: Chain) -> None:
    kind = "multipart/form-data; boundary=x"
    body = picture(ANNA)

    await chain.http.post(
        "/v1/stores/store-a/recognize", content=body, headers={"Content-Type": kind}
    )

    [seen] = chain.shard("store-a").asked("/recognize")
    assert (seen.body, seen.headers["Content-Type"]) == (body, kind)


async def test_the_picture_goes_to_the_home_shard_alone(chain: Chain) -> None:
    await chain.recognize("store-a", STRANGER)

    others = [chain.shard("store-b"), chain.shard("store-c")]
    assert [[seen.path for seen in s.seen if seen.path != "/status"] for s in others] == [
        ["/search"],
        ["/search"],
    ]


async def test_the_request_id_and_the_deadline_travel_along(tmp_path: Path) -> None:
    async with running(tmp_path, fan_out_ms=500) as chain:
        answer = await chain.http.post(
            "/v1/stores/store-a/recognize",
            content=picture(STRANGER),
            headers={"X-Request-ID": "camera-7.42", "X-Facegate-Deadline-Ms": "3000"},
        )

        assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "camera-7.42"
        home, other = chain.shard("store-a"), chain.shard("store-b")
        for seen in [
            *home.asked("/recognize"),
            *home.asked("/faces/mint"),
            *other.asked("/search"),
        ]:
            assert seen.headers["X-Request-ID"] == "camera-7.42"
            assert 0 < int(seen.headers["X-Facegate-Deadline-Ms"]) <= 3000
        assert int(other.asked("/search")[0].headers["X-Facegate-Deadline-Ms"]) <= 500


async def test_store_names_may_be_any_text(tmp_path: Path) -> None:
    stores = three_stores()
    [shard] = stores.pop("store-a")
    shard.store = "门店Å 1"
    async with running(tmp_path, {"门店Å 1": [shard], **stores}) as chain:
        decomposed = "门店A\N{COMBINING RING ABOVE} 1"
        [face] = (await chain.recognize(decomposed, ANNA))["faces"]

        assert (face["match"], face["store"]) == ("home", "门店Å 1")


async def test_a_chain_of_one_store_has_nobody_to_ask(tmp_path: Path) -> None:
    stores = three_stores()
    async with running(tmp_path, {"store-a": stores["store-a"]}) as chain:
        answer = await chain.recognize("store-a", STRANGER)

        assert answer["faces"][0]["match"] == "new"
        assert answer["coverage"] == COMPLETE_ALONE
