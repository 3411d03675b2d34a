"""Where the landmarks are: V. Kazemi and J. Sullivan, "One millisecond face alignment" (2014).

A cascade of forests: each compares pixels around the landmarks as far as they are known, and each
of its trees moves them a little. First every tree chooses its leaf, which is fetched meanwhile:
leaves come from afar, and dlib waits for each.
"""

import math

from encoder.turbo.alignment.forests import LINE
from encoder.turbo.alignment.kernel.similarity import similarity
from encoder.turbo.network.kernel.constants import LANES
from encoder.turbo.network.kernel.lanes import fetch, load, store
from encoder.turbo.numba_types import f4, f8, strict_math, u8


@strict_math
def find_landmarks(picture, box, table, memory, points):
    """Put x and y of the landmarks into `points`, in pixels of the picture.

    `picture` is uint8 (h, w, 3), `box` its left, top, right and bottom, inclusive. `table` is
    that of `forests.landmark_table`, as integers and as floats; `memory` is room for a forest's
    pixels and the landmarks, for its trees' leaves, and the numbers of all landmarks from 0 on.
    """
    words, numbers = table
    forests, trees, levels, pixels = words[0], words[1], words[2], words[3]
    width = _lines(points.size)
    floats, leaves, every = memory
    intensities, shape = floats[:pixels], floats[pixels : pixels + width]
    mean = numbers[LINE : LINE + width]
    for number in range(width):
        shape[number] = mean[number]
    at = LINE + width
    places, splits = _lines(3 * pixels), _lines(2 * trees * ((1 << levels) - 1))
    forest_leaves = at + forests * (places + splits)
    for _ in range(forests):
        compare(picture, box, (words, numbers), at, (mean, shape, every), intensities)
        at += places
        choose((words, numbers), at, (trees, levels, width), forest_leaves, intensities, leaves)
        at += splits
        forest_leaves += trees * (width << levels)
        add(numbers, leaves, trees, shape)
    for number in range(0, points.size, 2):
        x, y = _in_pixels(box, f8(shape[number]), f8(shape[number + 1]))
        points[number], points[number + 1] = x, y


@strict_math
def add(numbers, leaves, trees, shape):
    """Move the landmarks by each tree's leaf, in the order of the trees."""
    for first in range(0, shape.size, LANES()):
        part = u8(first)
        moved = load(shape, part)
        for tree in range(trees):
            moved = moved + load(numbers, u8(leaves[tree]) + part)
        store(shape, part, moved)


@strict_math
def _lines(words):
    return (words + LINE - 1) // LINE * LINE


@strict_math
def _in_pixels(box, x, y):
    """Return the pixel of a place in the box, whose sides are 1."""
    left, top, right, bottom = box
    return (
        math.floor(x * f8(right - left) + f8(left) + 0.5),
        math.floor(y * f8(bottom - top) + f8(top) + 0.5),
    )


@strict_math
def compare(picture, box, table, at, shapes, intensities):
    """Put the intensities of a forest's pixels, which move with the landmarks, into the memory."""
    words, numbers = table
    mean, shape, every = shapes
    height, width = picture.shape[:2]
    a, b, _, _ = similarity(mean, shape, every)
    a, b = f4(a), f4(b)
    for pixel in range(intensities.size):
        place = u8(at + 3 * pixel)
        landmark = u8(2 * words[place])
        right, down = numbers[place + u8(1)], numbers[place + u8(2)]
        across, along = a * right - b * down, b * right + a * down
        x = f8(across + shape[landmark])
        x, y = _in_pixels(box, x, f8(along + shape[landmark + u8(1)]))
        total = u8(0)
        if 0 <= x < width and 0 <= y < height:
            for colour in range(3):
                total += u8(picture[u8(y), u8(x), colour])
        intensities[pixel] = f4(total // u8(3))


@strict_math
def choose(table, at, sizes, first, intensities, leaves):
    """Put where each tree's leaf is in the table into `leaves`."""
    words, numbers = table
    trees, levels, width = sizes
    inner = u8((1 << levels) - 1)
    at, first = u8(at), u8(first)
    for tree in range(trees):
        split = u8(0)
        for _ in range(levels):
            place = at + u8(2) * split
            pair = u8(words[place])
            difference = intensities[pair >> u8(16)] - intensities[pair & u8(0xFFFF)]
            split = u8(2) * split + u8(2) - u8(difference > numbers[place + u8(1)])
        leaf = first + (split - inner) * u8(width)
        leaves[tree] = leaf
        for line in range(0, width, LINE):
            fetch(numbers, leaf + u8(line))
        at += u8(2) * inner
        first += u8(width) << u8(levels)
