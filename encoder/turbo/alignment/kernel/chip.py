"""A face turned upright: dlib's `get_face_chip`."""

import math

import numpy as np

from encoder.turbo.alignment.kernel.reduction import reduced, room_for
from encoder.turbo.alignment.kernel.similarity import similarity
from encoder.turbo.numba_types import inlined, strict_math, u8

NUMBERS = np.arange(256.0)
"""What a byte is as a number: looked up in a third of the time that a conversion takes."""


@strict_math
def cut_chip(picture, points, marks, chip, room):
    """Fill the chip, uint8 (side, side, 3), so that landmarks come to their places in it.

    `picture` is its numbers, rows and columns, as reduction has it.
    `points` are x and y of all landmarks in the picture, `marks` the numbers of some of them and
    x and y of their places. What lies outside the picture is black. Returns 0; or, when the face is
    so large that it has to be reduced first, and the room (uint16) too small for that, how many
    numbers it needs.
    """
    which, places = marks
    side = chip.shape[0]
    a, b, c, d = similarity(places, points, which)
    scale = math.hypot(a, b)
    x, y = a * side / 2 - b * side / 2 + c, b * side / 2 + a * side / 2 + d
    along, half = (a / scale, b / scale), (side * scale - 1) / 2
    halvings = _halvings(side, scale)
    if halvings == 0:
        _cut(picture, (x, y), along, half, chip)
        return 0
    part = _around(picture, (x, y), along, half, halvings)
    needed = room_for(part)
    if needed > room.size:
        return needed
    x, y = x - part[0], y - part[1]
    for _ in range(halvings):
        x, y, half = x / 2 - 1.25, y / 2 - 0.75, half / 2
    _cut(reduced(picture, part, halvings, room), (x, y), along, half, chip)
    return 0


@strict_math
def _halvings(side, scale):
    """Return how often a face is reduced: as often as it stays larger than the chip."""
    count, width = 0, (side * scale + 1) / 2
    while width > side:
        count, width = count + 1, (width + 1) / 2
    return count


@strict_math
def _around(picture, center, along, half, halvings):
    """Return the part of a picture that a turned square needs: left, top, rows and columns."""
    border = 2.0
    for _ in range(halvings):
        border = 2 * border + 2
    reach = half * (abs(along[0]) + abs(along[1])) + border
    _, height, width = picture
    left = math.floor(max(center[0] - reach, 0.0) + 0.5)
    top = math.floor(max(center[1] - reach, 0.0) + 0.5)
    right = math.floor(min(center[0] + reach, width - 1.0) + 0.5)
    bottom = math.floor(min(center[1] + reach, height - 1.0) + 0.5)
    return left, top, max(bottom - top + 1, 0), max(right - left + 1, 0)


@strict_math
def _cut(picture, center, along, half, chip):
    """Fill the chip with a square around a center, of which a side goes along a direction."""
    side = chip.shape[0]
    right, down = along[0] * half, along[1] * half
    left_x, left_y = center[0] - right + down, center[1] - down - right
    step_x, step_y = 2 * right / (side - 1), 2 * down / (side - 1)
    numbers, height, width = picture
    for row in range(side):
        for column in range(side):
            x = left_x + column * step_x - row * step_y
            y = left_y + column * step_y + row * step_x
            if 0 <= x < width - 1 and 0 <= y < height - 1:
                blend(numbers, width, x, y, chip, row, column)
            else:
                for colour in range(3):
                    chip[row, column, colour] = 0


@inlined
def blend(numbers, width, x, y, chip, row, column):
    """Set a pixel of the chip to the mean of the four around a place, by their nearness."""
    left, top = int(x), int(y)
    x, y = x - left, y - top
    at, line = u8(3 * (top * width + left)), u8(3 * width)
    for colour in range(3):
        place = at + u8(colour)
        above = (1 - x) * NUMBERS[numbers[place]]
        above += x * NUMBERS[numbers[place + u8(3)]]
        below = (1 - x) * NUMBERS[numbers[place + line]]
        below += x * NUMBERS[numbers[place + line + u8(3)]]
        chip[u8(row), u8(column), colour] = int((1 - y) * above + y * below)
