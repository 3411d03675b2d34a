"""What a model made is erased once the store does not use it any more."""

import httpx

from encoder import VectorModel
from tests.shard.api.test_enrollment import enroll
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import DIMENSION, MODEL, FakeEncoder, picture_of

NEW = "fake-v2"


async def both_models(start_shard: StartShard) -> None:
    """Make a gallery where `a` has templates of MODEL and NEW."""
    former = await start_shard()
    await ready(former)
    await enroll(former, "a", picture_of(1))
    await former.stop()
    encoder = FakeEncoder(NEW)
    encoder.second = VectorModel(MODEL, DIMENSION)
    changing = await start_shard(encoder)
    await ready(changing)
    refused = await changing.delete(f"/models/{MODEL}")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    assert f"s uses '{MODEL}'" in refused.json()["detail"]
    counted = (await changing.get(f"/models/{MODEL}")).json()
    assert (counted["templates"], counted["members_alone"]) == (1, 1)
    await enroll(changing, "a", picture_of(1))
    await changing.stop()


async def models_of(shard: httpx.AsyncClient) -> list[str]:
    templates = (await shard.get("/faces/a")).json()["templates"]
    return [template["model"] for template in templates]


async def test_a_model_s_templates_are_erased_when_it_is_not_used(start_shard: StartShard) -> None:
    await both_models(start_shard)
    shard = await start_shard(FakeEncoder(NEW))
    await ready(shard)

    served = await shard.delete(f"/models/{NEW}")
    before = await models_of(shard)
    first = await shard.delete(f"/models/{MODEL}")
    again = await shard.delete(f"/models/{MODEL}")

    assert served.status_code == 409
    assert sorted(before) == [MODEL, NEW]
    assert [answer.json()["templates"] for answer in (first, again)] == [1, 0]
    assert await models_of(shard) == [NEW]
    assert (await shard.post("/recognize", content=picture_of(1))).json()["result"] == "a"
