"""When a starting cluster is as ready as it will be."""

from typing import Any

import pytest

from contract.messages.cluster import ClusterStatus
from facegate.cluster.readiness import Readiness, unserved_shards

READY = {"ready": True}
IMPORTING = {"importing": "1 of 9 pictures"}
DAMAGED = {"problem": "the file is damaged"}


def cluster(*shards: dict[str, Any] | None, version: str = "v1") -> ClusterStatus:
    """Return what a gateway says of stores a, b, … with a shard each; None does not answer."""
    stores = [store("abcdef"[place], shard) for place, shard in enumerate(shards)]
    status_of_map = {"version": version, "path": "stores.yaml", "loaded_at": "now"}
    return ClusterStatus.model_validate({"map": status_of_map, "stores": stores})


def store(name: str, shard: dict[str, Any] | None) -> dict[str, Any]:
    counts = {"faces": 0, "members": 0, "visitors": 0, "templates": 0}
    known = {"store": name, "ready": False, "read_only": False, "model": "m", "counts": counts}
    replica = {
        "address": f"127.0.0.1:{name}",
        "healthy": bool(shard and shard.get("ready")),
        "in_flight": 0,
        "reason": "unavailable" if shard is None else shard.get("problem"),
        "status": None if shard is None else {**known, "seq": 0, "version": "0", **shard},
    }
    return {"store": name, "name": name, "cross_store": "members", "healthy": False} | {
        "replicas": [replica]
    }


@pytest.mark.parametrize(
    ("status", "ended", "settled"),
    [
        (cluster(READY, READY), set(), True),
        (cluster(READY, READY, version="old"), set(), False),
        (cluster(READY, IMPORTING), set(), False),
        (cluster(READY, None), set(), False),
        (cluster(READY, None), {"127.0.0.1:b"}, True),
        (cluster(READY, DAMAGED), set(), True),
        (cluster(READY, DAMAGED, None), {"127.0.0.1:b"}, False),
        (cluster(READY, IMPORTING), {"127.0.0.1:b"}, False),
    ],
)
def test_nobody_is_waited_for_who_cannot_come(
    status: ClusterStatus, ended: set[str], settled: bool
) -> None:
    assert Readiness().settled(status, "v1", ended) is settled


def test_who_does_not_get_on_is_not_waited_for_longer_than_patience() -> None:
    moments = iter([0.0, 0.0, 9.0, 12.0, 12.0, 21.0, 22.5])
    readiness = Readiness(10, lambda: next(moments))
    later = cluster(READY, {"importing": "2 of 9 pictures"})

    assert not readiness.settled(cluster(READY, IMPORTING), "v1", set())
    assert not readiness.settled(cluster(READY, IMPORTING), "v1", set())
    assert not readiness.settled(later, "v1", set()), "it gets on"
    assert not readiness.settled(later, "v1", set())
    assert readiness.settled(later, "v1", set())


def test_what_is_missing_is_named_with_its_reason() -> None:
    found = unserved_shards(cluster(READY, None, DAMAGED))

    assert [str(one) for one in found] == [
        "store 'b' is not served by 127.0.0.1:b: unavailable",
        "store 'c' is not served by 127.0.0.1:c: the file is damaged",
    ]
    assert [one.problem for one in found] == [False, True]
