"""`POST /recognize`, as the course's own service has it."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import ANNA, BOB, Chain, running
from tests.gateway.fakes import FakeShard, picture

NOT_THE_SAME = {"timing_ms", "request_id", "captured_at"}


async def test_it_is_the_one_stores_recognize(tmp_path: Path) -> None:
    shard = FakeShard("门店")
    shard.member("anna", ANNA)
    async with running(tmp_path, {"门店": [shard]}) as chain:
        query = {"visit": "false"}
        short = await chain.http.post("/recognize", content=picture(ANNA), params=query)
        long = await chain.recognize("门店", ANNA, **query)

    assert short.status_code == 200
    answer: dict[str, Any] = short.json()
    assert {name: answer[name] for name in answer.keys() - NOT_THE_SAME} == {
        name: long[name] for name in long.keys() - NOT_THE_SAME
    }
    assert answer["faces"][0]["face_id"] == "anna"


async def test_with_several_stores_it_needs_one(chain: Chain) -> None:
    answer = await chain.http.post("/recognize", content=picture(ANNA))

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert "store" in answer.json()["detail"]


@pytest.mark.parametrize("place", ["query", "form"])
async def test_the_store_is_in_the_query_or_in_the_form(chain: Chain, place: str) -> None:
    chain.shard("store-b").faults["/recognize"] = chain.shard("store-b").answers_nobody
    image = {"image": ("a.jpg", picture(BOB))}
    given: dict[str, Any] = {"query": {"params": {"store": "store-b"}}, "form": {}}[place]
    data = {"store": "store-b"} if place == "form" else {}

    answer = await chain.http.post("/recognize", files=image, data=data, **given)

    assert (answer.status_code, answer.json()["store"]) == (200, "store-b")


async def test_a_store_that_is_unknown_is_refused(chain: Chain) -> None:
    answer = await chain.http.post("/recognize", content=picture(ANNA), params={"store": "x"})

    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_STORE")
