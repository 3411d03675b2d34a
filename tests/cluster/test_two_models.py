"""A chain whose stores use different networks: vectors of two models never meet, and it is said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import plain_http
from tests.cluster.processes import Cluster
from tests.encoder.custom.models import add_small_model
from tests.pictures import sample

MEMBERS = {
    "west": ("model: small", {}),
    "north": ("model: small", {"obama.jpg": "obama.jpg"}),
    "east": ("model: dlib", {"biden.jpg": "biden.jpg"}),
}


@pytest.fixture
def two_models(processes: None, tmp_path: Path) -> Iterator[Cluster]:
    """Obama is a member of north, whose model is west's, and Biden of east, which uses dlib's."""
    add_small_model(tmp_path / "models")
    cluster = Cluster(tmp_path)
    for store, (model, pictures) in MEMBERS.items():
        gallery = tmp_path / "galleries" / store
        gallery.mkdir(parents=True)
        for name, picture in pictures.items():
            (gallery / name).write_bytes(sample(picture))
        shard = cluster.add_store(store, f"gallery: galleries/{store}, {model}")
        shard.environment["FACEGATE_MODELS"] = str(tmp_path / "models")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def post(cluster: Cluster, store: str, picture: str) -> dict[str, Any]:
    url = f"{cluster.gateway.url}/v1/stores/{store}/recognize"
    answer = plain_http.post(url, content=sample(picture), params={"mint": False})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_store_of_another_model_is_left_out_and_the_coverage_says_so(two_models: Cluster) -> None:
    roaming = post(two_models, "west", "obama.jpg")
    stranger = post(two_models, "west", "biden.jpg")
    home = post(two_models, "east", "biden.jpg")

    [face] = roaming["faces"]
    assert (face["match"], face["store"], face["face_id"]) == ("roaming", "north", "obama")
    assert roaming["coverage"]["failed"] == {"east": "model mismatch"}
    assert [face["match"] for face in stranger["faces"]] == ["unknown"]
    assert stranger["coverage"]["complete"] is False
    assert [face["match"] for face in home["faces"]] == ["home"]
