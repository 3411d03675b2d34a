"""Picture files made on the fly, well formed and not."""

import io
import itertools
import struct
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.picture.heif_plugin import read_heif


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return the picture as a file."""
    if file_format == "HEIF":
        read_heif()
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def png_of_zeros(width: int, height: int) -> bytes:
    """Return a complete black PNG of one bit a pixel: 30,000 × 30,000 pixels are 110 kB."""
    row = bytes(1 + (width + 7) // 8)
    return _png(width, height, depth=1, colour=0, rows=itertools.repeat(row, height))


def png_of_16_bits(samples: NDArray[np.uint16]) -> bytes:
    """Return a PNG of 16 bits a sample, (h, w, n), which Pillow reads but does not write."""
    height, width, count = samples.shape
    rows = (b"\0" + row.tobytes() for row in samples.astype(">u2"))
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[count]
    return _png(width, height, depth=16, colour=colour, rows=rows)


def tiff_of_16_bits(samples: NDArray[np.uint16], order: str) -> bytes:
    """Return a TIFF of 16 bits a sample, (h, w, n); `order` of its bytes is `<` or `>`."""
    height, width, count = samples.shape
    pixels = samples.astype(f"{order}u2").tobytes()
    depths = 8 + 2 + 12 * 10 + 4
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, count, depths if count > 1 else 16),
        (259, 3, 1, 1),
        (262, 3, 1, 2 if count > 2 else 1),
        (273, 4, 1, depths + 2 * count),
        (277, 3, 1, count),
        (278, 4, 1, height),
        (279, 4, 1, len(pixels)),
        (284, 3, 1, 1),
    ]
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, kind, number)
        + struct.pack(f"{order}HH" if (kind, number) == (3, 1) else f"{order}I", *values)
        for tag, kind, number, value in tags
        for values in [(value, 0) if (kind, number) == (3, 1) else (value,)]
    )
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4)
    return head + directory + struct.pack(f"{order}{count}H", *[16] * count) + pixels


def _png(width: int, height: int, *, depth: int, colour: int, rows: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for row in rows) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(name, body)
        for name, body in ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    )


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a part of a PNG."""
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def gif_with_frames(first: Image.Image, frames: int) -> bytes:
    """Return an animated GIF whose later frames are single pixels."""
    alone = saved(first.convert("P"), "GIF")
    assert alone.endswith(b"\x3b")
    pixel = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return alone[:-1] + pixel * (frames - 1) + b"\x3b"


def tiff_with_huge_tag(count: int) -> bytes:
    """Return a small TIFF one of whose tags claims `count` bytes that the file does not have."""
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (270, 2, count, 8)]
    return _tiff(entries)


def tiff_of(tags: list[tuple[int, int, int, int]], size: int, body: bytes = b"") -> bytes:
    """Return a TIFF of 8 × 8 pixels, unless `tags` say otherwise, and of `size` bytes.

    A tag is its number, type, count and value; `body` stands at byte 1000, zeros elsewhere.
    """
    usual = {256: (4, 1, 8), 257: (4, 1, 8), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    given = usual | {tag: (kind, count, value) for tag, kind, count, value in tags}
    head = _tiff([(tag, *given[tag]) for tag in sorted(given)]).ljust(1000, b"\0")
    return (head + body).ljust(size, b"\0")


def tiff_with_overlapping_tags(entries: int, size: int) -> bytes:
    """Return a TIFF of `size` bytes whose every tag claims nearly the whole file as its value."""
    tags = [(256, 4, 1, 8), (257, 4, 1, 8)]
    tags += [(5000 + n, 7, size - 1000, 8) for n in range(entries)]
    body = _tiff(tags)
    return body + bytes(size - len(body))


def _tiff(entries: list[tuple[int, int, int, int]]) -> bytes:
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\x00" + struct.pack("<I", 8) + directory + struct.pack("<I", 0)
