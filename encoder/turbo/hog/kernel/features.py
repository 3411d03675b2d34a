"""From histograms to 31 planes of features with a border for the filters.

Lines are worked on in whole vectors: what comes out behind their ends is cleared or never read.
"""

import math

from encoder.turbo.hog.kernel.sizes import BEFORE, FEATURES, LINES, line_of
from encoder.turbo.numba_types import f4, fast_math, u8


@fast_math
def orientations(lines, length, energy):
    """Put the sums of opposite directions behind the directions, and their squares in `energy`."""
    energy = energy[:length]
    energy[:] = 0
    for orientation in range(9):
        one = lines[orientation * length :][:length]
        opposite = lines[(orientation + 9) * length :][:length]
        both = lines[(orientation + 18) * length :][:length]
        for x in range(length):
            both[x] = one[x] + opposite[x]
            energy[x] += both[x] * both[x]


@fast_math
def features(histogram, rows, columns, energy, scratch, planes, stride):
    """Fill 31 planes of rows + 7 lines and the border around them."""
    length = line_of(columns)
    width = length - 8
    size = (rows + 8) * stride
    for row in range(rows):
        orientations(histogram[row * LINES * length :], length, energy[row * length :])
    for row in range(rows - 2):
        normalise(energy, length, row, width, scratch)
        lines = u8((row + 1) * LINES * length + 1)
        out = u8((row + BEFORE) * stride + BEFORE)
        for line in range(LINES):
            place = lines + u8(line * length)
            directed(histogram, place, scratch, u8(width), planes, out + u8(line * size))
        for block in range(4):
            into = out + u8((LINES + block) * size)
            texture(histogram, lines, u8(length), scratch, u8(block), u8(width), planes, into)
    clear_borders(planes, size, stride, rows - 2, columns - 2)


@fast_math
def clear_borders(planes, size, stride, rows, width):
    for feature in range(FEATURES):
        plane = planes[feature * size : (feature + 1) * size]
        plane[: BEFORE * stride] = 0
        plane[(rows + BEFORE) * stride :] = 0
        for row in range(BEFORE, rows + BEFORE):
            plane[row * stride : row * stride + BEFORE] = 0
            plane[row * stride + BEFORE + width : (row + 1) * stride] = 0


@fast_math
def normalise(energy, length, row, width, scratch):
    """Say for each cell and each of the four blocks that it is part of what caps and scales it."""
    for block in range(4):
        up, left = block & 1, block >> 1
        upper = energy[(row + 1 - up) * length + 1 - left :][: width + 1]
        lower = energy[(row + 2 - up) * length + 1 - left :][: width + 1]
        cap, factor = scratch[block * width :][:width], scratch[(4 + block) * width :][:width]
        for x in range(width):
            total = upper[x] + upper[x + 1] + lower[x] + lower[x + 1]
            cap[x] = f4(0.2) * f4(math.sqrt(total + f4(1e-4)))
            factor[x] = f4(0.1) / cap[x]


@fast_math
def directed(histogram, line, caps, width, planes, out):
    two, three = width + width, width + width + width
    four, five, six, seven = two + two, two + three, three + three, two + two + three
    for x in range(width):
        value = histogram[line + x]
        planes[out + x] = (
            min(value, caps[x]) * caps[four + x]
            + min(value, caps[width + x]) * caps[five + x]
            + min(value, caps[two + x]) * caps[six + x]
            + min(value, caps[three + x]) * caps[seven + x]
        )


@fast_math
def texture(histogram, lines, length, caps, block, width, planes, out):
    cap, factor = block * width, (u8(4) + block) * width
    for x in range(width):
        planes[out + x] = f4(0)
    for group in range(6):
        one = lines + u8(3 * group) * length
        two, three = one + length, one + length + length
        for x in range(width):
            most = caps[cap + x]
            planes[out + x] += (
                min(histogram[one + x], most)
                + min(histogram[two + x], most)
                + min(histogram[three + x], most)
            )
    for x in range(width):
        planes[out + x] *= caps[factor + x] * f4(0.4714)
