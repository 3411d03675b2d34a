"""Stores are put together in the text of the map, so many a shard."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from contract.stores.map_parser import load_store_map, parse_store_map
from facegate.cluster.store_grouping import grouped_addresses
from facegate.command import main

MAP = """\
# the chain
version: 1
stores:
  a: 127.0.0.1:5001   # first
  b: {shards: [127.0.0.1:5002], name: West}
  c:
    shards:
      - 127.0.0.1:5003
    name: East  # far
  d:
    - 127.0.0.1:5004
  e: [127.0.0.1:5005, 127.0.0.1:5006]
  f: 127.0.0.1:5007
  g: {shards: 127.0.0.1:5008, index: sq8}
  h: 10.0.0.5:5001
"""


def addresses(text: str, per_shard: int) -> dict[str, str]:
    stores = parse_store_map(text.encode(), Path("stores.yaml"))
    return {name: str(at) for name, at in grouped_addresses(stores, per_shard).items()}


def test_stores_that_follow_each_other_share_the_first_one_s_address() -> None:
    assert addresses(MAP, 3) == {
        "a": "127.0.0.1:5001",
        "b": "127.0.0.1:5001",
        "c": "127.0.0.1:5001",
        "d": "127.0.0.1:5004",
        "f": "127.0.0.1:5004",
        "g": "127.0.0.1:5008",  # searched otherwise
        "h": "10.0.0.5:5001",  # on another host
    }


def test_stores_that_were_together_get_addresses_that_nobody_has() -> None:
    together = "a: h:1\nb: h:1\nc: h:1\nd: [h:5, h:6]"

    assert addresses(together, 1) == {"a": "h:1", "b": "h:7", "c": "h:8"}
    assert addresses(together, 2) == {"a": "h:1", "b": "h:1", "c": "h:7"}


@pytest.mark.parametrize("per_shard", [1, 2, 3, 50])
def test_the_command_edits_the_map_and_leaves_all_else_in_it(
    tmp_path: Path, per_shard: int
) -> None:
    path = tmp_path / "stores.yaml"
    path.write_text(MAP, encoding="utf-8")
    command = ["stores", "group", "--stores", str(path), "--stores-per-shard", str(per_shard)]
    done = CliRunner().invoke(main, command)
    text, stores = path.read_text(encoding="utf-8"), load_store_map(path)

    assert done.exit_code == 0, done.output
    for store, address in addresses(MAP, per_shard).items():
        assert [str(each) for each in stores.store(store).shards] == [address]
    assert len(stores.store("e").shards) == 2
    for kept in ("# the chain", "# first", "name: West", "name: East  # far"):
        assert kept in text
