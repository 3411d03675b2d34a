"""Notes cost nothing, however many there are: the reference is the picture without them."""

import struct
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from contract.errors import BrokenPicture
from encoder import PictureLimits
from encoder.picture.decode import decode
from encoder.picture.plain_file import without_notes
from tests.encoder.picture_files import png_chunk, saved

SECONDS = 0.5
"""Of CPU, on a machine that does something else as well; measured: 0.02. Shown the
notes, Pillow takes 15 for the pieces of Exif and 7 for the profiles, and refuses the comment."""


def _segments(marker: int, body: bytes, count: int) -> bytes:
    return (struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body) * count


def _notes_of_photoshop() -> bytes:
    """Return 300 segments of 5,000 empty notes."""
    return _segments(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5_000, 300)


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def _png_profiles() -> bytes:
    """Return 9,000 colour profiles that unfold to a megabyte each."""
    return png_chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(1_000_000), 9)) * 9_000


def _png_text() -> bytes:
    packer = zlib.compressobj(9)
    return png_chunk(b"zTXt", b"Comment\0\0" + packer.compress(bytes(200_000_000)) + packer.flush())


NOTES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "9,000 pieces of Exif": ("JPEG", lambda: _segments(0xE1, b"Exif\0\0" + bytes(2_000), 9_000)),
    "1.5 million notes of Photoshop": ("JPEG", _notes_of_photoshop),
    "300 pieces of a profile": (
        "JPEG",
        lambda: _segments(0xE2, b"ICC_PROFILE\0\1\1" + bytes(60_000), 300),
    ),
    "300 comments": ("JPEG", lambda: _segments(0xFE, bytes(60_000), 300)),
    "9,000 profiles of a megabyte": ("PNG", _png_profiles),
    "a comment of 200 MB": ("PNG", _png_text),
    "Exif of 18 MB": ("PNG", lambda: png_chunk(b"eXIf", _exif(6)[6:] + bytes(18_000_000))),
    "an animation of a million frames": (
        "PNG",
        lambda: png_chunk(b"acTL", struct.pack(">II", 1_000_000, 0)),
    ),
}


def _with_notes(picture: bytes, kind: str, notes: bytes) -> bytes:
    """Return a file whose notes come before all that matters."""
    place = {"JPEG": 2, "PNG": 33}[kind]
    return picture[:place] + notes + picture[place:]


@pytest.mark.parametrize("case", NOTES)
def test_a_picture_is_read_as_without_them(case: str, portrait: Image.Image) -> None:
    kind, make = NOTES[case]
    picture = saved(portrait, kind)
    noted = _with_notes(picture, kind, make())
    began = time.process_time()

    pixels = decode(noted, PictureLimits())

    assert time.process_time() - began < SECONDS
    assert np.array_equal(pixels, decode(picture, PictureLimits()))


def test_more_notes_than_any_camera_writes_are_refused(portrait: Image.Image) -> None:
    with pytest.raises(BrokenPicture):
        decode(
            _with_notes(saved(portrait, "JPEG"), "JPEG", _segments(0xFE, b"", 10_000)),
            PictureLimits(),
        )


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_it_is_turned_as_the_first_exif_says(kind: str, portrait: Image.Image) -> None:
    lying = portrait.transpose(Image.Transpose.ROTATE_90)
    picture = saved(lying, kind, exif=_exif(6))
    second = {
        "JPEG": _segments(0xE1, b"Exif\0\0" + _exif(3)[6:], 1),
        "PNG": png_chunk(b"eXIf", _exif(3)[6:]),
    }[kind]
    place = picture.index(b"\xff\xdb") if kind == "JPEG" else picture.index(b"IDAT") - 4

    pixels = decode(picture[:place] + second + picture[place:], PictureLimits())

    assert pixels.shape == np.asarray(portrait).shape


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"])
def test_other_files_stay_as_they_are(kind: str, portrait: Image.Image) -> None:
    picture = saved(portrait.quantize(256) if kind == "GIF" else portrait, kind)

    assert without_notes(picture, kind) == picture  # type: ignore[arg-type]  # one of its kinds
