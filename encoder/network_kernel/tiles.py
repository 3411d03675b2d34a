"""Winograd's tiles: from a picture to what is multiplied, and from the sums to a picture.

Of 6 × 6 numbers a tile makes 4 × 4 results with 36 products where a filter of 3 × 3 takes 144; of
4 × 4 it makes 2 × 2 with 16 instead of 36. The sums are those of Lavin and Gray, "Fast Algorithms
for Convolutional Neural Networks" (2016), sections 4.1 and 4.3; encoder/winograd.py has the
filters' side of it. Each function works on eight channels of one tile, first along the columns and
then along the rows.
"""

from encoder.network_kernel.lanes import eight, load, store
from encoder.network_kernel.sizes import exactly, f4, u8
from encoder.network_plan import LANES


@exactly
def into_four(a, b, c, d, e, f):
    two, four, five = eight(f4(2)), eight(f4(4)), eight(f4(5))
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


@exactly
def from_four(a, b, c, d, e, f):
    two, four, eights = eight(f4(2)), eight(f4(4)), eight(f4(8))
    near, nearer = b + c, b - c
    far, farther = d + e, d - e
    return a + near + far, nearer + two * farther, near + four * far, nearer + eights * farther + f


@exactly
def into_two(a, b, c, d):
    return a - c, b + c, c - b, b - d


@exactly
def from_two(a, b, c, d):
    return a + b + c, b - c - d


@exactly
def take_four(memory, at, line, channels, bench, to, step):
    """Put a tile's 36 numbers of eight channels `step` apart."""
    for column in range(6):
        place = at + u8(column) * channels
        values = into_four(
            load(memory, place),
            load(memory, place + line),
            load(memory, place + u8(2) * line),
            load(memory, place + u8(3) * line),
            load(memory, place + u8(4) * line),
            load(memory, place + u8(5) * line),
        )
        into = bench + u8(column * LANES)
        for row in range(6):
            store(memory, into + u8(row * 6 * LANES), values[row])
    for row in range(6):
        place = bench + u8(row * 6 * LANES)
        values = into_four(
            load(memory, place),
            load(memory, place + u8(LANES)),
            load(memory, place + u8(2 * LANES)),
            load(memory, place + u8(3 * LANES)),
            load(memory, place + u8(4 * LANES)),
            load(memory, place + u8(5 * LANES)),
        )
        for column in range(6):
            store(memory, to + u8(row * 6 + column) * step, values[column])


@exactly
def give_four(memory, at, step, bench):
    """Put the 4 × 4 results of 36 sums `step` apart at the beginning of the bench."""
    for column in range(6):
        place = at + u8(column) * step
        values = from_four(
            load(memory, place),
            load(memory, place + u8(6) * step),
            load(memory, place + u8(12) * step),
            load(memory, place + u8(18) * step),
            load(memory, place + u8(24) * step),
            load(memory, place + u8(30) * step),
        )
        into = bench + u8(column * LANES)
        for row in range(4):
            store(memory, into + u8(row * 6 * LANES), values[row])
    for row in range(4):
        place = bench + u8(row * 6 * LANES)
        values = from_four(
            load(memory, place),
            load(memory, place + u8(LANES)),
            load(memory, place + u8(2 * LANES)),
            load(memory, place + u8(3 * LANES)),
            load(memory, place + u8(4 * LANES)),
            load(memory, place + u8(5 * LANES)),
        )
        for column in range(4):
            store(memory, place + u8(column * LANES), values[column])


@exactly
def take_two(memory, at, line, channels, bench, to, step):
    """Put a tile's 16 numbers of eight channels `step` apart."""
    for column in range(4):
        place = at + u8(column) * channels
        values = into_two(
            load(memory, place),
            load(memory, place + line),
            load(memory, place + u8(2) * line),
            load(memory, place + u8(3) * line),
        )
        into = bench + u8(column * LANES)
        for row in range(4):
            store(memory, into + u8(row * 6 * LANES), values[row])
    for row in range(4):
        place = bench + u8(row * 6 * LANES)
        values = into_two(
            load(memory, place),
            load(memory, place + u8(LANES)),
            load(memory, place + u8(2 * LANES)),
            load(memory, place + u8(3 * LANES)),
        )
        for column in range(4):
            store(memory, to + u8(row * 4 + column) * step, values[column])


@exactly
def give_two(memory, at, step, bench):
    """Put the 2 × 2 results of 16 sums `step` apart at the beginning of the bench."""
    for column in range(4):
        place = at + u8(column) * step
        values = from_two(
            load(memory, place),
            load(memory, place + u8(4) * step),
            load(memory, place + u8(8) * step),
            load(memory, place + u8(12) * step),
        )
        into = bench + u8(column * LANES)
        for row in range(2):
            store(memory, into + u8(row * 6 * LANES), values[row])
    for row in range(2):
        place = bench + u8(row * 6 * LANES)
        values = from_two(
            load(memory, place),
            load(memory, place + u8(LANES)),
            load(memory, place + u8(2 * LANES)),
            load(memory, place + u8(3 * LANES)),
        )
        for column in range(2):
            store(memory, place + u8(column * LANES), values[column])
