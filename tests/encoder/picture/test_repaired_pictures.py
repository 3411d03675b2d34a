"""What browsers show in spite of a fault is read: the reference is the picture without the fault.

That Chromium shows each of these was tried when they were written down.
"""

import struct
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from contract.errors import BrokenPicture
from encoder import PictureLimits
from encoder.picture.decode import decode
from tests.encoder.picture_files import png_chunk, saved

Fault = Callable[[bytes], bytes]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def after_start(part: bytes) -> Fault:
    return lambda jpeg: jpeg[:2] + part + jpeg[2:]


def after_header(chunk: bytes) -> Fault:
    return lambda png: png[:33] + chunk + png[33:]


def wrong_checksum(name: bytes, body: bytes) -> bytes:
    return png_chunk(name, body)[:-4] + bytes(4)


def instead_of_app0(part: bytes) -> Fault:
    return lambda jpeg: jpeg[:2] + part + jpeg[20:]


def before_tables(part: bytes) -> Fault:
    def spoil(jpeg: bytes) -> bytes:
        place = jpeg.index(b"\xff\xdb")
        return jpeg[:place] + part + jpeg[place:]

    return spoil


JPEG_FAULTS: dict[str, Fault] = {
    "rubbish after its end": lambda jpeg: jpeg + b"rubbish" * 99,
    "a second picture after its end": lambda jpeg: jpeg * 2,
    "filling after its start": after_start(b"\xff\xff\xff"),
    "rubbish between segments": before_tables(b"\0\1rubbish"),
    "Exif that is none": after_start(segment(0xE1, b"Exif\0\0rubbish")),
    "Exif without an end": after_start(segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f")),
    "a profile that is cut short": after_start(segment(0xE2, b"ICC_PROFILE\0")),
    "an index of pictures that is none": after_start(segment(0xE2, b"MPF\0II*\0\x08\0\0\0\x99\0")),
    "Photoshop's notes, cut short": after_start(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\xff")),
    "Adobe's mark, cut short": after_start(segment(0xEE, b"Adobe\0")),
    "JFIF's mark, cut short": instead_of_app0(segment(0xE0, b"JFIF\0")),
    "no JFIF's mark": instead_of_app0(b""),
    "a comment of length 0": after_start(b"\xff\xfe\0\0"),
}
PNG_FAULTS: dict[str, Fault] = {
    "a text with a wrong checksum": after_header(wrong_checksum(b"tEXt", b"a\0b")),
    "an unknown chunk with a wrong checksum": after_header(wrong_checksum(b"teSt", b"x")),
    "a gamma with a wrong checksum": after_header(wrong_checksum(b"gAMA", bytes(4))),
    "a text with a wrong checksum at its end": lambda png: (
        png[:-12] + wrong_checksum(b"tEXt", b"a\0b") + png[-12:]
    ),
    "a resolution that is cut short": after_header(png_chunk(b"pHYs", b"abc")),
    "a gamma that is cut short": after_header(png_chunk(b"gAMA", b"a")),
    "an empty colour space": after_header(png_chunk(b"sRGB", b"")),
    "a profile in an unknown way": after_header(png_chunk(b"iCCP", b"name\0\x09x")),
    "Exif that is none": after_header(png_chunk(b"eXIf", b"rubbish")),
    "an animation that is none": after_header(png_chunk(b"acTL", b"abc")),
    "a wrong checksum of its end": lambda png: png[:-4] + bytes(4),
    "no end": lambda png: png[:-12],
    "rubbish after its end": lambda png: png + b"rubbish" * 99,
}


@pytest.mark.parametrize("fault", JPEG_FAULTS)
def test_a_jpeg_is_read_in_spite_of(fault: str, portrait: Image.Image) -> None:
    jpeg = saved(portrait, "JPEG", quality=90)

    pixels = decode(JPEG_FAULTS[fault](jpeg), PictureLimits())

    assert (pixels == decode(jpeg, PictureLimits())).all()


@pytest.mark.parametrize("fault", PNG_FAULTS)
def test_a_png_is_read_in_spite_of(fault: str, portrait: Image.Image) -> None:
    pixels = decode(PNG_FAULTS[fault](saved(portrait, "PNG")), PictureLimits())

    assert (pixels == np.asarray(portrait)).all()


def test_orientation_is_read_of_a_jpeg_whose_other_notes_are_not(portrait: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    jpeg = saved(portrait.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)

    pixels = decode(after_start(segment(0xEE, b"Adobe\0"))(jpeg), PictureLimits())

    assert pixels.shape == np.asarray(portrait).shape


@pytest.mark.parametrize("cut", [1, 2, 10, 100, 500])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("GIF", {"interlace": 0}),
        ("BMP", {}),
    ],
)
def test_nearly_all_of_a_file_is_enough(
    kind: str, options: dict[str, int], cut: int, portrait: Image.Image
) -> None:
    image = portrait.quantize(256) if kind == "GIF" else portrait
    picture = saved(image, kind, **options)

    pixels = decode(picture[:-cut], PictureLimits()).astype(int)

    difference = np.abs(pixels - decode(picture, PictureLimits())).max(axis=(1, 2))
    assert np.mean(difference > 20) < 0.12


def test_black_rows_of_a_jpeg_without_an_end_are_not_missing() -> None:
    image = Image.new("RGB", (160, 160))
    image.paste(Image.radial_gradient("L").resize((160, 80)), (0, 0))
    jpeg = saved(image, "JPEG", quality=90)

    pixels = decode(jpeg[:-2], PictureLimits())

    assert (pixels == decode(jpeg, PictureLimits())).all()


def test_a_png_of_16_bits_is_read_in_spite_of_a_wrong_checksum_of_its_pixels() -> None:
    grey = np.asarray(Image.radial_gradient("L")).astype(np.uint16) * 257
    png = bytearray(saved(Image.fromarray(grey), "PNG"))
    checksum = png.index(b"IEND") - 12  # that of zlib, before that of the chunk and the next size
    png[checksum : checksum + 4] = bytes(4)

    pixels = decode(bytes(png), PictureLimits())

    assert (pixels[:-1, :, 0] == grey[:-1] >> 8).all()  # Pillow keeps all rows but the last


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_two_thirds_of_a_file_are_an_upload_that_broke_off(
    kind: str, portrait: Image.Image
) -> None:
    picture = saved(portrait.quantize(256) if kind == "GIF" else portrait, kind)

    with pytest.raises(BrokenPicture):
        decode(picture[: len(picture) * 2 // 3], PictureLimits())


def test_the_first_scan_of_a_progressive_jpeg_alone_is_not_enough(portrait: Image.Image) -> None:
    picture = saved(portrait, "JPEG", quality=90, progressive=True)
    second = picture.index(b"\xff\xda", picture.index(b"\xff\xda") + 1)

    with pytest.raises(BrokenPicture):
        decode(picture[: second - 100], PictureLimits())


def bmp(numbers: NDArray[np.uint32], bits: int, masks: tuple[int, ...], *, down: bool) -> bytes:
    """Return a BMP of numbers (h, w) in which masks say where red, green and blue are."""
    height, width = numbers.shape
    rows = numbers if down else numbers[::-1]
    kind = "<u2" if bits == 16 else "<u4"
    padding = -width * bits // 8 % 4
    pixels = b"".join(row.astype(kind).tobytes() + bytes(padding) for row in rows)
    header = struct.pack(
        *("<IiiHHIIiiII", 40, width, -height if down else height, 1, bits, 3),
        *(len(pixels), 0, 0, 0, 0),
    )
    head = struct.pack("<2sIHHI", b"BM", 66 + len(pixels), 0, 0, 66)
    return head + header + struct.pack("<III", *masks) + pixels


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize(
    ("bits", "depths", "places"),
    [
        (16, (5, 6, 5), (11, 5, 0)),
        (16, (4, 4, 4), (8, 4, 0)),
        (32, (8, 8, 8), (0, 8, 16)),
        (32, (10, 10, 10), (20, 10, 0)),
    ],
)
def test_a_bmp_says_where_its_colours_are(
    bits: int, depths: tuple[int, ...], places: tuple[int, ...], down: bool, portrait: Image.Image
) -> None:
    wanted = np.asarray(portrait.resize((131, 140))).astype(np.uint32)
    numbers = np.zeros(wanted.shape[:2], np.uint32)
    for channel, (depth, place) in enumerate(zip(depths, places, strict=True)):
        largest = 2**depth - 1
        numbers |= (wanted[..., channel] * largest // 255).astype(np.uint32) << place
    masks = tuple((2**depth - 1) << place for depth, place in zip(depths, places, strict=True))

    pixels = decode(bmp(numbers, bits, masks, down=down), PictureLimits())

    assert np.abs(pixels.astype(int) - wanted).max() <= 256 / 2 ** min(depths) + 1
