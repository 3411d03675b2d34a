"""Photographs of cameras that hang turned and see the street, through a gateway and its shard."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image, ImageOps

from tests import plain_http
from tests.cluster.processes import Cluster, wait_until
from tests.encoder.picture_files import saved
from tests.pictures import sample

CAMERAS = "door: {rotate: 90}, street: {region: [0, 0, 0.5, 1]}, far: {min_face_px: 400}"


@pytest.fixture
def gateway(cluster: Cluster) -> Iterator[httpx.Client]:
    """The gateway of stores of which north has three cameras in the map."""
    gallery = "gallery: galleries/north"
    cluster.edit_store("north", f"{gallery}, cameras: {{{CAMERAS}}}")
    with plain_http.Client(base_url=cluster.gateway.url) as client:
        wait_until(lambda: listed(client) == ["door", "street", "far"], "the edit in force")
        yield client
    cluster.edit_store("north", gallery)


def listed(gateway: httpx.Client) -> list[str]:
    stores = gateway.get("/v1/cluster").json()["stores"]
    return [camera for store in stores if store["store"] == "north" for camera in store["cameras"]]


def seen(gateway: httpx.Client, picture: Image.Image, **query: Any) -> list[str | None]:
    answer = gateway.post(
        "/v1/stores/north/recognize",
        content=saved(picture, "JPEG", quality=95),
        headers={"Content-Type": "image/jpeg"},
        params={"mint": False, **query},
    )
    assert answer.status_code == 200, answer.text
    return [face["face_id"] for face in answer.json()["faces"]]


def counted(gateway: httpx.Client) -> tuple[int, int]:
    """Return the visits to the store, and its FaceIds."""
    pv = gateway.get("/v1/stores/north/traffic").json()["pv"]
    return pv, len(gateway.get("/v1/stores/north/faces").json()["faces"])


def opened(name: str) -> Image.Image:
    return Image.open(BytesIO(sample(name))).convert("RGB")


def test_a_member_is_known_before_a_camera_that_hangs_turned(gateway: httpx.Client) -> None:
    hanging = opened("obama3.jpg").rotate(90, expand=True)

    assert seen(gateway, hanging, camera="door") == ["obama"]
    assert seen(gateway, hanging, camera="another") != ["obama"]
    assert seen(gateway, opened("obama3.jpg"), camera="door", cut_out=True) == ["obama"]


def test_who_walks_by_outside_is_neither_answered_nor_counted(gateway: httpx.Client) -> None:
    both = Image.new("RGB", (1200, 600))
    both.paste(ImageOps.contain(opened("obama3.jpg"), (600, 600)), (0, 0))
    both.paste(ImageOps.contain(opened("biden.jpg"), (600, 600)), (600, 0))
    assert seen(gateway, opened("obama3.jpg")) == ["obama"]
    before = counted(gateway)

    assert len(seen(gateway, both, camera="another", visit=False)) == 2
    assert seen(gateway, both, camera="street", mint=True) == ["obama"]
    assert counted(gateway) == before


def test_a_camera_may_look_for_large_faces_alone(gateway: httpx.Client) -> None:
    far = ImageOps.contain(opened("obama3.jpg"), (400, 400))

    assert seen(gateway, far, camera="another") == ["obama"]
    assert seen(gateway, far, camera="far") == []
