"""Checks what a TIFF's directory asks for, before a decoder does what it says.

A picture of ten pixels may consist of one tile of a gigabyte, or of a hundred thousand strips, each
of which is the whole file. See TIFF 6.0, 2 and 15.
"""

import struct
from operator import add
from typing import Literal

from contract.errors import BrokenPicture, TooManyPixels, UnsupportedPicture

_MOST_TAGS = 1_000
"""Cameras write about a hundred, and each is read."""
_MOST_NUMBERS = 100_000
"""In one tag: a strip for each row of the highest picture are 65,535."""
_BYTES = {3: 2, 4: 4}
"""Bytes of a number, by its type: SHORT and LONG."""
_AS_BYTES = frozenset({1, 2, 6, 7})
"""Types of notes and profiles, whose values nobody looks at one by one."""
_COMPRESSION = 259
_BEGINS, _SIZES = (273, 324), (279, 325)
"""Of strips, or of tiles."""
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_PLAIN = 1
_READ = frozenset({_PLAIN, 2, 3, 4, 5, 8, 32773, 32946})
"""None, those of facsimiles, LZW, deflate, PackBits: the work is bounded by pixels and bytes.

JPEG within may pass over the pixels a hundred times, and LZMA asks for memory as it likes."""


def check_tiff(picture: bytes, max_pixels: int) -> None:
    """Raise BrokenPicture, TooManyPixels or UnsupportedPicture for more than the pixels need."""
    numbers = _Directory(picture).numbers
    compression = (numbers.get(_COMPRESSION) or (_PLAIN,))[0]
    if compression not in _READ:
        raise UnsupportedPicture(f"TIFF files with compression {compression} are not read")
    width, height = numbers.get(_TILE_WIDTH), numbers.get(_TILE_HEIGHT)
    if width and height and width[0] * height[0] > max_pixels:
        raise TooManyPixels("a TIFF of tiles that are larger than a picture may be")
    if compression != _PLAIN:
        begins, sizes = (
            numbers.get(strips) or numbers.get(tiles, ()) for strips, tiles in (_BEGINS, _SIZES)
        )
        furthest = max(map(add, begins, sizes), default=0)
        if not sizes or max(sum(sizes), furthest) > len(picture):
            raise BrokenPicture("a TIFF whose parts are not parts of the file")


class _Directory:
    """The numbers of the first directory, those of each tag that is looked at."""

    def __init__(self, picture: bytes) -> None:
        self._picture = picture
        self._order: Literal["<", ">"] = "<" if picture.startswith(b"II") else ">"
        self.numbers: dict[int, tuple[int, ...]] = {}
        [begin] = self._unpack("I", 4) or (0,)
        [count] = self._unpack("H", begin) or (0,)
        if count > _MOST_TAGS:
            raise BrokenPicture(f"the TIFF file has more than {_MOST_TAGS} tags")
        for at in range(begin + 2, begin + 2 + 12 * count, 12):
            self._read(at)

    def _read(self, at: int) -> None:
        tag, kind, count = self._unpack("HHI", at) or (0, 0, 0)
        if kind not in _AS_BYTES and count > _MOST_NUMBERS:
            raise BrokenPicture(f"the TIFF file has a tag of more than {_MOST_NUMBERS} numbers")
        size = _BYTES.get(kind)
        if size is None or tag in self.numbers:
            return
        place = at + 8
        if size * count > 4:
            [place] = self._unpack("I", place) or (0,)
        self.numbers[tag] = self._unpack(f"{count}{'H' if size == 2 else 'I'}", place)

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        """Return numbers of the file; none where it is cut short."""
        try:
            return struct.unpack_from(self._order + form, self._picture, at)
        except struct.error:
            return ()
