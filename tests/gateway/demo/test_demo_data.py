"""Made-up visits: counted like real ones, allowed where asked for, and removed without a trace."""

from pathlib import Path

import pytest

from tests.gateway.fake_chain import ANNA, Chain, running

TABLES = ("persons", "identities", "members", "visits")


async def counts(chain: Chain) -> dict[str, int]:
    answer = (await chain.http.get("/v1/traffic", params={"by": "day"})).json()
    return {name: answer[name] for name in ("pv", "uv", "new", "members", "roaming")}


async def test_what_was_made_up_is_removed_and_what_was_seen_stays(tmp_path: Path) -> None:
    async with running(tmp_path, demo=True) as chain:
        await chain.recognize("store-a", ANNA)
        real = await counts(chain)

        made = (await chain.http.post("/v1/demo", params={"days": 3})).json()["visits"]
        again = (await chain.http.post("/v1/demo", params={"days": 3})).json()["visits"]
        with_demo = await counts(chain)
        removed = (await chain.http.delete("/v1/demo")).json()["visits"]

        assert made == pytest.approx(again, abs=10)  # a moment later a visit may be over
        assert with_demo["pv"] == real["pv"] + again
        assert with_demo["members"] > 0
        assert removed == again
        assert await counts(chain) == real
        assert (await chain.http.get("/v1/stores/store-a/present")).json()["visits"] != []


async def test_a_gateway_that_is_no_demo_makes_nothing_up(chain: Chain) -> None:
    refused = await chain.http.post("/v1/demo")

    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    assert (await chain.http.delete("/v1/demo")).json() == {"visits": 0}
