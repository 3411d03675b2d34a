"""What deploy/compose.grouped.yaml adds to the chain: a process of several stores."""

from pathlib import Path
from typing import Any

import yaml

from contract.stores.address import Address
from contract.stores.map_parser import load_store_map
from shard.served_stores import served_stores
from shard.settings import ShardSettings

ROOT = Path(__file__).parents[2]
MAP = ROOT / "deploy/stores.grouped.compose.yaml"


def services(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))[
        "services"
    ]
    return found


CHAIN = services("docker-compose.yml")
ADDED = services("deploy/compose.grouped.yaml")
[GROUPED] = ADDED.keys() - CHAIN.keys()


def test_the_process_serves_the_stores_that_the_map_has_at_its_address(tmp_path: Path) -> None:
    [*_, option, names] = ADDED[GROUPED]["command"]
    port = ADDED[GROUPED]["environment"]["FACEGATE_PORT"]
    here = [
        store.id
        for store in load_store_map(MAP).stores.values()
        if Address(GROUPED, port) in store.shards
    ]

    served = served_stores(ShardSettings(store=(names,), stores=MAP, data=tmp_path))

    assert option == "--stores"
    assert len(here) > 1
    assert [store.id for store in served] == here


def test_the_other_stores_are_as_without_it() -> None:
    alone = load_store_map(ROOT / "deploy/stores.compose.yaml").stores
    grouped = load_store_map(MAP).stores

    assert {name: grouped[name] for name in alone} == dict(alone)


def test_every_service_reads_the_same_map() -> None:
    readers = {name for name, service in CHAIN.items() if "environment" in service}
    target = f"/etc/facegate/{MAP.name}"

    assert readers <= ADDED.keys()
    assert {service["environment"]["FACEGATE_STORES"] for service in ADDED.values()} == {target}


def test_the_process_is_confined_and_watched_as_every_shard_is() -> None:
    shard, grouped = CHAIN["store-b"], ADDED[GROUPED]
    for what in (
        *("image", "restart", "init", "stop_grace_period", "read_only", "tmpfs", "cap_drop"),
        *("security_opt", "networks", "healthcheck"),
    ):
        assert grouped[what] == shard[what], what
    assert "ports" not in grouped
    assert len({volume for volume in grouped["volumes"] if isinstance(volume, str)}) == 1
