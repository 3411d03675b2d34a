"""How many persons are known, and who has to be told of it."""

from pathlib import Path

import pytest

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running


async def persons(chain: Chain) -> int:
    return int((await chain.call("GET", "/v1/privacy"))["persons"])


async def test_a_person_counts_once_whatever_the_stores(chain: Chain) -> None:
    await chain.put_member("m-1", True)
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.enroll("b", 2, "anne", member_id="m-1")
    await chain.sees("c", 1)
    await chain.sees("a", 5)

    async def counted() -> bool:
        stores = (await chain.call("GET", "/v1/privacy"))["stores"]
        return [(s["members"], s["visitors"]) for s in stores] == [(1, 1), (1, 0), (0, 0)]

    await until(counted)
    assert await persons(chain) == 2
    await chain.call("DELETE", "/v1/members/m-1", params={"erase": True})
    await until(lambda: _is(chain, 1))


async def _is(chain: Chain, expected: int) -> bool:
    return await persons(chain) == expected


async def test_an_enrolled_face_that_nobody_has_asked_for_counts(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")  # the record has never seen it

    await until(lambda: _is(chain, 1))


async def test_retention_and_open_erasures_are_shown(chain: Chain) -> None:
    await chain.put_member("m-1", True)
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.stop_shard("a")
    receipt = await chain.call("DELETE", "/v1/members/m-1", 202, params={"erase": True})

    status = await chain.call("GET", "/v1/privacy")

    assert (status["open_erasures"], status["alarm"], status["reached"]) == (1, 100_000, False)
    assert status["oldest_open_erasure"] == receipt["requested_at"]
    assert status["stores"][0] == {
        **status["stores"][0],
        "store": "a",
        "visitor_retention": "P30D",
        "cross_store": "members",
        "keep_pictures": False,
    }


async def test_so_many_persons_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(tmp_path, settings={"persons_alarm": 2}) as chain:
        await chain.sees("a", 5)
        assert not (await chain.call("GET", "/v1/privacy"))["reached"]
        await chain.sees("b", 6)

        for _ in range(2):
            assert (await chain.call("GET", "/v1/privacy"))["reached"]
        metrics = (await chain.http.get("/metrics")).text
    assert "facegate_persons 2.0\n" in metrics
    assert "facegate_persons_reached 1.0\n" in metrics
    said = [r.getMessage() for r in caplog.records if "FACEGATE_PERSONS_ALARM" in r.getMessage()]
    assert said == ["2 persons are known: FACEGATE_PERSONS_ALARM is reached"]
