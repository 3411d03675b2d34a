"""Pictures with more faces than a shard takes at once: nobody is lost, and no store is blamed."""

from pathlib import Path
from typing import Any

import pytest

from contract.vectors import MOST_VECTORS
from tests.gateway.fake_chain import BOB, Chain, running
from tests.gateway.fakes import FakeShard, picture, problem, refuses


class LimitedShard(FakeShard):
    """Takes as many vectors at once as a real shard does."""

    async def _rows(self, request: Any) -> Any:
        rows = await super()._rows(request)
        if len(rows) > MOST_VECTORS:
            body = problem(400, "BAD_VECTORS")
            raise AssertionError(f"{len(rows)} vectors at once: {body.text}")
        return rows


def limited(cohort: str | None = None) -> dict[str, list[FakeShard]]:
    shards = [LimitedShard(name, cohort=cohort) for name in ("store-a", "store-b", "store-c")]
    shards[1].member("bob", BOB)
    return {shard.store: [shard] for shard in shards}


def crowd(count: int) -> list[tuple[float, float, float, float]]:
    """Return faces that are all unlike Bob and each other."""
    return [(10.0 + 3 * (number % 10), 0.0, 3.0 * (number // 10), 10.0) for number in range(count)]


@pytest.mark.parametrize("count", [256, 257, 300, 1000])
async def test_a_crowd_of_strangers_is_named_face_by_face(tmp_path: Path, count: int) -> None:
    async with running(tmp_path, limited("strangers-1")) as chain:
        answer = await chain.recognize("store-a", *crowd(count))

        assert answer["coverage"]["failed"] == {}
        assert {face["match"] for face in answer["faces"]} == {"new"}
        named = chain.shard("store-a").faces
        vectors = [named[face["face_id"]].vector for face in answer["faces"]]
        assert vectors == crowd(count)
        assert not any(face["provisional"] for face in answer["faces"])


async def test_whoever_is_known_elsewhere_is_found_at_the_end_of_a_crowd(tmp_path: Path) -> None:
    async with running(tmp_path, limited()) as chain:
        answer = await chain.recognize("store-a", *crowd(299), BOB, mint=False)

        *strangers, last = answer["faces"]
        assert {face["match"] for face in strangers} == {"unknown"}
        assert (last["match"], last["face_id"], last["store"]) == ("roaming", "bob", "store-b")


async def test_when_home_fails_in_the_middle_the_named_keep_their_face_ids(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, limited()) as chain:
        home = chain.shard("store-a")

        async def full(request: Any) -> Any:
            if len(home.asked("/faces/mint")) > 1:
                return await refuses(507, "STORAGE_FULL")(request)
            return await home._mint(request)

        home.faults["/faces/mint"] = full
        answer = await chain.recognize("store-a", *crowd(300))

        matches = [face["match"] for face in answer["faces"]]
        assert matches == ["new"] * MOST_VECTORS + ["unknown"] * (300 - MOST_VECTORS)
        assert answer["coverage"]["failed"] == {"store-a": "mint: storage full"}


async def test_a_picture_search_of_a_crowd_asks_in_pieces(tmp_path: Path) -> None:
    async with running(tmp_path, limited()) as chain:
        found = await search(chain, 300)

        assert found["coverage"]["failed"] == {}
        assert found["faces"][-1]["match"]["face_id"] == "bob"


async def search(chain: Chain, count: int) -> Any:
    answer = await chain.http.post("/v1/search", content=picture(*crowd(count - 1), BOB))
    return answer.json()
