"""The kernel's entry: the search of a whole picture; compiled for LLVM here."""

import numpy as np
from numba import cfunc, types
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from encoder.turbo.hog.kernel.features import features
from encoder.turbo.hog.kernel.filters import approximate, mix_planes, score
from encoder.turbo.hog.kernel.histograms import histograms
from encoder.turbo.hog.kernel.pyramid import shrink
from encoder.turbo.hog.kernel.sizes import (
    BEFORE,
    CELL,
    CELL_SUMS,
    CORNERS,
    FEATURES,
    LINES,
    WINDOW,
    cells,
    line_of,
    stride_of,
)
from encoder.turbo.numba_types import BYTES, DOUBLES, FLOATS, PAIRS, WORDS, f4, strict_math


@strict_math
def claim(at, size):
    """Return where the next part of the memory starts: parts begin at whole cache lines."""
    return at + (size + 47) // 16 * 16


@strict_math
def search(picture, height, width, levels, tables, memory, found):
    """Append each window that reaches its filter's limit; return how many there are.

    Returns the negative of how many floats the memory must have when it has less.
    """
    weights, model, limits, margin, mix, filters, planes_read, factors = tables
    octets, pairs, integers, floats = memory
    rows, columns = cells(height), cells(width)
    size = (rows + 8) * stride_of(columns)
    # where each part begins, in units of 4 bytes
    sums = 0
    lengths = claim(sums, 2 * (columns + 1) * CELL_SUMS)
    bins = claim(lengths, (columns + 2) * CELL)
    histogram = claim(bins, (columns + 2) * CELL)
    energy = claim(histogram, rows * line_of(columns) * LINES)
    scratch = claim(energy, rows * line_of(columns))
    planes = claim(scratch, 8 * line_of(columns))
    mixes = claim(planes, FEATURES * size)
    lines = claim(mixes, len(mix) // FEATURES * size)
    totals = claim(lines, size)
    window = claim(totals, len(limits) * size)
    lefts = claim(window, FEATURES * WINDOW * WINDOW)
    fractions = claim(lefts, width + 4)
    two_lines = claim(fractions, width + 4)
    even = claim(two_lines, width + 4)
    odd = claim(even, height * width // 4)
    end = claim(odd, height * width // 4)
    if end > len(floats):
        return -end
    count = 0
    for level in range(levels):
        if level > 0:
            new_height, new_width = 5 * height // 6, 5 * width // 6
            target = octets[4 * (odd if level & 1 else even) :]
            shrink(
                picture,
                height,
                width,
                target,
                new_height,
                new_width,
                integers[lefts:],
                floats[fractions:],
                pairs[2 * two_lines :],
            )
            picture, height, width = target, new_height, new_width
        rows, columns = cells(height), cells(width)
        if rows < 3 or columns < 3:
            continue
        histograms(
            picture,
            height,
            width,
            weights,
            floats[sums:],
            integers[bins:],
            floats[lengths:],
            floats[histogram:],
        )
        stride = stride_of(columns)
        size = (rows + 8) * stride
        features(
            floats[histogram:],
            rows,
            columns,
            floats[energy:],
            floats[scratch:],
            floats[planes:],
            stride,
        )
        mix_planes(floats[planes:], size, mix, floats[mixes:])
        approximate(
            floats[mixes:],
            size,
            stride,
            rows - 2,
            filters,
            planes_read,
            factors,
            floats[lines:],
            floats[totals:],
        )
        count = score(
            floats[planes:],
            floats[totals:],
            (rows - 2, columns - 2),
            stride,
            level,
            model,
            limits,
            margin,
            floats[window : window + FEATURES * WINDOW * WINDOW],
            found,
            count,
        )
    return count


def features_of(picture: NDArray[np.uint8], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the features of a picture's cells, shape (31, rows, columns)."""
    height, width = picture.shape
    rows, columns = int(height / CELL + 0.5), int(width / CELL + 0.5)
    sums = np.empty(2 * (columns + 1) * CELL_SUMS, f4)
    bins, lengths = np.empty((columns + 2) * CELL, np.int32), np.empty((columns + 2) * CELL, f4)
    histogram = np.empty(rows * LINES * line_of(columns), f4)
    histograms(picture.ravel(), height, width, weights, sums, bins, lengths, histogram)
    stride = stride_of(columns)
    planes = np.empty((FEATURES, rows + 8, stride), f4)
    length = line_of(columns)
    energy, scratch = np.empty((rows + 1) * length, f4), np.empty(8 * length, f4)
    features(histogram, rows, columns, energy, scratch, planes.ravel(), stride)
    return planes[:, BEFORE : BEFORE + rows - 2, BEFORE : BEFORE + columns - 2]


_SIGNATURE = types.int64(
    *(BYTES, types.int64, types.int64, types.int64),
    *(FLOATS, FLOATS, DOUBLES, types.int64, types.float64),
    *(FLOATS, types.int64, WORDS, WORDS, FLOATS, types.int64),
    *(BYTES, PAIRS, WORDS, FLOATS, types.int64),
    *(DOUBLES, types.int64),
)


def intermediate_code() -> tuple[str, str]:
    """Compile `search`; return its name and its code for LLVM, optimised for this processor."""

    @cfunc(_SIGNATURE, error_model="numpy")
    def kernel(
        picture,
        height,
        width,
        levels,
        weights,
        model,
        limits,
        limit_count,
        margin,
        mix,
        mixes,
        filters,
        planes,
        factors,
        terms,
        octets,
        pairs,
        integers,
        floats,
        room,
        found,
        found_room,
    ):
        tables = (
            carray(weights, (CELL * CELL * CORNERS,)),
            carray(model, (limit_count * FEATURES * WINDOW * WINDOW,)),
            carray(limits, (limit_count,)),
            margin,
            carray(mix, (mixes * FEATURES,)),
            carray(filters, (terms,)),
            carray(planes, (terms,)),
            carray(factors, (terms * 2 * WINDOW,)),
        )
        memory = (
            carray(octets, (4 * room,)),
            carray(pairs, (2 * room,)),
            carray(integers, (room,)),
            carray(floats, (room,)),
        )
        source = carray(picture, (height * width,))
        windows = carray(found, (5 * found_room,))
        return search(source, height, width, levels, tables, memory, windows)

    return kernel.native_name, kernel.inspect_llvm()
