"""Stores change over to another model: prepared, watched, switched, forgotten."""

import json
from pathlib import Path
from typing import Any

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
from contract.messages.second_model import Agreement, ChangedOver, SecondModelStatus
from contract.stores.map_parser import load_store_map
from facegate.command import main
from facegate.models.model_names import ModelNames
from tests.encoder.custom.models import add_small_model
from tests.facegate.fake_gateway import FakeGateway
from tests.ports import free_port

MAP = "# ours\nwest: 127.0.0.1:5001\neast: 127.0.0.1:5002\n"
COUNTS = Counts(faces=3, members=2, visitors=1, templates=3)


class Chain:
    """A map of two stores, a model `small`, and what the gateway answers."""

    def __init__(self, folder: Path, gateway: FakeGateway) -> None:
        self.map = folder / "stores.yaml"
        self.map.write_text(MAP, encoding="utf-8")
        self.models = folder / "models"
        self.gateway = gateway
        self.small = add_small_model(self.models).model
        dlib = ModelNames(self.models).vectors_of("dlib")
        assert dlib is not None
        self.dlib = dlib
        self.serves = {"west": dlib, "east": dlib}
        self.second: dict[str, SecondModelStatus] = {}

    def run(self, *arguments: str, url: str | None = None) -> Result:
        places = ["--stores", str(self.map), "--models", str(self.models)]
        if arguments[0] == "progress":
            places = []
        place = ["--url", url or self.gateway.url]
        return CliRunner().invoke(
            main, ["model", *arguments, *places, *place], catch_exceptions=False
        )

    def prepared(self, store: str, changed: int, of: int = 4, left: int = 0) -> None:
        """Let a store have so many members that the second model knows."""
        members = ChangedOver(changed=changed, of=of)
        model = self.small if self.serves[store] == self.dlib else self.dlib
        self.second[store] = SecondModelStatus(
            model=model,
            members=members,
            visitors=ChangedOver(changed=1, of=7),
            pictures_left=left,
            agreement=Agreement(compared=40, same=30, both_unknown=8, first_only=1, different=1),
        )

    def tell(self, *more: tuple[int, dict[str, Any]]) -> None:
        """Let the gateway say how the cluster is, and answer `more` after that."""
        answers = [(200, self.status.model_dump(mode="json")), *more]
        self.gateway.raw += [(status, {}, json.dumps(body).encode()) for status, body in answers]

    @property
    def status(self) -> ClusterStatus:
        stores = [self._store(name) for name in ("west", "east")]
        return ClusterStatus(map=MapStatus(version="1", path="p", loaded_at="now"), stores=stores)

    def _store(self, name: str) -> StoreStatus:
        def replica(*, read_only: bool, second: SecondModelStatus | None) -> ReplicaStatus:
            status = ShardStatus(
                store=name,
                ready=True,
                read_only=read_only,
                model=self.serves[name],
                second=second,
                counts=COUNTS,
                seq=1,
                version="0",
            )
            return ReplicaStatus(address="a:1", healthy=True, in_flight=0, status=status)

        replicas = [
            replica(read_only=True, second=None),
            replica(read_only=False, second=self.second.get(name)),
        ]
        return StoreStatus(
            store=name, name=name, cross_store="members", healthy=True, replicas=replicas
        )

    @property
    def models_of(self) -> dict[str, tuple[str | None, str | None]]:
        """What the map says: each store's model, and its second one."""
        stores = load_store_map(self.map).stores.values()
        return {store.id: (store.model, store.second_model) for store in stores}


@pytest.fixture
def chain(tmp_path: Path, gateway: FakeGateway) -> Chain:
    return Chain(tmp_path, gateway)


