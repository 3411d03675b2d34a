"""dlib's `pyramid_down<2>`: pictures of half the size, smoothed by the binomial 1 4 6 4 1.

A picture is here its numbers, row by row with the three colours innermost, its rows and columns.
"""

from encoder.turbo.numba_types import strict_math, u4, u8

_SMALLEST = 8
"""Pixels of a side of which dlib leaves nothing."""


@strict_math
def room_for(part):
    """Return how many numbers `reduced` needs room for."""
    _, _, rows, columns = part
    fewer, narrower = _half(rows, columns)
    return 3 * narrower * (rows + 2 * fewer)


@strict_math
def reduced(picture, part, times, room):
    """Return a part of a picture (left, top, rows, columns), halved one or more times.

    It lies in the room, uint16, behind the sums of which it was made.
    """
    numbers, _, width = picture
    left, top, rows, columns = part
    fewer, narrower = _half(rows, columns)
    at = 3 * rows * narrower
    level = room[at : at + 3 * fewer * narrower]
    _halve((numbers[3 * (top * width + left) :], rows, width), room, (level, fewer, narrower))
    for _ in range(1, times):
        at += level.size
        larger, rows, columns = level, fewer, narrower
        fewer, narrower = _half(rows, columns)
        level = room[at : at + 3 * fewer * narrower]
        _halve((larger, rows, columns), room, (level, fewer, narrower))
    return level, fewer, narrower


@strict_math
def _half(rows, columns):
    """Return rows and columns of a picture of half the size."""
    if rows <= _SMALLEST or columns <= _SMALLEST:
        return 0, 0
    return (rows - 3) // 2, (columns - 3) // 2


@strict_math
def _halve(picture, sums, target):
    """Fill the target with as much of the picture as it has room for, at half the size."""
    numbers, rows, columns = picture
    smaller, fewer, narrower = target
    width = u8(3 * narrower)
    for row in range(rows):
        for column in range(narrower):
            for colour in range(3):
                at = u8(3 * (row * columns + 2 * column) + colour)
                total = _weighed(numbers, at, u8(3))
                sums[u8(row) * width + u8(3 * column + colour)] = total
    for row in range(fewer):
        for number in range(width):
            total = _weighed(sums, u8(2 * row) * width + u8(number), width)
            smaller[u8(row) * width + u8(number)] = total >> u4(8)


@strict_math
def _weighed(numbers, at, step):
    """Return the sum of five numbers, each a step behind the one before."""
    one, five = u4(numbers[at]), u4(numbers[at + u8(4) * step])
    two, four = u4(numbers[at + step]), u4(numbers[at + u8(3) * step])
    return one + u4(4) * (two + four) + u4(6) * u4(numbers[at + u8(2) * step]) + five
