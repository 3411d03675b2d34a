"""A chain whose stores have a second model, and change over to it one after the other."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running
from tests.gateway.people.test_merges import say_not
from tests.shard.fakes import MODEL, SECOND, FakeEncoder, changed_over, picture_of, two_models


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """The stores a and b, both with a second model."""
    encoders = {"a": two_models, "b": two_models}
    async with running(tmp_path, stores=("a", "b"), encoders=encoders) as chain:
        yield chain


async def restart(chain: Chain, store: str, encoder: Callable[[], FakeEncoder]) -> None:
    """Start the store's shard anew, with this encoder."""
    await chain.stop_shard(store)
    chain.encoders[store] = encoder
    await chain.start_shard(store)
    await chain.healthy(store)
    await chain.asked(store)


async def status(chain: Chain, store: str) -> dict[str, Any]:
    stores = (await chain.call("GET", "/v1/cluster"))["stores"]
    [found] = [entry for entry in stores if entry["store"] == store]
    told: dict[str, Any] = found["replicas"][0]["status"]
    return told


async def models_of(chain: Chain, face_id: str) -> list[str]:
    record = await chain.call("GET", f"/v1/stores/a/faces/{face_id}")
    return [template["model"] for template in record["templates"]]


async def test_stores_that_serve_different_models_still_find_each_others_members(
    chain: Chain,
) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("b", 2, "bella")
    served = []

    for store in ("a", "b"):
        await restart(chain, store, changed_over)
        served.append([(await status(chain, each))["model"] for each in "ab"])
        for home, person, face_id in (("a", 1, "anna"), ("b", 2, "bella")):
            away = "b" if home == "a" else "a"
            at_home, elsewhere = await chain.sees(home, person), await chain.sees(away, person)
            assert (at_home["face_id"], at_home["match"]) == (face_id, "home")
            assert (elsewhere["face_id"], elsewhere["match"]) == (face_id, "roaming")

    assert served == [[SECOND.model, MODEL], [SECOND.model, SECOND.model]]


async def test_a_stranger_is_known_after_the_change(chain: Chain) -> None:
    stranger = (await chain.sees("a", 3))["face_id"]

    assert await models_of(chain, stranger) == [MODEL, SECOND.model]
    await restart(chain, "a", changed_over)
    assert (await chain.sees("a", 3))["face_id"] == stranger


async def test_a_shard_without_the_second_model_mints_of_the_first(chain: Chain) -> None:
    await restart(chain, "a", FakeEncoder)

    face = await chain.sees("a", 3)

    assert (face["match"], await models_of(chain, face["face_id"])) == ("new", [MODEL])


async def test_what_visits_teach_the_second_model_goes_with_a_correction(chain: Chain) -> None:
    await restart(chain, "a", FakeEncoder)
    visitor = (await chain.sees("a", 3))["face_id"]
    await restart(chain, "a", two_models)

    path = "/v1/stores/a/recognize"
    seen = await chain.call("POST", path, content=picture_of(3, take="0.1"))
    face = seen["faces"][0]
    assert face["face_id"] == visitor

    async def learned() -> bool:
        return SECOND.model in await models_of(chain, visitor)

    await until(learned)
    await say_not(chain, ("a", visitor), visit=face["visit"]["id"])

    assert await models_of(chain, visitor) == [MODEL]
