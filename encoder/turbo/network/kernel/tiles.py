"""Winograd's tiles: from a picture to what is multiplied, and from the sums to a picture.

Of 6 × 6 numbers a tile makes 4 × 4 results with 36 products where a filter of 3 × 3 takes 144; of
4 × 4 it makes 2 × 2 with 16 instead of 36; of 6 × 6 a filter of 4 × 4 makes 3 × 3. The sums are
those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016, arXiv
1509.09308), sections 4.1 and 4.3; filters has the other side of it. All work on as many channels of
one tile as a register takes, first along the columns and then along the rows, by way of a scratch
area.
"""

from encoder.turbo.network.kernel.constants import LANES
from encoder.turbo.network.kernel.lanes import every, load, store
from encoder.turbo.numba_types import f4, strict_math, u8

_SIDE = 6
"""Numbers along a side of the larger tile, for which the scratch has room."""


@strict_math
def into_four(memory, at, step):
    a, b, c = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    at += u8(3) * step
    d, e, f = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    two, four, five = every(f4(2)), every(f4(4)), every(f4(5))
    even, odd = e - four * c, d - four * b
    small, turned = e - c, two * (d - b)
    return (
        four * a - five * c + e,
        even + odd,
        even - odd,
        small + turned,
        small - turned,
        four * b - five * d + f,
    )


@strict_math
def from_four(memory, at, step):
    a, b, c = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    at += u8(3) * step
    d, e, f = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    two, four, eights = every(f4(2)), every(f4(4)), every(f4(8))
    near, nearer = b + c, b - c
    far, farther = d + e, d - e
    return a + near + far, nearer + two * farther, near + four * far, nearer + eights * farther + f


@strict_math
def from_three(memory, at, step):
    a, b, c = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    at += u8(3) * step
    d, e, f = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
    two, four = every(f4(2)), every(f4(4))
    near, nearer = b + c, b - c
    far, farther = d + e, d - e
    return a + near + far, nearer + two * farther, near + four * far + f


@strict_math
def into_two(memory, at, step):
    a, b = load(memory, at), load(memory, at + step)
    at += u8(2) * step
    c, d = load(memory, at), load(memory, at + step)
    return a - c, b + c, c - b, b - d


@strict_math
def from_two(memory, at, step):
    a, b = load(memory, at), load(memory, at + step)
    at += u8(2) * step
    c, d = load(memory, at), load(memory, at + step)
    return a + b + c, b - c - d


def _taking(into, side):
    """Return what takes a tile of side × side numbers."""

    @strict_math
    def take(memory, at, line, channels, scratch, to, step):
        """Put a tile's transformed numbers, a register's channels, `step` apart."""
        for column in range(side):
            values = into(memory, at + u8(column) * channels, line)
            for row in range(side):
                store(memory, scratch + u8((row * _SIDE + column) * LANES()), values[row])
        for row in range(side):
            values = into(memory, scratch + u8(row * _SIDE * LANES()), u8(LANES()))
            for column in range(side):
                store(memory, to + u8(row * side + column) * step, values[column])

    return take


def _giving(out, side, edge):
    """Return what gives edge × edge results of side × side sums."""

    @strict_math
    def give(memory, at, step, scratch):
        """Put the results of sums `step` apart at the beginning of the scratch's lines."""
        for column in range(side):
            values = out(memory, at + u8(column) * step, u8(side) * step)
            for row in range(edge):
                store(memory, scratch + u8((row * _SIDE + column) * LANES()), values[row])
        for row in range(edge):
            line = scratch + u8(row * _SIDE * LANES())
            values = out(memory, line, u8(LANES()))
            for column in range(edge):
                store(memory, line + u8(column * LANES()), values[column])

    return give


take_four, give_four = _taking(into_four, 6), _giving(from_four, 6, 4)
take_two, give_two = _taking(into_two, 4), _giving(from_two, 4, 2)
give_three = _giving(from_three, 6, 3)


@strict_math
def take_phases(memory, at, line, scratch, to, step):
    """Put a tile's transformed numbers for filters of 7 × 7 with stride 2 `step` apart.

    Pixels of even and of odd lines and columns are channels of four pictures of half the size, and
    the filter is one of 4 × 4 for these. Two pixels fill a part of a register: what comes next
    overwrites the rest.
    """
    two_lines, two_pixels = line + line, u8(6)
    take_four(memory, at, two_lines, two_pixels, scratch, to, step)
    take_four(memory, at + line, two_lines, two_pixels, scratch, to + two_pixels, step)
