"""The levels of a pyramid: each has 5/6 of the size of the one before."""

import numpy as np

from encoder.turbo.numba_types import f4, strict_math


@strict_math
def lay_out(width, new_width, lefts, fractions):
    """Say between which columns each column of the smaller picture lies; return for how many.

    The column moves in steps of four in single precision, as in dlib's vector loop.
    """
    scale = (width - 1) / max(new_width - 1, 1)
    step = f4(4 * scale)
    first = f4(-4 * scale)
    second = f4(-4 * scale + scale)
    third = f4(-4 * scale + 2 * scale)
    fourth = f4(-4 * scale + 3 * scale)
    count = 0
    while True:
        first, second, third, fourth = first + step, second + step, third + step, fourth + step
        if int(fourth) + 1 >= width:
            return min(count, new_width)
        for x in (first, second, third, fourth):
            lefts[count] = int(x)
            fractions[count] = x - f4(int(x))
            count += 1


@strict_math
def pair_up(row, lefts, count, pairs):
    """Put the two pixels between which each new column lies side by side."""
    for x in range(count):
        left = np.uint64(lefts[x])
        pairs[x] = np.uint16(row[left]) | (np.uint16(row[left + np.uint64(1)]) << np.uint16(8))


@strict_math
def blend(upper, lower, fractions, above, below, count, out):
    one, half, byte, eight = f4(1), f4(0.5), np.int32(255), np.int32(8)
    for x in range(count):
        right = fractions[x]
        left = one - right
        two_above = np.int32(upper[x])
        two_below = np.int32(lower[x])
        value = (
            (above * left) * f4(two_above & byte)
            + (above * right) * f4(two_above >> eight)
            + (below * left) * f4(two_below & byte)
            + (below * right) * f4(two_below >> eight)
        )
        out[x] = np.uint8(np.int32(value + half))


@strict_math
def blend_rest(upper, lower, below, width, new_width, count, out):
    """The last columns, which dlib does in double precision and truncates."""
    scale = (width - 1) / max(new_width - 1, 1)
    x = -scale + count * scale
    for column in range(count, new_width):
        x += scale
        left = int(x)
        right = min(left + 1, width - 1)
        part = f4(x - left)
        rest = f4(1) - part
        value = (1 - below) * (rest * f4(upper[left]) + part * f4(upper[right])) + below * (
            rest * f4(lower[left]) + part * f4(lower[right])
        )
        out[column] = np.uint8(int(f4(value)))


@strict_math
def shrink(source, height, width, target, new_height, new_width, lefts, fractions, pairs):
    """Make the next level: bilinear between corners, 5/6 of the size."""
    count = lay_out(width, new_width, lefts, fractions)
    scale = (height - 1) / max(new_height - 1, 1)
    y = -scale
    paired = -1
    for row in range(new_height):
        y += scale
        top = int(y)
        bottom = min(top + 1, height - 1)
        for line in range(max(paired + 1, top), bottom + 1):
            pair_up(source[line * width :], lefts, count, pairs[(line & 1) * new_width :])
        paired = bottom
        upper = pairs[(top & 1) * new_width :]
        lower = pairs[(bottom & 1) * new_width :]
        out = target[row * new_width :]
        blend(upper, lower, fractions, f4(1 - (y - top)), f4(y - top), count, out)
        upper_pixels = source[top * width :]
        lower_pixels = source[bottom * width :]
        blend_rest(upper_pixels, lower_pixels, y - top, width, new_width, count, out)
