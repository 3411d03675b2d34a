"""Reads integers and floats as dlib serialises them, one after the other, from bytes.

An integer is a control byte (0x80 is the sign, the low half the number of bytes) and a
little-endian magnitude; a float is a mantissa and an exponent of two.
"""

from array import array
from math import ldexp

import numpy as np
from numpy.typing import NDArray


class BadValues(Exception):
    """The bytes are not what was expected there."""


class DlibValues:
    """Takes one value after the other from the bytes. All raise BadValues."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise BadValues("cut short")
        self._at += count
        return taken

    def integer(self) -> int:
        """Return the next integer."""
        first = self._at + 1
        control = self._data[first - 1] if first <= len(self._data) else 0
        self._at = first + (control & 0x0F)
        if control & 0x70 or not first < self._at <= min(first + 8, len(self._data)):
            raise BadValues("cut short, or no integer of dlib's")
        magnitude = int.from_bytes(self._data[first : self._at], "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> tuple[int, ...]:
        """Return the next integers."""
        return tuple(self.integer() for _ in range(count))

    def block(self, count: int) -> NDArray[np.int64]:
        """Return the next integers, which may be millions."""
        places = np.frombuffer(self._places(count), np.int64)
        data = np.frombuffer(self._data, np.uint8)
        controls = data[places]
        sizes = controls & 0x0F
        if (controls & 0x70).any() or ((sizes < 1) | (sizes > 8)).any():
            raise BadValues("no integers of dlib's")
        numbers = np.zeros(count, np.int64)
        for byte in range(sizes.max(initial=0)):
            longer = np.flatnonzero(sizes > byte)
            numbers[longer] |= data[places[longer] + 1 + byte].astype(np.int64) << 8 * byte
        return np.where(controls & 0x80, -numbers, numbers)

    def _places(self, count: int) -> "array[int]":
        """Pass the next integers; return where each begins."""
        data, at, places = self._data, self._at, array("q")
        try:
            for _ in range(count):
                places.append(at)
                at += 1 + (data[at] & 0x0F)
        except IndexError as error:
            raise BadValues("cut short") from error
        if at > len(data):
            raise BadValues("cut short")
        self._at = at
        return places

    def floats(self, count: int) -> tuple[float, ...]:
        """Return the next floats."""
        return tuple(ldexp(self.integer(), self.integer()) for _ in range(count))

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._data)
