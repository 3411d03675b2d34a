"""Counts what a HEIC or AVIF file asks a decoder to do: in it, pictures consist of others.

A grid of a thousand tiles may name one large picture a thousand times, and a grid may be a tile.
The tables that say so are read here as far as that takes, and are bounded: decoders search them
from the beginning for every entry.
"""

from collections.abc import Iterator
from typing import NamedTuple

from contract.errors import BrokenPicture, TooManyPixels
from contract.pictures.kind import PictureKind
from encoder.picture.av1_header import frame_pixels
from encoder.picture.repair import MAY_BE_MISSING, TOO_MUCH_IS_MISSING

_MOST_TABLE_BYTES = 100_000
"""Of one table; that of a camera's 200 tiles has 6,000."""
_MOST_BOXES = 4_000
_STREAM_HEAD = 1_000
"""Bytes: what announces the size comes first."""
_MOST_FRAMES = 1_000
_MOST_TILES = 256
"""Of all grids together; a camera's 48 megapixels are 192 tiles."""
_DEEPEST = 4
"""Pictures that consist of pictures; a camera's grid is one of tiles."""
_PASSES = 4
"""Over the pixels of a picture of the largest size: tiles and the whole, and as much for alpha."""
_TABLES = frozenset({b"iinf", b"iloc", b"iref", b"ipma", b"moov"})
_TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_FOLDERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"iref": 4, **dict.fromkeys(_TRACK, 0)}
"""Boxes of boxes, and how many bytes come before these."""
_TURNS = frozenset({b"irot", b"imir"})
_OF_TILES, _OF_ALPHA = b"dimg", b"auxl"
_IN_FILE, _IN_BOX = 0, 1
"""Ways to say where an item's data are: in the file, or in the box for small ones."""


class _Box(NamedTuple):
    """A part of the container, and where its content is."""

    kind: bytes
    begin: int
    end: int


def check_container(picture: bytes, kind: PictureKind, max_pixels: int) -> None:
    """Raise BrokenPicture or TooManyPixels when a file has too many parts, or too much in them.

    Raises BrokenPicture when too many of them are not there.
    """
    container = _Container(picture, av1=kind == "AVIF")
    too_many = container.pixels_to_decode > _PASSES * max_pixels
    if too_many or container.largest > max_pixels:
        raise TooManyPixels("the picture has too many pixels, or consists of too many others")
    container.check_nearly_whole()


def is_turned(picture: bytes) -> bool:
    """Tell whether the container says how its pictures are turned: Exif has no say then."""
    return _Container(picture, av1=False).turned


class _Place(NamedTuple):
    """Where an item's data are; the end is that of the last piece."""

    method: int
    begin: int
    end: int


_NOWHERE = _Place(_IN_FILE, 0, 0)


