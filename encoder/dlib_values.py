"""The numbers in the files of dlib, one after the other.

An integer is a control byte (0x80 is the sign, the low half the number of bytes) and a
little-endian magnitude; a float is a mantissa and an exponent of two.
"""

from math import ldexp


class BadValues(Exception):
    """The bytes are not what was expected there."""


class Values:
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

    def floats(self, count: int) -> tuple[float, ...]:
        """Return the next floats."""
        return tuple(ldexp(self.integer(), self.integer()) for _ in range(count))

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._data)
