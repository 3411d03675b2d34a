"""The rows in the pages of a SQLite file whose tables cannot be found any more.

Written after the file format (sqlite.org/fileformat2.html): a leaf page of a table holds whole
rows, each with the types of its values; they can be read without the pages that lead to them.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Value = None | int | float | str | bytes

_LEAF = 0x0D
_HEADER = 8
"""Bytes of a leaf page before the places of its rows."""
_NOT_LOCAL = 35
"""A row that is larger than a page less this goes on in pages elsewhere, and is left out."""
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of a whole number by its type."""


class PageRow(NamedTuple):
    """The values of a row, and its number, which is the value of an integer primary key."""

    number: int
    values: list[Value]


class _NoRow(Exception):
    """These bytes are no row."""


def rows_in_pages(path: Path, page_size: int) -> Iterator[PageRow]:
    """Yield every row that a page of the file `path` holds whole, whatever its table."""
    with path.open("rb") as file:
        while page := file.read(page_size):
            if len(page) == page_size and page[0] == _LEAF:
                yield from _rows(page)


def _rows(page: bytes) -> Iterator[PageRow]:
    [count] = struct.unpack_from(">H", page, 3)
    for place in range(_HEADER, min(_HEADER + 2 * count, len(page) - 1), 2):
        [start] = struct.unpack_from(">H", page, place)
        try:
            yield _row(page, start)
        except (_NoRow, IndexError, UnicodeDecodeError, struct.error):
            continue  # noise, or a row of which a part is elsewhere


def _row(page: bytes, start: int) -> PageRow:
    size, place = _varint(page, start)
    number, place = _varint(page, place)
    if size > len(page) - _NOT_LOCAL or place + size > len(page):
        raise _NoRow
    header, at = _varint(page, place)
    end_of_types, value_at, values = place + header, place + header, list[Value]()
    while at < end_of_types:
        kind, at = _varint(page, at)
        value, length = _value(page, value_at, kind)
        values.append(value)
        value_at += length
    if value_at != place + size:
        raise _NoRow
    return PageRow(number, values)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at`, seven bits a byte and eight in the ninth, and where it ends."""
    number = 0
    for place in range(at, at + 8):
        number = number << 7 | page[place] & 0x7F
        if page[place] < 0x80:
            return number, place + 1
    return number << 8 | page[at + 8], at + 9


def _value(page: bytes, at: int, kind: int) -> tuple[Value, int]:
    """Return the value of type `kind` and how many bytes it takes."""
    if kind in {0, 8, 9}:
        return {0: None, 8: 0, 9: 1}[kind], 0
    if length := _INTEGERS.get(kind):
        return int.from_bytes(page[at : at + length], signed=True), length
    if kind == 7:
        return float(struct.unpack_from(">d", page, at)[0]), 8
    if kind < 12:
        raise _NoRow
    length = (kind - 12) // 2
    raw = page[at : at + length]
    if len(raw) != length:
        raise _NoRow
    return (raw.decode() if kind % 2 else bytes(raw)), length
