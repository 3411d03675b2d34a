"""Real shards with a network of the user's own: chosen, missing, changed, and another one."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from encoder.custom.manifest import ModelManifest
from encoder.custom.model_folder import MANIFEST, NETWORK, ModelFolder
from tests import plain_http
from tests.cluster.processes import Service, wait_until
from tests.encoder.custom.models import add_small_model, manifest_of, small_network
from tests.encoder.processes import linux_only, workers_of
from tests.pictures import sample
from tests.ports import free_port

pytestmark = pytest.mark.processes

RunShard = Callable[..., Service]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def small(models: Path) -> ModelManifest:
    """The model `small`."""
    return add_small_model(models)


@pytest.fixture
def run_shard(tmp_path: Path, models: Path) -> Iterator[RunShard]:
    """Start a shard whose model is `small`; `options` are what the map says of its store."""
    made: list[Service] = []

    def start(options: str = "", **environment: str) -> Service:
        stores = tmp_path / "stores.yaml"
        stores.write_text(f"stores: {{s: {{shards: 127.0.0.1:5001{options}}}}}", encoding="utf-8")
        given = {
            "FACEGATE_STORES": str(stores),
            "FACEGATE_DATA": str(tmp_path / "data"),
            "FACEGATE_ENCODER_WORKERS": "1",
            "FACEGATE_MODELS": str(models),
            "FACEGATE_MODEL": "small",
            **environment,
        }
        log = tmp_path / f"shard-{len(made)}.log"
        shard = Service("shard", ["--store", "s"], free_port(), given, log)
        made.append(shard)
        shard.start()
        return shard

    yield start
    for shard in made:
        shard.stop()


def status(shard: Service) -> dict[str, object]:
    body: dict[str, object] = plain_http.get(f"{shard.url}/status").json()
    return body


def enroll(shard: Service, picture: str) -> httpx.Response:
    content = sample(picture)
    return plain_http.post(f"{shard.url}/faces", params={"face_id": "1"}, content=content)


def recognize(shard: Service, picture: str) -> httpx.Response:
    return plain_http.post(f"{shard.url}/recognize", content=sample(picture))


def last_words(shard: Service) -> str:
    """Return the line with which a shard ends that cannot start."""
    assert shard.process.wait(120) == 78, shard.log.read_text()[-3000:]
    return shard.log.read_text().splitlines()[-1]


def test_the_map_comes_before_the_setting_and_the_vectors_are_the_models_own(
    run_shard: RunShard, models: Path
) -> None:
    wanted = add_small_model(models, "wanted", seed=1)
    shard = run_shard(", model: wanted")
    shard.wait_ready()

    assert status(shard)["model"] == wanted.model
    assert enroll(shard, "obama.jpg").status_code == 201
    assert recognize(shard, "obama.jpg").json()["result"] == "1"
    assert recognize(shard, "biden.jpg").json()["result"] is None


def missing_network(models: Path) -> None:
    (models / "small" / NETWORK).unlink()


def changed_network(models: Path) -> None:
    (models / "small" / NETWORK).write_bytes(small_network(seed=1))


def damaged_manifest(models: Path) -> None:
    (models / "small" / MANIFEST).write_text("size: [112")


def manifest_of_another_dimension(models: Path) -> None:
    network = small_network()
    ModelFolder(models).add(manifest_of(network, dimension=512), network)


def manifest_of_another_size(models: Path) -> None:
    network = small_network()
    ModelFolder(models).add(manifest_of(network, size=160), network)


def manifest_of_another_name(models: Path) -> None:
    network = small_network()
    ModelFolder(models).add(manifest_of(network, name="other"), network)
    shutil.rmtree(models / "small")
    (models / "other").rename(models / "small")


def no_change(models: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "environment", "reason"),
    [
        (missing_network, {}, "network.onnx cannot be read: No such file"),
        (changed_network, {}, "network.onnx is not the file that manifest.yaml declares: add it"),
        (damaged_manifest, {}, "manifest.yaml: "),
        (manifest_of_another_dimension, {}, "gives 1 × 64 numbers for a picture of 112 × 112, its"),
        (manifest_of_another_size, {}, "models/small: "),
        (manifest_of_another_name, {}, "the model is called 'other', not as its folder"),
        (no_change, {"FACEGATE_MODEL": "smal"}, "no model 'smal'"),
        (no_change, {"FACEGATE_ENCODER": "dlib"}, "a model of one's own needs the encoder onnx"),
    ],
)
@pytest.mark.usefixtures("small")
def test_a_model_that_cannot_be_used_ends_the_start_with_one_line(
    run_shard: RunShard,
    models: Path,
    change: Callable[[Path], None],
    environment: dict[str, str],
    reason: str,
) -> None:
    change(models)

    line = last_words(run_shard(**environment))

    assert line.startswith("facegate shard: ")
    assert reason in line
    assert "known are dlib, small" in line or "smal'" not in line


@linux_only
@pytest.mark.usefixtures("small")
def test_a_network_that_is_changed_under_a_running_shard_is_kept_out(
    run_shard: RunShard, models: Path
) -> None:
    shard = run_shard(FACEGATE_ENCODER_WORKERS="2")
    shard.wait_ready()
    assert enroll(shard, "obama.jpg").status_code == 201
    model = status(shard)["model"]

    add_small_model(models, seed=1)
    first, last = workers_of(shard.process.pid)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: status(shard)["problem"] is not None, "the change in the status")

    told = status(shard)
    assert f"not '{model}': the files were changed; start the shard again" in str(told["problem"])
    assert (told["model"], told["ready"]) == (model, True)
    assert recognize(shard, "obama.jpg").json()["result"] == "1"

    os.kill(last, signal.SIGKILL)
    wait_until(lambda: status(shard)["ready"] is False, "that nothing can be recognised")
    answer = recognize(shard, "obama.jpg")
    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_READY")
    assert "no encoder worker can be started" in answer.json()["detail"]

    add_small_model(models)
    wait_until(lambda: status(shard)["problem"] is None, "the workers that start again")
    assert recognize(shard, "obama.jpg").json()["result"] == "1"


def test_a_gallery_of_another_model_is_refused_or_encoded_anew(
    run_shard: RunShard, models: Path, tmp_path: Path, small: ModelManifest
) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "095.jpg").write_bytes(sample("obama.jpg"))
    first = run_shard(", gallery: people")
    first.wait_ready()
    assert recognize(first, "obama.jpg").json()["result"] == "095"
    first.terminate()
    other = add_small_model(models, "other", seed=1)

    refused = last_words(run_shard(", gallery: people, model: other"))
    assert f"'{small.model}'" in refused
    assert f"'{other.model}'" in refused

    again = run_shard(", gallery: people, model: other", FACEGATE_REENCODE="true")
    again.wait_ready()
    assert status(again)["model"] == other.model
    assert recognize(again, "obama.jpg").json()["result"] == "095"
