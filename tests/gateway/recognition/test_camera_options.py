"""What the map says of a camera holds for its pictures, whichever shard looks at them."""

from pathlib import Path

from tests.gateway.fake_chain import ANNA, Chain, running

CAMERAS = {
    "cameras": {
        "door": {"rotate": 90, "region": [0, 0.25, 1, 0.75], "min_face_px": 60},
        "till": {"name": "The till"},
    },
    "min_face_px": 40,
}


def looked(chain: Chain, path: str, store: str = "store-a") -> list[str | None]:
    query = chain.shard(store).asked(path)[-1].query
    return [query.get(option) for option in ("rotate", "region", "min_face_px")]


async def test_a_listed_camera_is_looked_at_as_the_map_says(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": CAMERAS}) as chain:
        await chain.recognize("store-a", ANNA, camera="door")
        assert looked(chain, "/recognize") == ["90", "0,0.25,1,0.25,1,0.75,0,0.75", "60"]

        await chain.recognize("store-a", ANNA, camera="door", cut_out=True)
        assert looked(chain, "/recognize") == [None, None, "60"]

        for other in ({"camera": "till"}, {"camera": "unlisted"}, {}):
            await chain.recognize("store-a", ANNA, **other)
            assert looked(chain, "/recognize") == [None, None, "40"]


async def test_who_posts_may_say_what_is_to_look_for_faces(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"detector": "auto"}}) as chain:
        await chain.recognize("store-a", ANNA)
        await chain.recognize("store-a", ANNA, detector="cnn")

        asked = chain.shard("store-a").asked("/recognize")
        assert [request.query["detector"] for request in asked] == ["auto", "cnn"]


async def test_a_stand_in_looks_as_home_would(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": CAMERAS}) as chain:
        await chain.shard("store-a").stop()

        await chain.recognize("store-a", ANNA, camera="door")

        seen = [
            looked(chain, "/encode", s)
            for s in ("store-b", "store-c")
            if chain.shard(s).asked("/encode")
        ]
        assert seen == [["90", "0,0.25,1,0.25,1,0.75,0,0.75", "60"]]


async def test_the_cluster_tells_what_is_listed_but_no_source(tmp_path: Path) -> None:
    cameras = {"door": {"rotate": 180, "source": "rtsp://admin:secret@10.0.0.9/1"}}
    async with running(tmp_path, options={"store-a": {"cameras": cameras}}) as chain:
        answer = await chain.http.get("/v1/cluster")

    [store] = [store for store in answer.json()["stores"] if store["store"] == "store-a"]
    assert store["cameras"] == {"door": {"rotate": 180}}
    assert "secret" not in answer.text
