"""What visits taught a FaceId is listed, and goes with whatever puts it in doubt."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.vectors import pack
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, everything_in, running
from tests.gateway.people.test_merges import merge, say_not
from tests.shard.fakes import picture_of, vector_of

OTHER_LOOK = 0.3


async def sees(chain: Chain, person: int, look: float = 0.0, **query: Any) -> dict[str, Any]:
    """Return the face of a person who looks a little different, in store a."""
    picture = picture_of(person, take=str(look))
    path = "/v1/stores/a/recognize"
    answer = await chain.call("POST", path, params=query, content=picture)
    face: dict[str, Any] = answer["faces"][0]
    return face


async def visits_of(chain: Chain, face_id: str) -> list[str]:
    """Return the visits that have taught a FaceId."""
    record = await chain.call("GET", f"/v1/stores/a/faces/{face_id}")
    return [t["learned_from"] for t in record["templates"] if t["learned_from"]]


async def taught(chain: Chain, person: int = 1) -> tuple[str, str]:
    """Return a visitor's FaceId, and the visit that it has learned from."""
    visitor = (await sees(chain, person))["face_id"]
    face = await sees(chain, person, OTHER_LOOK)
    assert face["face_id"] == visitor

    async def learned() -> bool:
        return await visits_of(chain, visitor) == [face["visit"]["id"]]

    await until(learned)
    return visitor, face["visit"]["id"]


async def test_a_correction_of_the_visit_makes_forget(chain: Chain) -> None:
    visitor, visit = await taught(chain)

    await say_not(chain, ("a", visitor), visit=visit)

    assert await visits_of(chain, visitor) == []


async def test_so_it_does_when_the_shard_has_no_vectors_of_the_visit_any_more(
    chain: Chain,
) -> None:
    visitor, visit = await taught(chain)
    await chain.stop_shard("a")
    path = f"/v1/stores/a/faces/{visitor}/not"
    assert (await chain.refused("POST", path, json={"visit": visit}))[0] == 503
    await chain.start_shard("a")
    await chain.healthy("a")

    answer = await say_not(chain, ("a", visitor), visit=visit)

    assert answer["other"] is None
    assert await visits_of(chain, visitor) == []


async def test_who_is_told_apart_forgets(chain: Chain) -> None:
    visitor, _ = await taught(chain)
    await chain.enroll("a", 2, "bella")

    await say_not(chain, ("a", visitor), face_id="bella")

    assert await visits_of(chain, visitor) == []


async def test_what_was_learned_as_one_goes_when_they_are_two_again(chain: Chain) -> None:
    visitor, _ = await taught(chain)
    other = (await sees(chain, 2))["face_id"]
    merged = await merge(chain, ("a", visitor), ("a", other))

    await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")

    assert await visits_of(chain, visitor) == []


async def test_erased_is_what_was_learned_as_well(chain: Chain, tmp_path: Path) -> None:
    visitor, _ = await taught(chain)
    vector = vector_of(1, OTHER_LOOK)
    length = np.sqrt(np.square(vector, dtype=np.float64).sum())  # as the shard reads it
    learned = pack((vector / length).astype(np.float32))
    assert learned in everything_in(tmp_path)

    await chain.call("DELETE", f"/v1/stores/a/faces/{visitor}")

    assert learned not in everything_in(tmp_path)


@pytest.mark.parametrize("learning", ["visitors", "everyone"])
async def test_members_learn_where_the_store_allows_it(
    slow: None, tmp_path: Path, learning: str
) -> None:
    async with running(tmp_path, options={"a": {"learning": learning}}) as chain:
        await chain.enroll("a", 2, "bella")
        face = await sees(chain, 2, OTHER_LOOK)
        await taught(chain)  # by now the member's lesson has come, if there was one

        expected = [face["visit"]["id"]] if learning == "everyone" else []
        assert await visits_of(chain, "bella") == expected
