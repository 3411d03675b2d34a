"""Erasures through power cuts: what was promised while a process was dead is kept afterwards."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import plain_http
from tests.cluster.processes import Cluster, Service, wait_until
from tests.pictures import sample

MEMBER = "m-44"


class Ops:
    """Who asks the gateway about members and erasures, in answers alone."""

    def __init__(self, cluster: Cluster) -> None:
        self.url = cluster.gateway.url

    def bind_known(self, store: str, face_id: str) -> None:
        """Make a FaceId the member's, whose consent lets every store find them."""
        profile = {"name": "Barack", "consent": {"cross_store": True}}
        member = f"{self.url}/v1/members/{MEMBER}"
        plain_http.put(member, json=profile).raise_for_status()
        plain_http.put(f"{member}/faces/{store}/{face_id}").raise_for_status()

    def enroll(self, store: str, face_id: str, picture: str) -> None:
        """Enrol a picture as the member's."""
        plain_http.post(
            f"{self.url}/v1/stores/{store}/faces",
            files={"image": (picture, sample(picture))},
            data={"face_id": face_id, "member_id": MEMBER},
        ).raise_for_status()

    def erase(self, timeout: float = 30) -> tuple[int, dict[str, Any]]:
        """Erase the member; return the status and the receipt."""
        answer = plain_http.delete(
            f"{self.url}/v1/members/{MEMBER}", params={"erase": True}, timeout=timeout
        )
        receipt: dict[str, Any] = answer.json()
        return answer.status_code, receipt

    def receipt(self, erasure: str) -> dict[str, Any]:
        answer = plain_http.get(f"{self.url}/v1/erasures/{erasure}")
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def wait_complete(self, erasure: str) -> dict[str, dict[str, Any]]:
        """Return what each store has confirmed, once all have."""
        wait_until(lambda: self.receipt(erasure)["complete"], "every store's confirmation")
        return by_store(self.receipt(erasure))

    def sees(self, store: str, picture: str) -> list[tuple[str, str | None]]:
        """Return whom a camera of the store is told of, without giving anybody a FaceId."""
        answer = plain_http.post(
            f"{self.url}/v1/stores/{store}/recognize",
            content=sample(picture),
            params={"mint": False, "visit": False},
        )
        assert answer.status_code == 200, answer.text
        return [(face["match"], face["face_id"]) for face in answer.json()["faces"]]

    def faces(self, store: str) -> list[str]:
        answer = plain_http.get(f"{self.url}/v1/stores/{store}/faces")
        return [face["face_id"] for face in answer.json()["faces"]]


def by_store(receipt: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {part["store"]: part for part in receipt["stores"]}


def start(*services: Service) -> None:
    for service in services:
        service.start()
    for service in services:
        service.wait_ready()


UNKNOWN = [("unknown", None)]


@pytest.fixture
def ops(own_cluster: Cluster) -> Ops:
    """A member known in west, by the imported folder, and in east, by an enrolment."""
    ops = Ops(own_cluster)
    ops.bind_known("west", "obama")
    ops.enroll("east", "barack", "obama3.jpg")
    assert ops.sees("north", "obama_partial_face2.jpg")[0][0] == "roaming"
    return ops


def assert_gone(ops: Ops) -> None:
    """No store recognises the member, and no gallery has a FaceId of theirs."""
    for store in ("west", "east", "north"):
        assert ops.sees(store, "obama_partial_face2.jpg") == UNKNOWN, store
    assert (ops.faces("west"), ops.faces("east")) == ([], ["collins"])


def test_a_shard_that_was_killed_erases_when_it_is_back_and_nobody_comes_back(
    own_cluster: Cluster, ops: Ops
) -> None:
    west = own_cluster.shards["west"]
    west.kill()

    status, receipt = ops.erase()

    stores = by_store(receipt)
    assert (status, receipt["complete"]) == (202, False)
    assert {store: part["confirmed"] for store, part in stores.items()} == {
        "west": False,
        "east": True,
        "north": True,
    }
    assert "west" in stores["west"]["waiting_for"]

    start(west)  # it imports the same folder, and still has the vectors until it is told
    told = ops.wait_complete(receipt["erasure"])
    assert told["west"]["faces"] == [{"face_id": "obama", "templates": 2}]
    own_cluster.wait_all_healthy()
    assert_gone(ops)

    everything = [*own_cluster.shards.values(), own_cluster.gateway]
    for service in everything:
        service.kill()
    start(*everything)
    own_cluster.wait_all_healthy()
    assert ops.receipt(receipt["erasure"])["complete"]
    assert_gone(ops)


def test_a_gateway_that_is_killed_while_an_erasure_waits_finishes_it(
    own_cluster: Cluster, ops: Ops
) -> None:
    west, gateway = own_cluster.shards["west"], own_cluster.gateway
    west.kill()
    _, receipt = ops.erase()
    gateway.kill()

    start(west, gateway)  # the shard first: it is ready, and has not been told
    # From the new process's first answer on.
    assert ops.sees("north", "obama_partial_face2.jpg") == UNKNOWN

    told = ops.wait_complete(receipt["erasure"])
    assert told["west"]["faces"] == [{"face_id": "obama", "templates": 2}]
    own_cluster.wait_all_healthy()
    assert_gone(ops)


def test_a_gateway_that_is_killed_before_the_receipt_is_given_finishes_the_erasure(
    own_cluster: Cluster, ops: Ops
) -> None:
    west, gateway = own_cluster.shards["west"], own_cluster.gateway
    record = own_cluster.folder / "data" / "gateway.sqlite"
    with west.frozen():
        asking = threading.Thread(target=_ask_in_vain, args=[ops])
        asking.start()
        wait_until(lambda: _erasure_in(record) is not None, "the erasure in the record")
        gateway.kill()
        asking.join()
    erasure = str(_erasure_in(record))

    start(gateway)

    ops.wait_complete(erasure)
    own_cluster.wait_all_healthy()
    assert_gone(ops)


def _ask_in_vain(ops: Ops) -> None:
    with pytest.raises(httpx.TransportError):
        ops.erase()


def _erasure_in(record: Path) -> str | None:
    """Return the erasure that the gateway has written down."""
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT erasure FROM erasures").fetchone()
    return None if row is None else str(row[0])
