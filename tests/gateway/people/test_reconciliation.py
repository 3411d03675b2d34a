"""An outage does not inflate UV: who was minted in it becomes who they are once it is over."""

from pathlib import Path
from typing import Any, cast

import pytest

from contract.messages.cluster import Counts, ShardStatus
from contract.messages.shard_updates import ProvisionalFaces
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import Store, StoreMap
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.replicas import Replicas
from gateway.chain.shard_request import ShardRequest
from gateway.people.reconciliation import Reconciliation
from tests.gateway.audit.told import tell_nobody
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, everything_in, vectors_set_aside


async def provisional(chain: Chain) -> str:
    """Let Anna of `a` walk into `b` while `a` is down; return the FaceId that she gets."""
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.sees("a", 1)
    await chain.stop_shard("a")
    face = await chain.sees("b", 1)
    assert (face["match"], face["provisional"]) == ("new", True)
    assert await chain.traffic() == (2, 2)
    return str(face["face_id"])


async def back(chain: Chain, store: str, face_id: str, status: int) -> None:
    await chain.start_shard("a")
    await chain.healthy("a")

    async def settled() -> bool:
        answer = await chain.http.get(f"/v1/stores/{store}/faces/{face_id}")
        return answer.status_code == status and not answer.json().get("provisional", False)

    await until(settled)


async def test_a_provisional_face_becomes_the_member_whom_it_is(chain: Chain) -> None:
    visitor = await provisional(chain)

    await back(chain, "b", visitor, 404)

    assert await chain.traffic() == (2, 1)
    face = await chain.sees("b", 1)
    assert (face["match"], face["face_id"], face["member"]["name"]) == ("roaming", "anna", "Anna")
    assert face["visit"]["count"] == 2
    assert not face["visit"]["new"]
    assert await chain.traffic() == (2, 1)


async def test_a_reconciliation_that_was_wrong_is_undone_with_its_vectors(
    chain: Chain, tmp_path: Path
) -> None:
    visitor = await provisional(chain)
    await back(chain, "b", visitor, 404)

    body = {"store": "a", "face_id": "anna"}
    answer = await chain.call("POST", f"/v1/stores/b/faces/{visitor}/not", json=body)

    merge = await chain.call("GET", f"/v1/faces/merge/{answer['undone']}")
    assert (merge["cause"], merge["pending"]) == ("reconciled", False)
    assert await chain.traffic() == (2, 2)
    at_b, at_a = await chain.sees("b", 1), await chain.sees("a", 1)
    assert (at_b["match"], at_b["face_id"], at_b["member"]) == ("home", visitor, None)
    assert (at_a["match"], at_a["face_id"], at_a["member"]["name"]) == ("home", "anna", "Anna")
    assert not at_b["provisional"]  # so it is not reconciled again
    assert await chain.traffic() == (2, 2)


async def test_who_is_erased_takes_along_what_was_set_aside(chain: Chain, tmp_path: Path) -> None:
    visitor = await provisional(chain)
    await back(chain, "b", visitor, 404)
    [vector] = vectors_set_aside(tmp_path / "data" / "b")

    receipt = await chain.call("DELETE", "/v1/members/m-1", params={"erase": True})

    stores = {part["store"]: part["faces"] for part in receipt["stores"]}
    assert stores["b"] == [{"face_id": visitor, "templates": 1}]
    assert vector not in everything_in(tmp_path)


async def test_a_provisional_face_that_nobody_knows_is_confirmed(chain: Chain) -> None:
    await chain.stop_shard("a")
    face = await chain.sees("b", 7)
    assert face["provisional"]

    await back(chain, "b", face["face_id"], 200)

    again = await chain.sees("b", 7)
    assert (again["match"], again["provisional"]) == ("home", False)
    assert await chain.traffic() == (1, 1)


async def test_who_was_said_not_to_be_the_member_is_not_made_the_member(chain: Chain) -> None:
    visitor = await provisional(chain)
    body = {"store": "a", "face_id": "anna"}
    await chain.call("POST", f"/v1/stores/b/faces/{visitor}/not", json=body)

    await back(chain, "b", visitor, 200)

    assert await chain.traffic() == (2, 2)


class NobodyProvisional:
    """Shards that have no provisional FaceIds, and note what they are asked."""

    def __init__(self) -> None:
        self.stale_stores: set[str] = set()
        self.asked: list[str] = []

    async def write(self, store: Store, request: ShardRequest, kind: object) -> ProvisionalFaces:
        self.asked.append(request.path)
        return ProvisionalFaces(store=store.id, model="one", faces=[])


def status(stores: StoreMap, store: str, model: str) -> tuple[Any, ShardStatus]:
    counts = Counts(faces=1, members=0, visitors=1, templates=1, provisional=1)
    told = ShardStatus(
        store=store, ready=True, read_only=False, model=model, counts=counts, seq=1, version="1"
    )
    return stores.stores[store].shards[0], told


@pytest.mark.parametrize(
    ("model", "asked"), [("one", ["/provisional", "/provisional"]), ("another", [])]
)
async def test_nobody_is_reconciled_while_a_store_has_another_model(
    model: str, asked: list[str]
) -> None:
    stores = parse_store_map(b"{a: 'h:1', b: 'h:2'}", Path("stores.yaml"))
    shards, replicas = NobodyProvisional(), Replicas()
    for address, told in (status(stores, "a", "one"), status(stores, "b", model)):
        replicas.at(ReplicaAddress(address, told.store)).reported(told)
    nothing = cast(Any, None)
    reconciliation = Reconciliation(
        nothing,
        cast(Any, shards),
        nothing,
        fan_out=nothing,
        replicas=replicas,
        current=lambda: stores,
        tell=tell_nobody,
    )

    await reconciliation.step()

    assert shards.asked == asked
