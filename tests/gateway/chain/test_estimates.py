"""Visitors are estimated where it is known how wrongly a store's face network counts them."""

import pytest

from contract.messages.cluster import Counts, ShardStatus
from contract.messages.scale import ScaleStatus
from contract.stores.store_map import Store
from gateway.chain.replicas import MAX_FAILURES, Replicas
from scoring.counting_rates import CountingTable, counting_table


def store_with(**options: object) -> Store:
    return Store.model_validate({"id": "s", "shards": ["127.0.0.1:5001"], **options})


def status_of(scale: ScaleStatus | None) -> ShardStatus:
    nobody = Counts(faces=0, members=0, visitors=0, templates=0)
    return ShardStatus(
        store="s",
        ready=True,
        read_only=False,
        model="m",
        scale=scale,
        counts=nobody,
        seq=0,
        version="0",
    )


def scale_with(*, estimates: bool) -> ScaleStatus:
    return ScaleStatus(kind="safe", made_from="3 people", estimates=estimates, detail="")


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(None, True), (scale_with(estimates=True), True), (scale_with(estimates=False), False)],
)
def test_the_shard_says_whether_it_is_known(scale: ScaleStatus | None, expected: bool) -> None:
    replicas, store = Replicas(), store_with()

    replicas.of(store)[0].reported(status_of(scale))

    assert (replicas.counting(store) == counting_table()) is expected
    assert (replicas.counting(store) is None) is not expected


def test_the_rates_of_a_model_of_one_s_own_are_its_shard_s_and_not_shown() -> None:
    replicas, store = Replicas(), store_with()
    rows = [rate.model_copy(update={"missed": 0.0123}) for rate in counting_table().rates]
    status = status_of(scale_with(estimates=True)).model_copy(update={"counting": rows})

    [replica] = replicas.of(store)
    replica.reported(status)

    assert replicas.counting(store) == CountingTable(model="m", rates=tuple(rows))
    shown = replica.as_message().status
    assert shown is not None
    assert shown.counting is None


def test_the_map_knows_better() -> None:
    replicas = Replicas()
    store = store_with(missed_visits="3%", confused_visitors="1%")

    replicas.of(store)[0].reported(status_of(scale_with(estimates=False)))

    assert replicas.counting(store) is not None
    assert replicas.counting(store_with(missed_visits="3%")) is None


def test_what_a_shard_said_holds_while_it_is_down() -> None:
    replicas, store = Replicas(), store_with()
    [replica] = replicas.of(store)
    assert replicas.counting(store) is not None
    replica.reported(status_of(scale_with(estimates=False)))

    replica.failed("no answer", MAX_FAILURES)

    assert not replica.alive
    assert replicas.counting(store) is None
