"""What is no picture, or too much of one, is refused quickly, and the worker lives on."""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contract.deadline import Deadline
from contract.errors import BrokenPicture, PictureError, TooManyPixels
from contract.pictures.kind import PictureKind
from encoder import EncoderPool, PictureLimits
from encoder.picture.decode import decode
from encoder.picture.file_structure import check_parts
from tests.encoder.hostile import HOSTILE
from tests.encoder.picture_files import png_of_zeros, saved, tiff_of
from tests.encoder.processes import cpu_seconds, linux_only, peak_memory, set_memory_cap, workers_of
from tests.fuzzing import fuzzed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(processes: None) -> AsyncIterator[EncoderPool]:
    pool = EncoderPool("onnx", workers=1)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


@linux_only
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", HOSTILE)
async def test_is_refused_within_a_tenth_of_a_second_and_bounded_memory(
    kind: str, pool: EncoderPool
) -> None:
    make, error = HOSTILE[kind]
    picture = make()
    (worker,) = workers_of(os.getpid())
    used = cpu_seconds(worker)  # the wall clock would measure what else this machine does
    with pytest.raises(error) as refusal:
        await pool.encode(picture, Deadline(60))
    assert cpu_seconds(worker) - used <= 0.1
    assert 400 <= refusal.value.status < 500
    assert workers_of(os.getpid()) == {worker}
    assert peak_memory(worker) < 300_000_000


@linux_only
@pytest.mark.asyncio(loop_scope="module")
async def test_what_takes_too_much_memory_is_refused(pool: EncoderPool) -> None:
    (worker,) = workers_of(os.getpid())
    set_memory_cap(worker, 300_000_000)
    avif = saved(Image.new("L", (7_000, 7_000)), "AVIF", speed=10)
    for picture in (png_of_zeros(7_000, 7_000), avif):
        with pytest.raises(TooManyPixels, match="memory"):
            await pool.encode(picture, Deadline(60))
    assert await pool.encode(png_of_zeros(100, 100), Deadline(60)) == []
    assert workers_of(os.getpid()) == {worker}


CUT_SHORT: dict[str, tuple[PictureKind, Callable[[], bytes]]] = {
    "one of a HEIC's four tiles": (
        "HEIF",
        lambda: saved(Image.radial_gradient("L"), "HEIF", tile_size=128)[:-1],
    ),
    "an AVIF's only item": ("AVIF", lambda: saved(Image.radial_gradient("L"), "AVIF")[:-1]),
    "a strip of a TIFF": (
        "TIFF",
        lambda: tiff_of([(259, 3, 1, 8), (273, 4, 1, 1500), (279, 4, 1, 501)], 2000),
    ),
}


@pytest.mark.parametrize("part", CUT_SHORT)
def test_is_seen_to_be_cut_short_before_a_decoder_starts(part: str) -> None:
    kind, make = CUT_SHORT[part]
    cut = make()

    with pytest.raises(BrokenPicture):
        check_parts(cut, kind, PictureLimits().max_pixels)
    check_parts(cut + b"\0", kind, PictureLimits().max_pixels)


def test_what_breaks_while_it_is_decoded_is_decoded_once() -> None:
    image = Image.radial_gradient("L").resize((3000, 2000)).convert("RGB")
    png = saved(image, "PNG")
    broken = bytearray(png)
    broken[len(png) * 4 // 5 :] = bytes(len(png) // 5)

    def seconds(picture: bytes) -> float:
        began = time.process_time()
        with suppress(BrokenPicture):
            decode(picture, PictureLimits())
        return time.process_time() - began

    assert min(seconds(bytes(broken)) for _ in range(3)) < 1.3 * min(seconds(png) for _ in range(3))


SMALL: dict[str, dict[str, object]] = {
    "TIFF, deflated": {"compression": "tiff_adobe_deflate"},
    "JPEG, progressive": {"progressive": True},
    "HEIF, tiled": {"tile_size": 16},
}


@cache
def _small(name: str) -> bytes:
    """Return a small picture; that of a video's encoder takes long to make."""
    file_format = name.partition(",")[0]
    return saved(Image.radial_gradient("L").resize((40, 30)), file_format, **SMALL.get(name, {}))


@st.composite
def damaged(draw: st.DrawFn, picture: bytes) -> bytes:
    """Return the file with bytes changed, pieces left out, doubled or moved, and cut short."""
    made = bytearray(picture)
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(made))] * 2)))
        at = draw(st.integers(0, len(made)))
        made[at : at + draw(st.sampled_from([0, 0, end - start]))] = made[start:end][:2_000]
    places = st.integers(0, len(made) - 1)
    for place, value in draw(st.dictionaries(places, st.integers(0, 255))).items():
        made[place] = value
    return bytes(made[: draw(st.one_of(st.just(len(made)), places))])


def pixels_or_refusal(file: bytes) -> None:
    try:
        pixels = decode(file, PictureLimits(max_pixels=1_000_000))
    except PictureError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3


FORMATS = ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIF", "AVIF", *SMALL]


@pytest.mark.parametrize("file_format", FORMATS)
@fuzzed()
@given(data=st.data())
def test_a_damaged_file_gives_pixels_or_a_refusal(file_format: str, data: st.DataObject) -> None:
    pixels_or_refusal(data.draw(damaged(_small(file_format))))


@fuzzed()
@given(beginning=st.sampled_from(FORMATS), size=st.integers(0, 64), rest=st.binary(max_size=200))
def test_any_bytes_give_pixels_or_a_refusal(beginning: str, size: int, rest: bytes) -> None:
    pixels_or_refusal(_small(beginning)[:size] + rest)
