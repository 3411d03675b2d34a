"""Winograd's filters: from their own numbers to those that a tile's transformed numbers are times.

Made in every run, a panel at a time: a network's own weights are a quarter of these, and take as
long to come from memory as multiplying with them takes. A filter is a polynomial, and its factors
are the values at 0, 1, -1, 2, -2 and infinity; tiles has the other side, and where it is from.
"""

from encoder.turbo.network.kernel.constants import LANES, PANEL
from encoder.turbo.network.kernel.lanes import every, fused, load, store
from encoder.turbo.numba_types import f4, inlined, strict_math, u8


@inlined
def to_four(a, b, c):
    near, nearer = every(f4(-1 / 6)) * (a + c), every(f4(1 / 6)) * b
    far = fused(every(f4(1 / 24)), a, every(f4(1 / 6)) * c)
    farther = every(f4(1 / 12)) * b
    return every(f4(1 / 4)) * a, near - nearer, near + nearer, far + farther, far - farther, c


@inlined
def to_three(a, b, c, d):
    near, nearer = every(f4(-1 / 6)) * (a + c), every(f4(1 / 6)) * (b + d)
    far = fused(every(f4(1 / 24)), a, every(f4(1 / 6)) * c)
    farther = fused(every(f4(1 / 12)), b, every(f4(1 / 3)) * d)
    return every(f4(1 / 4)) * a, near - nearer, near + nearer, far + farther, far - farther, d


@inlined
def to_two(a, b, c):
    half = every(f4(0.5))
    outer, inner = half * (a + c), half * b
    return a, outer + inner, outer - inner, c


def _turning(into, side):
    """Return what turns a panel's filters of 3 × 3 into factors for tiles of side × side."""

    @inlined
    def column(weights, at):
        one, other = load(weights, at), load(weights, at + u8(3 * PANEL()))
        return into(one, other, load(weights, at + u8(6 * PANEL())))

    @strict_math
    def turn(weights, at, channels, memory, to):
        """Put the factors (places, channels, PANEL) of filters (channels, 3, 3, PANEL)."""
        # one more: else all places share a few lines of a cache
        step = u8((channels + 1) * PANEL())
        for _ in range(channels):
            for half in range(0, PANEL(), LANES()):
                place, target = at + u8(half), to + u8(half)
                left = column(weights, place)
                middle = column(weights, place + u8(PANEL()))
                right = column(weights, place + u8(2 * PANEL()))
                for row in range(side):
                    values = into(left[row], middle[row], right[row])
                    for number in range(side):
                        store(memory, target, values[number])
                        target += step
            at += u8(9 * PANEL())
            to += u8(PANEL())

    return turn


turn_four, turn_two = _turning(to_four, 6), _turning(to_two, 4)


@inlined
def _column_of_four(weights, at):
    one, other = load(weights, at), load(weights, at + u8(4 * PANEL()))
    third = load(weights, at + u8(8 * PANEL()))
    return to_three(one, other, third, load(weights, at + u8(12 * PANEL())))


@strict_math
def turn_three(weights, at, channels, memory, to):
    """Put the factors (36, channels, PANEL) of filters (channels, 4, 4, PANEL)."""
    step = u8((channels + 1) * PANEL())
    for _ in range(channels):
        for half in range(0, PANEL(), LANES()):
            place, target = at + u8(half), to + u8(half)
            first = _column_of_four(weights, place)
            second = _column_of_four(weights, place + u8(PANEL()))
            third = _column_of_four(weights, place + u8(2 * PANEL()))
            fourth = _column_of_four(weights, place + u8(3 * PANEL()))
            for row in range(6):
                values = to_three(first[row], second[row], third[row], fourth[row])
                for number in range(6):
                    store(memory, target, values[number])
                    target += step
        at += u8(16 * PANEL())
        to += u8(PANEL())
