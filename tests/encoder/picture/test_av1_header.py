"""How large the frames of an AV1 stream are, whatever the container around it says."""

import pytest
from PIL import Image

from contract.errors import BrokenPicture
from encoder.picture.av1_header import frame_pixels
from tests.encoder.picture_files import saved

_DELIMITER = b"\x12\0"


def stream_of(size: tuple[int, int]) -> bytes:
    """Return an AV1 stream of one frame: what an AVIF has as data."""
    picture = saved(Image.new("RGB", size, "grey"), "AVIF", speed=10)
    return picture[picture.rindex(b"mdat") + 4 :]


def bits(*numbers: tuple[int, int]) -> bytes:
    """Return numbers, each of so many bits, and filling."""
    text = "".join(f"{number:0{count}b}" for number, count in numbers)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8))


def unit(header: bytes) -> bytes:
    return bytes([0x0A, len(header)]) + header


@pytest.mark.parametrize("size", [(64, 64), (65, 33), (390, 420)])
def test_a_stream_announces_the_size_of_its_frames(size: tuple[int, int]) -> None:
    assert frame_pixels(stream_of(size)) == size[0] * size[1]
    assert frame_pixels(_DELIMITER + stream_of(size)) == size[0] * size[1]


def test_a_film_says_more_before_the_size() -> None:
    size = [(11, 4), (10, 4), (1919, 12), (1079, 11)]
    plain = [(0, 5), (0, 1), (0, 1), (0, 5), (0, 12), (4, 5)]
    timed = [(0, 5), (1, 1), (1, 32), (25, 32), (1, 1), (1, 1), (1, 1)]
    buffers = [(9, 5), (1, 32), (0, 10), (1, 1), (1, 5)]
    points = [(0, 12), (9, 5), (0, 1), (1, 1), (0, 21), (1, 1), (3, 4)] * 2

    assert frame_pixels(unit(bits(*plain, *size))) == 1920 * 1080
    assert frame_pixels(unit(bits(*timed, *buffers, *points, *size))) == 1920 * 1080


def test_an_announcement_that_is_cut_short_is_broken() -> None:
    with pytest.raises(BrokenPicture):
        frame_pixels(unit(b"\0\0"))


@pytest.mark.parametrize("stream", [b"", b"\x12", b"\0" * 40, b"\x12\0" * 40, b"\xff" * 40])
def test_what_announces_nothing_has_no_size(stream: bytes) -> None:
    assert frame_pixels(stream) == 0
