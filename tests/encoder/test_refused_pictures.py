"""What is no picture, or too much of one, is refused quickly, and the worker lives on."""

import os
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given, strategies
from PIL import Image

from contract.deadline import Deadline
from contract.errors import (
    BodyTooLarge,
    BrokenPicture,
    EmptyPicture,
    FacegateError,
    PictureError,
    TooManyPixels,
    UnsupportedPicture,
)
from encoder import EncoderPool, PictureLimits
from encoder.picture import decode
from tests.encoder.files import (
    png_of_zeros,
    saved,
    tiff_with_huge_tag,
    tiff_with_overlapping_tags,
)
from tests.encoder.processes import cpu_seconds, linux_only, peak_memory, set_memory_cap, workers_of
from tests.pictures import sample

_SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>'

_REFUSED: dict[str, tuple[Callable[[], bytes], type[FacegateError]]] = {
    "no bytes": (lambda: b"", EmptyPicture),
    "text": (lambda: b"This is no picture, whatever its name ends with.\n", UnsupportedPicture),
    "SVG": (lambda: _SVG, UnsupportedPicture),
    "PDF": (lambda: b"%PDF-1.7\n" + bytes(1000), UnsupportedPicture),
    "HTML before a JPEG": (lambda: b"<script/>" + sample("obama.jpg"), UnsupportedPicture),
    "sound in RIFF": (lambda: b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40), UnsupportedPicture),
    "script that starts as a GIF": (lambda: b"GIF89a/*" + b"*/=1;alert(1)//" * 9, BrokenPicture),
    "text that starts as a BMP": (lambda: b"BMW, a maker of cars, and more text", BrokenPicture),
    "JPEG, truncated": (lambda: sample("obama.jpg")[:140_000], BrokenPicture),
    "JPEG, header alone": (lambda: sample("obama.jpg")[:200], BrokenPicture),
    "PNG, truncated": (lambda: sample("astronaut.png")[:400_000], BrokenPicture),
    "PNG, signature alone": (lambda: sample("astronaut.png")[:8], BrokenPicture),
    "PNG of 30,000 × 30,000": (lambda: png_of_zeros(30_000, 30_000), TooManyPixels),
    "PNG of 10,000 × 10,000": (lambda: png_of_zeros(10_000, 10_000), TooManyPixels),
    "TIFF, a tag of 2 GB": (lambda: tiff_with_huge_tag(2**31), BrokenPicture),
    "TIFF, 60,000 tags of 19 MB each": (
        lambda: tiff_with_overlapping_tags(60_000, 19_900_000),
        BrokenPicture,
    ),
    "more bytes than allowed": (lambda: b"\xff\xd8\xff" + bytes(20_000_000), BodyTooLarge),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[EncoderPool]:
    pool = EncoderPool("onnx", workers=1)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


@linux_only
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", _REFUSED)
async def test_is_refused_within_a_second_and_bounded_memory(kind: str, pool: EncoderPool) -> None:
    make, error = _REFUSED[kind]
    picture = make()
    (worker,) = workers_of(os.getpid())
    used = cpu_seconds(worker)  # the wall clock would measure what else this machine does
    with pytest.raises(error) as refusal:
        await pool.encode(picture, Deadline(10))
    assert cpu_seconds(worker) - used < 1
    assert 400 <= refusal.value.status < 500
    assert workers_of(os.getpid()) == {worker}
    assert peak_memory(worker) < 320_000_000


@linux_only
@pytest.mark.asyncio(loop_scope="module")
async def test_what_takes_too_much_memory_is_refused(pool: EncoderPool) -> None:
    (worker,) = workers_of(os.getpid())
    set_memory_cap(worker, 300_000_000)
    with pytest.raises(TooManyPixels, match="memory"):
        await pool.encode(png_of_zeros(7_000, 7_000), Deadline(10))
    assert await pool.encode(png_of_zeros(100, 100), Deadline(10)) == []
    assert workers_of(os.getpid()) == {worker}


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
@given(data=strategies.data())
def test_a_damaged_file_gives_pixels_or_a_refusal(
    file_format: str, data: strategies.DataObject
) -> None:
    picture = bytearray(saved(Image.radial_gradient("L").resize((40, 30)), file_format))
    places = strategies.integers(0, len(picture) - 1)
    for place, value in data.draw(
        strategies.dictionaries(places, strategies.integers(0, 255))
    ).items():
        picture[place] = value
    try:
        pixels = decode(bytes(picture[: data.draw(places)]), PictureLimits(max_pixels=1_000_000))
    except PictureError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3