def test_all_stores_prepare_a_model_and_the_map_keeps_its_comments(chain: Chain) -> None:
    chain.tell()

    result = chain.run("prepare", "small", "--json")

    assert result.exit_code == 0, result.stderr
    assert chain.models_of == {"west": (None, "small"), "east": (None, "small")}
    assert chain.map.read_text(encoding="utf-8").startswith("# ours\n")
    rows = json.loads(result.stdout)
    assert rows[0] == {"store": "west", "serves": "dlib", "second_model": "small"}


def test_one_store_prepares_a_model_without_any_gateway(chain: Chain) -> None:
    result = chain.run("prepare", "small", "--store", "east", url=f"http://[::1]:{free_port()}")

    assert result.exit_code == 0, result.stderr
    assert chain.models_of == {"west": (None, None), "east": (None, "small")}
    assert "facegate up starts the shards" in result.stdout


def test_stores_that_serve_the_model_already_are_left_out(chain: Chain) -> None:
    chain.serves["west"] = chain.small
    chain.tell()

    assert chain.run("prepare", "small").exit_code == 0
    assert chain.models_of == {"west": (None, None), "east": (None, "small")}


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        (MAP, ["other"], "there is no model 'other'"),
        (MAP, ["dlib"], "is served by 'dlib' already"),
        (MAP, ["dlib", "--store", "west"], "west is served by 'dlib' already"),
        (MAP, ["small", "--store", "north"], "there is no store 'north'"),
        (
            "stores: {west: {shards: h:1, second_model: mine}}",
            ["small"],
            "west is changing over to 'mine'",
        ),
        ("west: nowhere", ["small"], "west"),
    ],
)
def test_what_cannot_be_prepared_is_refused_and_nothing_changes(
    chain: Chain, text: str, arguments: list[str], reason: str
) -> None:
    chain.map.write_text(text, encoding="utf-8")
    chain.tell()

    result = chain.run("prepare", *arguments)

    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr
    assert chain.map.read_text(encoding="utf-8") == text


def test_a_network_that_is_not_the_declared_one_is_refused(chain: Chain) -> None:
    (chain.models / "small" / "network.onnx").write_bytes(b"another")
    chain.tell()

    assert chain.run("prepare", "small").exit_code == 1
    assert chain.map.read_text(encoding="utf-8") == MAP


def test_progress_is_shown_with_a_next_step_for_each_store(chain: Chain) -> None:
    chain.prepared("west", changed=4)
    chain.prepared("east", changed=3, left=2)
    chain.tell()
    chain.tell()

    shown = chain.run("progress").stdout
    [west, east] = json.loads(chain.run("progress", "--json").stdout)

    for text in ("4 of 4", "3 of 4", "1 of 7", "95.0% of 40", chain.small):
        assert text in shown
    assert f"west: facegate model switch --store west serves it by {chain.small}" in shown
    assert "east: wait: 2 pictures left" in shown
    assert (west["store"], west["second"]["members"]) == ("west", {"changed": 4, "of": 4})
    assert east["next"].startswith("wait")


def prepared_map(chain: Chain) -> str:
    chain.tell()
    assert chain.run("prepare", "small").exit_code == 0
    return chain.map.read_text(encoding="utf-8")


def test_stores_are_switched_one_after_the_other_and_back(chain: Chain) -> None:
    prepared_map(chain)
    chain.prepared("west", changed=4)
    chain.prepared("east", changed=1)
    chain.tell()

    there = chain.run("switch", "--store", "west")

    assert there.exit_code == 0, there.stderr
    assert chain.models_of == {"west": ("small", "dlib"), "east": (None, "small")}
    assert "west: is to serve small, with dlib beside it" in there.stdout
    chain.serves["west"] = chain.small
    chain.prepared("west", changed=4)
    chain.tell()
    assert chain.run("switch", "--store", "west").exit_code == 0
    assert chain.models_of["west"] == ("dlib", "small")


