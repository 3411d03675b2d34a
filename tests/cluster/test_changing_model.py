"""A chain of real processes that changes over to another network, store by store, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto

from encoder.custom.model_folder import ModelFolder
from encoder.custom.presets import preset
from encoder.files.file_cache import FileCache
from encoder.files.model_files import RESNET, NetworkFile
from encoder.onnx.cached_graph import cached_graph
from tests import plain_http
from tests.cluster.processes import Cluster, wait_until
from tests.encoder.custom.models import manifest_of
from tests.pictures import sample

MEMBERS = {"west": "obama", "east": "biden"}
BEFORE, AFTER = "model: dlib, second_model: copy", "model: copy, second_model: dlib"


def add_copy_of_dlib(models: Path) -> None:
    """Keep dlib's own network as the model `copy`: whatever machine has one has the other."""
    graph = cached_graph(NetworkFile.published(RESNET), FileCache())
    network = onnx.load_model_from_string(graph if isinstance(graph, bytes) else graph.read_bytes())
    network.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    file = network.SerializeToString()
    as_it_is_fed = {**preset("dlib"), "mean": 0, "std": 1, "layout": "nhwc"}
    names = {"name": "copy", "input": "pictures", "output": "result", "dimension": 128}
    ModelFolder(models).add(manifest_of(file, **as_it_is_fed, **names), file)


@pytest.fixture
def chain(processes: None, tmp_path: Path) -> Iterator[Cluster]:
    """Obama is a member of west and Biden of east, by pictures in the stores' folders."""
    add_copy_of_dlib(tmp_path / "models")
    cluster = Cluster(tmp_path)
    for store, name in MEMBERS.items():
        gallery = tmp_path / "galleries" / store
        gallery.mkdir(parents=True)
        (gallery / f"{name}.jpg").write_bytes(sample(f"{name}.jpg"))
        shard = cluster.add_store(store, f"gallery: galleries/{store}, {BEFORE}")
        shard.environment["FACEGATE_MODELS"] = str(tmp_path / "models")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def status(cluster: Cluster, store: str) -> dict[str, Any]:
    stores = plain_http.get(f"{cluster.gateway.url}/v1/cluster").json()["stores"]
    [found] = [entry for entry in stores if entry["store"] == store]
    told: dict[str, Any] = found["replicas"][0]["status"] or {}
    return told


def exchange(cluster: Cluster, store: str, options: str) -> None:
    """Edit the store's models in the map, and start its shard anew as `facegate up` does."""
    served = status(cluster, store)["model"]
    cluster.edit_store(store, f"gallery: galleries/{store}, {options}")
    cluster.shards[store].terminate()
    cluster.shards[store].start()
    cluster.shards[store].wait_ready()

    def is_asked() -> bool:
        another = status(cluster, store).get("model", served) != served
        complete: bool = recognized(cluster, store, "obama")["coverage"]["complete"]
        return another and complete

    wait_until(is_asked, "another model that serves")


def recognized(cluster: Cluster, store: str, name: str) -> dict[str, Any]:
    url = f"{cluster.gateway.url}/v1/stores/{store}/recognize"
    picture = sample(f"{name}.jpg")
    answer = plain_http.post(url, content=picture, params={"mint": False})
    body: dict[str, Any] = answer.json()
    return body


def seen(cluster: Cluster, store: str, name: str) -> tuple[str, str | None]:
    """Return how a person is known in a store, and who it is."""
    answer = recognized(cluster, store, name)
    assert answer["coverage"]["complete"], answer["coverage"]
    [face] = answer["faces"]
    return face["match"], face["face_id"]


def test_the_stores_change_over_one_after_the_other_and_back(chain: Cluster) -> None:
    wait_until(
        lambda: all(status(chain, store)["second"]["members"]["changed"] == 1 for store in MEMBERS),
        "both members changed over",
    )
    served = set()

    for store, options in (("west", AFTER), ("east", AFTER), ("west", BEFORE), ("east", BEFORE)):
        exchange(chain, store, options)
        served.add(tuple(status(chain, each)["model"].partition("-")[0] for each in MEMBERS))
        for home, name in MEMBERS.items():
            away = next(other for other in MEMBERS if other != home)
            assert seen(chain, home, name) == ("home", name)
            assert seen(chain, away, name) == ("roaming", name)

    assert len(served) == 4, "each combination of models"
    agreement = status(chain, "west")["second"]["agreement"]
    assert (agreement["different"], agreement["first_only"]) == (0, 0)
