"""How a store is searched: shown, compared, and changed in the map."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contract.messages.cluster import (
    ClusterStatus,
    Counts,
    MapStatus,
    ReplicaStatus,
    ShardStatus,
    StoreStatus,
)
from contract.messages.index_status import IndexStatus
from contract.stores.map_parser import load_store_map
from contract.stores.stored_galleries import gallery_file
from facegate.command import main
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.facegate.fake_gateway import FakeGateway
from tests.new_database import put_gallery
from tests.ports import free_port
from tests.shard.fakes import MODEL, vector_of

MAP = "# ours\nwest: 127.0.0.1:5001  # by the sea\neast: 127.0.0.1:5002\n"


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    path = tmp_path / "stores.yaml"
    path.write_text(MAP, encoding="utf-8")
    return path


def run(map_file: Path, *arguments: str, url: str | None = None) -> Result:
    places = ["--stores", str(map_file), "--data", str(map_file.parent / "data")]
    url = url or f"http://127.0.0.1:{free_port()}"
    return CliRunner().invoke(
        main, ["index", *arguments, *places, "--url", url], catch_exceptions=False
    )


def test_a_kind_is_written_into_the_map_and_comments_stay(map_file: Path) -> None:
    done = run(map_file, "west", "--set", "sq8")

    assert done.exit_code == 0
    assert "facegate up starts the store's shards anew by itself" in done.stdout
    stores = load_store_map(map_file)
    assert (stores.store("west").index, stores.store("east").index) == ("sq8", None)
    text = map_file.read_text(encoding="utf-8")
    assert "# ours" in text
    assert "# by the sea" in text

    again = json.loads(run(map_file, "west", "--set", "flat", "--json").stdout)

    assert again == {"store": "west", "index": "flat"}
    assert load_store_map(map_file).store("west").index == "flat"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("west", "--set", "hnsw"), 2, "'hnsw' is not one of 'flat', 'ivf_flat', 'sq8'"),
        (("north", "--set", "sq8"), 1, "north"),
        (("north",), 1, "north"),
        (("north", "--compare"), 1, "north"),
        (("west", "--compare", "--set", "sq8"), 2, "two steps"),
    ],
)
def test_what_is_refused_changes_nothing(
    map_file: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused = run(map_file, *arguments)

    assert refused.exit_code == code
    assert said in refused.output
    assert map_file.read_text(encoding="utf-8") == MAP


def test_it_says_what_the_map_wants_and_what_the_shard_does(
    map_file: Path, gateway: FakeGateway
) -> None:
    run(map_file, "west", "--set", "ivf_flat")
    parts = {
        "roaming": IndexStatus(kind="ivf_flat", faces=25_000, lists=632, probed=79),
        "visitor": IndexStatus(kind="flat", faces=12),
    }
    answer = json.dumps(cluster_of("west", parts).model_dump(mode="json")).encode()
    gateway.raw += [(200, {}, answer)] * 2

    shown = run(map_file, "west", url=gateway.url).stdout
    as_json = json.loads(run(map_file, "west", "--json", url=gateway.url).stdout)

    assert "west: the map says ivf_flat" in shown
    for text in ("roaming", "79 of 632 lists", "25000", "visitor", "every face"):
        assert text in shown
    assert as_json["index"] == "ivf_flat"
    assert [row["part"] for row in as_json["parts"]] == ["roaming", "visitor"]
    alone = run(map_file, "east").stdout
    assert "what FACEGATE_INDEX of its shards says" in alone
    assert "no gateway answers" in alone


@pytest.mark.processes
def test_kinds_are_compared_by_the_shard_s_own_code(map_file: Path) -> None:
    path = gallery_file(map_file.parent / "data", "west")
    put_gallery(path)
    gallery = Gallery.open(path, "west")
    for person in range(12):
        gallery.enroll(f"p-{person}", NewTemplate(vector_of(person), MODEL, 1.0), None)

    shown = run(map_file, "west", "--compare")
    empty = run(map_file, "east", "--compare")

    assert shown.exit_code == 0
    for text in ("west: 12 faces", "every face, 8 bits", "p99, ms", "recommended: flat"):
        assert text in shown.stdout
    assert empty.exit_code == 1
    assert map_file.read_text(encoding="utf-8") == MAP
    gallery.close()


def cluster_of(store: str, parts: dict[str, IndexStatus]) -> ClusterStatus:
    status = ShardStatus(
        store=store,
        ready=True,
        read_only=False,
        model=MODEL,
        counts=Counts(faces=1, members=1, visitors=0, templates=1),
        index=parts,
        seq=1,
        version="0",
    )
    replica = ReplicaStatus(address="127.0.0.1:5001", healthy=True, in_flight=0, status=status)
    found = StoreStatus(
        store=store, name=store, cross_store="members", healthy=True, replicas=[replica]
    )
    return ClusterStatus(map=MapStatus(version="1", path="p", loaded_at="now"), stores=[found])
