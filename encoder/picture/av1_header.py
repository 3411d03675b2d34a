"""How large the frames of an AV1 stream are: AVIF's container may say otherwise, and nobody checks.

See the AV1 Bitstream & Decoding Process Specification, 5.3 to 5.5.
"""

from contract.errors import BrokenPicture

_SEQUENCE_HEADER = 1
_MOST_UNITS = 8
"""Before the sequence header: a temporal delimiter, and padding at the most."""
_HEADER_BYTES = 256


def frame_pixels(stream: bytes) -> int:
    """Return the pixels of the largest frame that a stream announces; 0 where it announces none.

    Raises BrokenPicture when the announcement is cut short.
    """
    at = 0
    for _ in range(_MOST_UNITS):
        if at >= len(stream):
            return 0
        kind, extended, sized = stream[at] >> 3 & 15, stream[at] >> 2 & 1, stream[at] >> 1 & 1
        at += 1 + extended
        size, at = _size(stream, at) if sized else (len(stream) - at, at)
        if kind == _SEQUENCE_HEADER:
            return _announced(_Bits(stream[at : at + min(size, _HEADER_BYTES)]))
        at += size
    return 0


def _size(stream: bytes, at: int) -> tuple[int, int]:
    """Return a number in LEB128, and where it ends."""
    size = 0
    for place, byte in enumerate(stream[at : at + 8]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return size, at + place + 1
    return size, at + 8


class _Bits:
    """Bits, the first one first."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data)
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Return the next bits as a number. Raises BrokenPicture when there are too few."""
        self._left -= count
        if self._left < 0:
            raise BrokenPicture("the AVIF file is broken or cut short")
        return self._number >> self._left & ((1 << count) - 1)


def _announced(bits: _Bits) -> int:
    bits.take(4)  # profile, still picture
    if bits.take(1):  # the reduced header of still pictures
        bits.take(5)
    else:
        _skip_operation(bits)
    wide, high = bits.take(4) + 1, bits.take(4) + 1
    return (bits.take(wide) + 1) * (bits.take(high) + 1)


def _skip_operation(bits: _Bits) -> None:
    """Pass over times, and over what decoders of films are told of buffers."""
    delay_bits = _skip_timing(bits) if bits.take(1) else 0
    delays = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if delays and bits.take(1):
            bits.take(4)


def _skip_timing(bits: _Bits) -> int:
    """Return how many bits a buffer's delay has; 0 when none is given."""
    bits.take(64)
    if bits.take(1):  # equal intervals: a number in Exponential-Golomb
        zeros = 0
        while not bits.take(1):
            zeros += 1
        bits.take(zeros)
    if not bits.take(1):
        return 0
    delay_bits = bits.take(5) + 1
    bits.take(42)
    return delay_bits