class _Container:
    """What the tables say: how large each item is, and which others it consists of."""

    def __init__(self, picture: bytes, *, av1: bool) -> None:
        self._picture = picture
        self._av1 = av1
        """libheif checks the sizes that HEVC announces; libavif scales what it has decoded."""
        self._left = _MOST_BOXES
        self.turned = False
        self.largest = 0
        """Pixels of the largest of what is to be decoded, as far as that was asked for."""
        self._primary = 0
        self._id_bytes = 2
        """Of the items in the references that are being read."""
        self._areas: list[int] = []
        self._area_of: dict[int, int] = {}
        self._parts: dict[int, list[int]] = {}
        self._alpha: dict[int, list[int]] = {}
        self._places: dict[int, _Place] = {}
        self._small_items = 0
        self._decoded: dict[int, int] = {}
        self._tiles = 0
        self._read(0, len(picture), b"")

    @property
    def pixels_to_decode(self) -> int:
        """Pixels of the picture, of all that it consists of, and of its alpha."""
        alpha = self._alpha.get(self._primary, [])
        return sum(self._pixels(item) for item in [self._primary, *alpha])

    def _pixels(self, item: int, depth: int = 0) -> int:
        if depth > _DEEPEST:
            raise BrokenPicture("pictures that consist of one another")
        if item not in self._decoded:
            parts = sum(self._pixels(part, depth + 1) for part in self._parts.get(item, ()))
            own = max(self._area_of.get(item, 0), self._announced(item))
            self.largest = max(self.largest, own)
            self._decoded[item] = own + parts
        return self._decoded[item]

    def check_nearly_whole(self) -> None:
        """Refuse a picture of which too many tiles are cut short. Decoders leave them out."""
        tiles = self._parts.get(self._primary) or [self._primary]
        places = [self._places.get(tile, _NOWHERE) for tile in tiles]
        whole = len(self._picture)
        missing = sum(place.method == _IN_FILE and place.end > whole for place in places)
        if missing > MAY_BE_MISSING * len(tiles):
            raise BrokenPicture(TOO_MUCH_IS_MISSING)

    def _announced(self, item: int) -> int:
        """Return the pixels that an item's own data announce, if they are AV1."""
        method, begin, _ = self._places.get(item, _NOWHERE)
        begin += self._small_items if method == _IN_BOX else 0
        return frame_pixels(self._picture[begin : begin + _STREAM_HEAD]) if self._av1 else 0

    def _read(self, begin: int, end: int, folder: bytes) -> None:
        for box in self._boxes(begin, end):
            if box.kind in _TABLES and box.end - box.begin > _MOST_TABLE_BYTES:
                raise BrokenPicture("the container has too many entries")
            if folder == b"ipco":
                self._areas.append(self._area(box))
                self.turned |= box.kind in _TURNS
            elif folder == b"iref":
                self._reference(box)
            elif box.kind in _FOLDERS:
                self._id_bytes = 4 if self._number(box.begin, 1) else 2
                self._read(box.begin + _FOLDERS[box.kind], box.end, box.kind)
            elif box.kind == b"pitm":
                self._primary = self._number(box.begin + 4, 4 if self._number(box.begin, 1) else 2)
            elif box.kind == b"iloc":
                self._locations(box)
            elif box.kind == b"idat":
                self._small_items = box.begin
            elif box.kind == b"ipma":
                self._associations(box)
            elif box.kind == b"stsz" and self._number(box.begin + 8, 4) > _MOST_FRAMES:
                raise TooManyPixels(f"an animation of more than {_MOST_FRAMES} frames")

    def _boxes(self, begin: int, end: int) -> Iterator[_Box]:
        while begin + 8 <= end:
            self._left -= 1
            if self._left < 0:
                raise BrokenPicture(f"the container has more than {_MOST_BOXES} parts")
            size, kind, header = self._number(begin, 4), self._picture[begin + 4 : begin + 8], 8
            if size == 1:
                size, header = self._number(begin + 8, 8), 16
            last = end if size == 0 else min(end, begin + size)
            if last < begin + header:
                raise BrokenPicture("a part of the container is smaller than its header")
            yield _Box(kind, begin + header, last)
            begin = last

    def _area(self, box: _Box) -> int:
        if box.kind != b"ispe":
            return 0
        return self._number(box.begin + 4, 4) * self._number(box.begin + 8, 4)

    def _reference(self, box: _Box) -> None:
        """Note which items one consists of, or whose alpha it is."""
        size = self._id_bytes
        item, count = self._number(box.begin, size), self._number(box.begin + size, 2)
        first = box.begin + size + 2
        end = min(box.end, first + size * count)
        others = [self._number(at, size) for at in range(first, end, size)]
        if box.kind == _OF_TILES:
            self._parts.setdefault(item, []).extend(others)
            self._tiles += len(others)
            if self._tiles > _MOST_TILES:
                raise TooManyPixels(f"the picture consists of more than {_MOST_TILES} others")
        elif box.kind == _OF_ALPHA:
            for other in others:
                self._alpha.setdefault(other, []).append(item)

    def _associations(self, box: _Box) -> None:
        """Note how large each item is: of its properties, whose numbers begin at 1, one says so."""
        id_bytes = 4 if self._number(box.begin, 1) else 2
        size = 2 if self._number(box.begin + 3, 1) & 1 else 1
        entries, at = self._number(box.begin + 4, 4), box.begin + 8
        while entries and at < box.end:
            item, count = self._number(at, id_bytes), self._number(at + id_bytes, 1)
            at += id_bytes + 1
            for place in range(at, at + count * size, size):
                number = self._number(place, size) & (0x7FFF if size == 2 else 0x7F)
                if 0 < number <= len(self._areas) and self._areas[number - 1]:
                    self._area_of[item] = self._areas[number - 1]
            at += count * size
            entries -= 1

    def _locations(self, box: _Box) -> None:
        """Note where the first piece of each item's data is."""
        version, sizes = self._number(box.begin, 1), self._number(box.begin + 4, 2)
        offset, length, base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        index = sizes & 15 if version else 0
        id_bytes = 4 if version == 2 else 2
        items, at = self._number(box.begin + 6, id_bytes), box.begin + 6 + id_bytes
        while items and at < box.end:
            item = self._number(at, id_bytes)
            at += id_bytes
            method = self._number(at, 2) & 15 if version else 0
            at += (2 if version else 0) + 2
            start, pieces = self._number(at, base), self._number(at + base, 2)
            at += base + 2
            begin, step = start + self._number(at + index, offset), index + offset + length
            last = at + max(0, pieces - 1) * step + index
            end = start + self._number(last, offset) + self._number(last + offset, length)
            self._places[item] = _Place(method, begin, end)
            at += pieces * step
            items -= 1

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self._picture[at : at + size])