def test_a_switch_is_refused_while_members_would_be_lost(chain: Chain) -> None:
    before = prepared_map(chain)
    chain.prepared("west", changed=4)
    chain.prepared("east", changed=1)
    chain.tell()
    chain.tell()

    refused = chain.run("switch")
    same = before == chain.map.read_text(encoding="utf-8")
    forced = chain.run("switch", "--force")

    assert refused.exit_code == 1
    assert "east: 3 of 4 members would not be recognized" in refused.stderr
    assert "west: " not in refused.stderr
    assert same
    assert forced.exit_code == 0, forced.stderr
    assert "but east: 3 of 4 members" in forced.stderr
    assert chain.models_of == {"west": ("small", "dlib"), "east": ("small", "dlib")}


def test_a_switch_waits_for_the_shard_that_prepares_the_model(chain: Chain) -> None:
    prepared_map(chain)
    chain.prepared("west", changed=4)
    chain.prepared("east", changed=4)
    chain.tell()
    assert chain.run("switch", "--store", "west").exit_code == 0
    chain.tell()

    again = chain.run("switch", "--store", "west")  # the shard has not started anew

    assert again.exit_code == 1
    assert f"its shard still prepares {chain.small}" in again.stderr
    assert chain.models_of["west"] == ("small", "dlib")


def test_a_switch_without_second_model_or_gateway_is_refused(chain: Chain) -> None:
    assert "no store of" in chain.run("switch").stderr
    assert "west has no second model" in chain.run("switch", "--store", "west").stderr
    nobody = f"http://[::1]:{free_port()}"
    chain.run("prepare", "small", url=nobody)

    alone = chain.run("switch", url=nobody)
    forced = chain.run("switch", "--force", url=nobody)

    assert alone.exit_code == 3
    assert "no gateway answers" in alone.stderr
    assert forced.exit_code == 1
    assert "nobody says which model serves west" in forced.stderr
    assert chain.models_of["west"] == (None, "small")


def counted(store: str, alone: int = 0) -> tuple[int, dict[str, Any]]:
    templates = {"store": store, "model": "m", "templates": 9, "members_alone": alone}
    return 200, {**templates, "visitors_alone": 2}


def conflict(detail: str) -> tuple[int, dict[str, Any]]:
    shape = {"type": "urn:test", "title": "Conflict", "status": 409, "request_id": "r"}
    return 409, {**shape, "code": "CONFLICT", "detail": detail}


def test_a_model_is_forgotten_once_its_shard_has_started_anew(chain: Chain) -> None:
    prepared_map(chain)
    chain.prepared("west", changed=4)
    chain.tell(counted("west"), conflict("west uses it"), counted("west"))

    result = chain.run("forget", "--store", "west")

    assert result.exit_code == 0, result.stderr
    assert "west: erased 9 templates of m, and 2 visitors who had no others" in result.stdout
    assert chain.models_of == {"west": (None, None), "east": (None, "small")}
    assert chain.gateway.requests[-1] == ("DELETE", f"/v1/stores/west/models/{chain.small}")


def test_a_model_that_members_need_is_not_forgotten(chain: Chain) -> None:
    before = prepared_map(chain)
    chain.tell(counted("west"), counted("east", alone=3))

    result = chain.run("forget")

    assert result.exit_code == 1
    assert "east: 3 members would not be recognized" in result.stderr
    assert chain.map.read_text(encoding="utf-8") == before
    assert chain.gateway.sent("DELETE", "") == 0


def test_forgetting_that_was_interrupted_is_brought_to_its_end(chain: Chain) -> None:
    prepared_map(chain)
    chain.tell(counted("west"), conflict("west uses it"))
    stopped = chain.run("forget", "--store", "west", "--wait", "0")
    assert stopped.exit_code == 1
    assert f"run: facegate model forget {chain.small} --store west" in stopped.stderr
    assert chain.models_of["west"] == (None, None)
    chain.tell(counted("west"), counted("west"))

    again = chain.run("forget", chain.small, "--store", "west", "--json")

    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)[0]["templates"] == 9
