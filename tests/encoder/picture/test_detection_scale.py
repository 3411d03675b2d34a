"""How large the picture is in which faces are looked for."""

import pytest

from encoder.picture.detection_scale import Method, detection_scales


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), [1]),
        ((1920, 1080), [1024 / 1920]),
        ((1080, 1920), [1024 / 1920]),
        ((250, 250), [1, 2]),
    ],
)
def test_the_longer_side_decides_where_no_size_is_wanted(
    size: tuple[int, int], expected: list[float]
) -> None:
    assert detection_scales(*size, "hog", None) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("min_face_px", "expected"), [(80, 1), (160, 0.5), (50, 1.6), (20, 2), (800, 0.1)]
)
def test_the_smallest_wanted_face_becomes_80_pixels(min_face_px: int, expected: float) -> None:
    assert detection_scales(1000, 1000, "hog", min_face_px) == pytest.approx([expected])


@pytest.mark.parametrize(("detector", "most"), [("hog", 4_000_000), ("cnn", 1_100_000)])
@pytest.mark.parametrize("min_face_px", [None, 1, 40, 80, 1000])
@pytest.mark.parametrize("size", [(1, 1), (1, 50_000_000), (7000, 7000), (20_000, 2_500)])
def test_a_view_is_bounded_whatever_is_asked_for(
    size: tuple[int, int], min_face_px: int | None, detector: Method, most: int
) -> None:
    for scale in detection_scales(*size, detector, min_face_px):
        assert 0 < scale <= 2
        assert size[0] * size[1] * scale**2 <= most + 1
