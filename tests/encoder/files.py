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


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return the picture as a file."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def png_of_zeros(width: int, height: int) -> bytes:
    """Return a complete black PNG of one bit a pixel: 30,000 × 30,000 pixels are 110 kB."""
    row = bytes(1 + (width + 7) // 8)
    return _png(width, height, depth=1, colour=0, rows=itertools.repeat(row, height))


def png_of_16_bits(pixels: NDArray[np.uint8]) -> bytes:
    """Return a PNG of 16 bits a colour, which Pillow reads but does not write."""
    rows = (b"\0" + row.tobytes() for row in (pixels.astype(">u2") * 257).astype(">u2"))
    return _png(pixels.shape[1], pixels.shape[0], depth=16, colour=2, rows=rows)


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
