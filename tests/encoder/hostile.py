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
from tests.encoder.picture_files import (
    gif_with_frames,
    png_chunk,
    png_of_zeros,
    saved,
    tiff_of,
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


def _jpeg_of_12_megapixels() -> bytes:
    """Return a telephone's photograph."""
    image = Image.radial_gradient("L").resize((4000, 3000)).convert("RGB")
    return saved(image, "JPEG", quality=90)


def _jpeg_with_broken_table() -> bytes:
    """Return a progressive JPEG of 49 megapixels with a table of no kind before its end."""
    jpeg = saved(Image.new("RGB", (7000, 7000)), "JPEG", progressive=True)
    return jpeg[:-2] + b"\xff\xc4\0\3\0" + jpeg[-2:]


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


def _png_that_claims(width: int, height: int) -> bytes:
    png = bytearray(_picture("PNG"))
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    png[12:33] = header + struct.pack(">I", zlib.crc32(header))
    return bytes(png)


def _bmp_of_run_lengths() -> bytes:
    """Return a BMP of 49 megapixels whose 9 million runs are one pixel long: 18 MB."""
    width, runs = 7000, b"\1\1" * 9_000_000
    head = struct.pack("<2sIHHI", b"BM", 1078 + len(runs), 0, 0, 1078)
    header = struct.pack("<IiiHHIIiiII", 40, width, width, 1, 8, 1, len(runs), 0, 0, 256, 0)
    return head + header + bytes(1024) + runs


def _tiff_of_one_tile() -> bytes:
    """Return a TIFF of 64 pixels, in a tile of 900 megapixels: 900 kB."""
    packer = zlib.compressobj(9)
    tile = b"".join(packer.compress(bytes(1_000_000)) for _ in range(900)) + packer.flush()
    tags = [(259, 3, 1, 8), (322, 4, 1, 30_000), (323, 4, 1, 30_000)]
    return tiff_of([*tags, (324, 4, 1, 1000), (325, 4, 1, len(tile))], 0, tile)


def _tiff_of_whole_files() -> bytes:
    """Return a deflated TIFF of 60,000 strips, each of which is the whole file of 19 MB."""
    strips, size = 60_000, 19_000_000
    places = struct.pack("<I", 8 * strips + 1000) * strips
    tags = [(257, 4, 1, strips), (259, 3, 1, 8), (273, 4, strips, 1000), (278, 4, 1, 1)]
    sizes = struct.pack("<I", size - 8 * strips - 1000) * strips
    empty = b"\0\0\0\xff\xff" * ((size - 8 * strips) // 5 - 1000)
    counted = (279, 4, strips, 1000 + len(places))
    return tiff_of([*tags, counted], size, places + sizes + b"\x78\x9c" + empty)


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


def _heic() -> bytes:
    return saved(Image.new("RGB", (512, 512), "grey"), "HEIF", tile_size=256)


def _patched(picture: bytes, old: bytes, new: bytes) -> bytes:
    assert old in picture
    return picture.replace(old, new)


def _claiming(picture: bytes, size: tuple[int, int], claimed: tuple[int, int]) -> bytes:
    """Return a container that says of pictures of one size that they have another."""
    begin = b"ispe\0\0\0\0"
    return _patched(
        picture, begin + struct.pack(">II", *size), begin + struct.pack(">II", *claimed)
    )


def box(kind: bytes, content: bytes) -> bytes:
    """Return a part of a container."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def _container(*parts: bytes, brand: bytes = b"heic") -> bytes:
    """Return a file of items 1 to 9 that are 4,096 pixels wide and high, and of further parts."""
    size = box(b"ispe", bytes(4) + struct.pack(">II", 4096, 4096))
    entries = b"".join(struct.pack(">HBB", item, 1, 1) for item in range(1, 10))
    properties = box(b"ipma", bytes(4) + struct.pack(">I", 9) + entries)
    meta = [
        box(b"pitm", bytes(4) + b"\0\1"),
        box(b"iprp", box(b"ipco", size) + properties),
        *parts,
    ]
    return box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + box(
        b"meta", bytes(4) + b"".join(meta)
    )


def _consisting(*references: tuple[int, list[int]]) -> bytes:
    parts = [
        box(b"dimg", struct.pack(f">HH{len(of)}H", item, len(of), *of)) for item, of in references
    ]
    return box(b"iref", bytes(4) + b"".join(parts))


def _frames(count: int) -> bytes:
    """Return the table of an animation's frames."""
    track = box(b"stsz", bytes(8) + struct.pack(">I", count))
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        track = box(kind, track)
    return track


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
    "JPEG of 12 megapixels, truncated": (
        lambda: _jpeg_of_12_megapixels()[:-100_000],
        BrokenPicture,
    ),
    "JPEG, header alone": (lambda: sample("obama.jpg")[:200], BrokenPicture),
    "JPEG, three bytes": (lambda: b"\xff\xd8\xff", BrokenPicture),
    "JPEG of 65,500 × 65,500": (lambda: _jpeg_that_claims(65_500, 65_500), TooManyPixels),
    "JPEG, 2 million segments": (_jpeg_of_segments, BrokenPicture),
    "JPEG, 19 MB of filling": (_jpeg_after_filling, BrokenPicture),
    "JPEG, 1,000 scans of 49 megapixels": (_jpeg_of_scans, TooManyPixels),
    "JPEG, a broken table after 10 scans of 49 megapixels": (
        _jpeg_with_broken_table,
        BrokenPicture,
    ),
    "PNG, truncated": (lambda: sample("astronaut.png")[:400_000], BrokenPicture),
    "PNG, signature alone": (lambda: sample("astronaut.png")[:8], BrokenPicture),
    "PNG of 30,000 × 30,000": (lambda: png_of_zeros(30_000, 30_000), TooManyPixels),
    "PNG of 1 × 49,999,999": (lambda: _png_that_claims(1, 49_999_999), TooManyPixels),
    "PNG of 49,999,999 × 1": (lambda: _png_that_claims(49_999_999, 1), TooManyPixels),
    "PNG that says 7,000 × 7,000": (lambda: _png_that_claims(7_000, 7_000), BrokenPicture),
    "PNG of 10,000 × 10,000": (lambda: png_of_zeros(10_000, 10_000), TooManyPixels),
    "PNG, 1.5 million chunks": (_png_of_chunks, BrokenPicture),
    "GIF of 10,000 frames": (
        lambda: gif_with_frames(Image.radial_gradient("L"), 10_000),
        TooManyPixels,
    ),
    "GIF, 3 million comments": (_gif_of_comments, BrokenPicture),
    "GIF of 60,000 × 60,000": (lambda: _gif_that_claims(60_000, 60_000), TooManyPixels),
    "GIF, truncated": (lambda: _picture("GIF")[:2000], BrokenPicture),
    "BMP that says 4,000 × 4,000": (lambda: _bmp_that_claims(4_000, 4_000), BrokenPicture),
    "BMP of 30,000 × 30,000": (lambda: _bmp_that_claims(30_000, 30_000), TooManyPixels),
    "BMP, 9 million run lengths": (_bmp_of_run_lengths, UnsupportedPicture),
    "BMP, truncated": (lambda: _picture("BMP")[:2000], BrokenPicture),
    "WebP, truncated": (lambda: _picture("WEBP")[:500], BrokenPicture),
    "TIFF, a tag of 2 GB": (lambda: tiff_with_huge_tag(2**31), BrokenPicture),
    "TIFF, 60,000 tags of 19 MB each": (
        lambda: tiff_with_overlapping_tags(60_000, 19_900_000),
        BrokenPicture,
    ),
    "TIFF, a tile of 900 megapixels": (_tiff_of_one_tile, TooManyPixels),
    "TIFF, 60,000 strips of 19 MB each": (_tiff_of_whole_files, BrokenPicture),
    "TIFF, 4 million strips": (
        lambda: tiff_of([(273, 4, 4_000_000, 1000), (278, 4, 1, 1)], 17_000_000),
        BrokenPicture,
    ),
    "TIFF, 49 megapixels of 32 bits": (
        lambda: saved(Image.new("F", (7000, 7000)), "TIFF", compression="tiff_adobe_deflate"),
        UnsupportedPicture,
    ),
    "TIFF, a JPEG within": (
        lambda: saved(Image.radial_gradient("L"), "TIFF", compression="jpeg"),
        UnsupportedPicture,
    ),
    "TIFF, LZMA within": (lambda: tiff_of([(259, 3, 1, 34925)], 2000), UnsupportedPicture),
    "HEIC, brand alone": (lambda: _heic()[:24], BrokenPicture),
    "HEIC, truncated": (lambda: _heic()[:-500], BrokenPicture),
    "HEIC of 30,000 × 30,000": (
        lambda: _claiming(_heic(), (512, 512), (30_000, 30_000)),
        TooManyPixels,
    ),
    "HEIC whose tiles are larger than they say": (
        lambda: _claiming(_heic(), (256, 256), (64, 64)),
        BrokenPicture,
    ),
    "HEIC, 256 tiles of 16 megapixels": (
        lambda: _container(_consisting((1, [2] * 256))),
        TooManyPixels,
    ),
    "HEIC, 20,000 tiles": (lambda: _container(_consisting((1, [20] * 20_000))), TooManyPixels),
    "HEIC, grids of grids": (
        lambda: _container(_consisting(*[(n, [n + 1] * 9) for n in range(1, 9)])),
        BrokenPicture,
    ),
    "HEIC that consists of itself": (
        lambda: _container(_consisting((1, [2]), (2, [1]))),
        BrokenPicture,
    ),
    "HEIC, a million items": (
        lambda: _container(box(b"iinf", box(b"infe", bytes(8)) * 1_000_000)),
        BrokenPicture,
    ),
    "HEIC, a million boxes": (lambda: _heic()[:24] + box(b"free", b"") * 1_000_000, BrokenPicture),
    "HEIC, a box smaller than its header": (
        lambda: _container(b"\0\0\0\4meta"),
        BrokenPicture,
    ),
    "AVIF, truncated": (lambda: _picture("AVIF")[:-20], BrokenPicture),
    "AVIF of 30,000 × 30,000": (
        lambda: _claiming(_picture("AVIF"), (256, 256), (30_000, 30_000)),
        TooManyPixels,
    ),
    "AVIF of 64 megapixels that says 64 × 64": (
        lambda: _claiming(
            saved(Image.new("L", (8_000, 8_000)), "AVIF", speed=10), (8_000, 8_000), (64, 64)
        ),
        TooManyPixels,
    ),
    "AVIF of a million frames": (
        lambda: _container(brand=b"avis") + _frames(1_000_000),
        TooManyPixels,
    ),
    "film": (lambda: box(b"ftyp", b"isom" + bytes(4) + b"mp42"), UnsupportedPicture),
    "more bytes than allowed": (lambda: b"\xff\xd8\xff" + bytes(20_000_000), BodyTooLarge),
}
