"""What the store map says of cameras, and where in a picture faces count."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import StoreMapError
from contract.stores.detection import Detection
from contract.stores.map_parser import parse_store_map
from contract.stores.region import Region
from contract.stores.store_map import Store

FILE = Path("/etc/facegate/stores.yaml")


def stores_of(text: str) -> dict[str, Store]:
    return dict(parse_store_map(text.encode(), FILE).stores)


def test_a_store_says_of_its_cameras_what_is_different_from_the_defaults() -> None:
    stores = stores_of(
        """
        defaults:
          min_face_px: 40
          silent_after: 2h
          cameras: {door: {rotate: 90, silent_after: 10m}}
        stores:
          west:
            shards: h:1
            cameras:
              door: {name: Front door, rotate: 270, min_face_px: 60}
              till: {region: [0.25, 0.5, 1, 1]}
              stairs:
          east: h:2
        """
    )
    west, east = stores["west"], stores["east"]

    assert list(west.cameras) == ["door", "till", "stairs"]
    assert west.cameras["door"].name == "Front door"
    assert west.detection_at("door") == Detection("hog", 60, 270)
    assert east.detection_at("door") == Detection("hog", 40, 90)
    till = Region(((0.25, 0.5), (1, 0.5), (1, 1), (0.25, 1)))
    assert west.detection_at("till") == Detection("hog", 40, 0, till)
    for unlisted in ("stairs", "yard", None):
        assert west.detection_at(unlisted) == west.detection == Detection("hog", 40)
    assert west.silence_of("door") == east.silence_of("door") == timedelta(minutes=10)
    assert west.silence_of("yard") == timedelta(hours=2)


def test_a_camera_is_known_by_either_unicode_form_of_its_name() -> None:
    store = stores_of("stores: {a: {shards: h:1, cameras: {'cafe\u0301': {rotate: 180}}}}")["a"]

    assert store.detection_at("caf\u00e9").rotate == 180


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rtsp://admin:secret@10.0.0.9:554/stream1", "rtsp://admin:secret@10.0.0.9:554/stream1"),
        ("HTTP://cam.local/snapshot.jpg?token=x", "HTTP://cam.local/snapshot.jpg?token=x"),
        ("webcam:0", "webcam:0"),
        ("clips/door.mp4", "/etc/facegate/clips/door.mp4"),
        ("/srv/clips", "/srv/clips"),
    ],
)
def test_a_source_is_an_address_a_webcam_or_a_path_from_the_map(source: str, expected: str) -> None:
    store = stores_of(f"stores: {{a: {{shards: h:1, cameras: {{door: {{source: '{source}'}}}}}}}}")[
        "a"
    ]

    assert store.cameras["door"].source == expected
    assert "source" not in store.camera_options["door"]


@pytest.mark.parametrize(
    "door",
    [
        "{source: 'ftp://u:secret@h/x'}",
        "{source: 'rtsp://u:secret@'}",
        '{source: "rtsp://u:secret@h/\\x01"}',
        "{source: [rtsp://u:secret@h/x]}",
        "[rtsp://u:secret@h/x]",
        "'rtsp://u:secret@h/x'",
        "{sources: 'rtsp://u:secret@h/x'}",
    ],
)
def test_a_password_in_a_source_that_is_refused_is_not_told(door: str) -> None:
    with pytest.raises(StoreMapError) as refused:
        stores_of(f"stores: {{a: {{shards: h:1, cameras: {{door: {door}}}}}}}")

    assert "secret" not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert "door" in refused.value.detail


def test_a_region_holds_what_lies_inside_its_sides() -> None:
    arrow = Region.parse([[0, 0], [1, 0.5], [0, 1], [0.5, 0.5]])

    assert arrow.contains(0.8, 0.5)
    assert arrow.contains(0.1, 0.1)
    assert not arrow.contains(0.2, 0.5)  # between its barbs
    assert not arrow.contains(0.9, 0.1)


coordinates = st.floats(0, 1).map(lambda number: round(number, 4))


@given(st.tuples(*[coordinates] * 4), coordinates, coordinates)
def test_a_box_is_the_polygon_of_its_corners(
    box: tuple[float, float, float, float], x: float, y: float
) -> None:
    left, right = sorted(box[::2])
    top, bottom = sorted(box[1::2])
    try:
        region = Region.parse([left, top, right, bottom])
    except ValueError:
        assert (right - left) * (bottom - top) < 2e-4
        return

    assert region == Region.of_text(region.text)
    assert region == Region.parse([list(point) for point in region.points])
    if x not in (left, right) and y not in (top, bottom):
        assert region.contains(x, y) == (left < x < right and top < y < bottom)


@pytest.mark.parametrize("text", ["", "0,0,1", "0,0,1,0,1,1,x", "0,0,1,0,2,2", "0,0,1,1,nan,0"])
def test_a_text_that_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="point"):
        Region.of_text(text)
