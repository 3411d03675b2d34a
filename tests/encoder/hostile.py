"""Files that no camera sends: no pictures, broken ones, and bombs. Each with why it is refused."""

import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image

from contract.errors import (
    BodyTooLarge,
    BrokenPicture,
    EmptyPicture,
    FacegateError,
    TooManyPixels,
    UnsupportedPicture,
)
from tests.encoder.files import (
    gif_with_frames,
    png_chunk,
    png_of_zeros,
    saved,
    tiff_with_huge_tag,
    tiff_with_overlapping_tags,
)
from tests.pictures import sample

_SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>'
_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20))
    + b"]><svg>&u;</svg>"
)


def _picture(file_format: str) -> bytes:
    return saved(Image.radial_gradient("L"), file_format)


def _jpeg_of_segments() -> bytes:
    """Return a JPEG whose picture comes after 2 million comments without text."""
    jpeg = _picture("JPEG")
    return jpeg[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + jpeg[2:]


def _jpeg_after_filling() -> bytes:
    """Return a JPEG whose picture comes after 19 MB of what may stand before a marker."""
    jpeg = _picture("JPEG")
    return jpeg[:2] + b"\xff" * 19_000_000 + jpeg[2:]


def _jpeg_of_scans() -> bytes:
    """Return a progressive JPEG that passes over 49 megapixels a thousand times: 400 kB."""
    jpeg = saved(Image.new("L", (7000, 7000)), "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * 1000 + jpeg[-2:]


def _jpeg_that_claims(width: int, height: int) -> bytes:
    jpeg = bytearray(_picture("JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _png_of_chunks() -> bytes:
    png = _picture("PNG")
    return png[:33] + png_chunk(b"teSt", b"") * 1_500_000 + png[33:]


def _png_with_text_bomb() -> bytes:
    """Return a PNG with a comment of 200 kB that unfolds to 200 MB."""
    png, packer = _picture("PNG"), zlib.compressobj(9)
    packed = packer.compress(bytes(200_000_000)) + packer.flush()
    return png[:33] + png_chunk(b"zTXt", b"Comment\0\0" + packed) + png[33:]


def _gif_of_comments() -> bytes:
    gif = saved(Image.radial_gradient("L").convert("P"), "GIF")
    table = 13 + 3 * 256
    return gif[:table] + b"!\xfe\x01a\x00" * 3_000_000 + gif[table:]


def _gif_that_claims(width: int, height: int) -> bytes:
    gif = bytearray(saved(Image.radial_gradient("L").convert("P"), "GIF"))
    gif[6:10] = struct.pack("<HH", width, height)
    return bytes(gif)


def _bmp_that_claims(width: int, height: int) -> bytes:
    bmp = bytearray(saved(Image.new("RGB", (8, 8)), "BMP"))
    bmp[18:26] = struct.pack("<ii", width, height)
    return bytes(bmp)


HOSTILE: Mapping[str, tuple[Callable[[], bytes], type[FacegateError]]] = {
    "no bytes": (lambda: b"", EmptyPicture),
    "text named .jpg": (lambda: b"No picture, whatever its name ends with.\n", UnsupportedPicture),
    "SVG": (lambda: _SVG, UnsupportedPicture),
    "SVG, a billion laughs": (lambda: _ENTITIES, UnsupportedPicture),
    "PDF": (lambda: b"%PDF-1.7\n" + bytes(1000), UnsupportedPicture),
    "zeros": (lambda: bytes(10_000_000), UnsupportedPicture),
    "HTML before a JPEG": (lambda: b"<script/>" + sample("obama.jpg"), UnsupportedPicture),
    "sound in RIFF": (lambda: b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40), UnsupportedPicture),
    "script that starts as a GIF": (lambda: b"GIF89a/*" + b"*/=1;alert(1)//" * 9, BrokenPicture),
    "text that starts as a BMP": (lambda: b"BMW, a maker of cars, and more text", BrokenPicture),
    "archive that starts as a JPEG": (lambda: b"\xff\xd8\xffPK\x03\x04" + bytes(99), BrokenPicture),
    "JPEG, truncated": (lambda: sample("obama.jpg")[:140_000], BrokenPicture),
    "JPEG, header alone": (lambda: sample("obama.jpg")[:200], BrokenPicture),
    "JPEG, three bytes": (lambda: b"\xff\xd8\xff", BrokenPicture),
    "JPEG of 65,500 × 65,500": (lambda: _jpeg_that_claims(65_500, 65_500), TooManyPixels),
    "JPEG, 2 million segments": (_jpeg_of_segments, BrokenPicture),
    "JPEG, 19 MB of filling": (_jpeg_after_filling, BrokenPicture),
    "JPEG, 1,000 scans of 49 megapixels": (_jpeg_of_scans, TooManyPixels),
    "PNG, truncated": (lambda: sample("astronaut.png")[:400_000], BrokenPicture),
    "PNG, signature alone": (lambda: sample("astronaut.png")[:8], BrokenPicture),
    "PNG of 30,000 × 30,000": (lambda: png_of_zeros(30_000, 30_000), TooManyPixels),
    "PNG of 10,000 × 10,000": (lambda: png_of_zeros(10_000, 10_000), TooManyPixels),
    "PNG, 1.5 million chunks": (_png_of_chunks, BrokenPicture),
    "PNG, a comment of 200 MB": (_png_with_text_bomb, BrokenPicture),
    "GIF of 10,000 frames": (
        lambda: gif_with_frames(Image.radial_gradient("L"), 10_000),
        TooManyPixels,
    ),
    "GIF, 3 million comments": (_gif_of_comments, BrokenPicture),
    "GIF of 60,000 × 60,000": (lambda: _gif_that_claims(60_000, 60_000), TooManyPixels),
    "GIF, truncated": (lambda: _picture("GIF")[:2000], BrokenPicture),
    "BMP of 30,000 × 30,000": (lambda: _bmp_that_claims(30_000, 30_000), TooManyPixels),
    "BMP, truncated": (lambda: _picture("BMP")[:2000], BrokenPicture),
    "WebP, truncated": (lambda: _picture("WEBP")[:500], BrokenPicture),
    "TIFF, a tag of 2 GB": (lambda: tiff_with_huge_tag(2**31), BrokenPicture),
    "TIFF, 60,000 tags of 19 MB each": (
        lambda: tiff_with_overlapping_tags(60_000, 19_900_000),
        BrokenPicture,
    ),
    "more bytes than allowed": (lambda: b"\xff\xd8\xff" + bytes(20_000_000), BodyTooLarge),
}
