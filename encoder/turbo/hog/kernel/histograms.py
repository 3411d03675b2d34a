"""From pixels to histograms of the gradient's 18 directions in cells of 8 × 8 pixels."""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from encoder.turbo.hog.kernel.sizes import (
    CELL,
    CELL_SUMS,
    CORNERS,
    DIRECTIONS,
    LINES,
    cells,
    line_of,
)
from encoder.turbo.numba_types import f4, strict_math


@intrinsic
def _add_weighted(_typing: Any, sums: Any, at: Any, value: Any, weights: Any, which: Any) -> Any:
    """sums[at : at + 4] += value * weights[which : which + 4], in one vector."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, at, value, weights, which = arguments
        four = ir.VectorType(ir.FloatType(), CORNERS)

        def place(kind: Any, array: Any, index: Any) -> Any:
            data = context.make_array(kind)(context, builder, array).data
            return builder.bitcast(builder.gep(data, [index]), four.as_pointer())

        target = place(signature.args[0], sums, at)
        factors = builder.load(place(signature.args[3], weights, which), align=4)
        nothing = ir.Constant(four, ir.Undefined)
        first = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
        all_first = ir.Constant(ir.VectorType(ir.IntType(32), CORNERS), [0] * CORNERS)
        product = builder.fmul(builder.shuffle_vector(first, nothing, all_first), factors)
        builder.store(builder.fadd(builder.load(target, align=4), product), target, align=4)
        return context.get_dummy_value()

    return types.void(sums, at, value, weights, which), build


@strict_math
def gradients(above, row, below, count, bins, lengths):
    """Tell length and direction of the gradient at the pixels 1 … count of a row.

    Which of dlib's nine directions is nearest follows from comparing its four-digit cosines: the
    products are whole numbers below 2^24 and so exact.
    """
    zero, one = f4(0), f4(1)
    lefts, rights = row[0:count], row[2 : 2 + count]
    ups, downs = above[1 : 1 + count], below[1 : 1 + count]
    for x in range(count):
        across = f4(rights[x]) - f4(lefts[x])
        down = f4(downs[x]) - f4(ups[x])
        run = abs(across)
        rise = abs(down)
        steepness = (
            (one if rise * f4(3420) > run * f4(603) else zero)
            + (one if rise * f4(3008) > run * f4(1737) else zero)
            + (one if rise * f4(2232) > run * f4(2660) else zero)
            + (one if rise * f4(1188) > run * f4(3264) else zero)
        )
        leftwards = across * f4(512) + down < zero
        turned = -steepness if leftwards ^ (down < zero) else steepness
        direction = turned + (f4(9) if leftwards else zero)
        direction = direction + f4(DIRECTIONS) if direction < zero else direction
        bins[x] = np.int32(direction * f4(CORNERS))
        lengths[x] = f4(math.sqrt(across * across + down * down))


@strict_math
def histograms(picture, height, width, weights, sums, bins, lengths, histogram):
    """Fill the histograms, shape (rows of cells, 27, columns of cells), but for the last 9 lines.

    Pixels between the same four centres of cells go to the same four cells: they are summed
    together, four weighted sums a direction, and each cell then takes its share of four groups.
    """
    rows, columns = cells(height), cells(width)
    last_y, last_x = min(rows * CELL, height) - 1, min(columns * CELL, width) - 1
    size = (columns + 1) * CELL_SUMS
    half = CELL // 2
    bins[: (columns + 1) * CELL] = 0
    lengths[: (columns + 1) * CELL] = 0
    for group in range(rows + 1):
        current = sums[(group & 1) * size : (group & 1) * size + size]
        current[:] = 0
        for y in range(max(CELL * group - half, 1), min(CELL * group + half, last_y)):
            above, row, below = (
                picture[(y - 1) * width :],
                picture[y * width :],
                picture[(y + 1) * width :],
            )
            gradients(above, row, below, last_x - 1, bins[half + 1 :], lengths[half + 1 :])
            first = ((y + half) & (CELL - 1)) * CELL * CORNERS
            for column in range(columns + 1):
                for k in range(CELL):
                    x = column * CELL + k
                    at = column * CELL_SUMS + bins[x]
                    _add_weighted(current, at, lengths[x], weights, first + CORNERS * k)
        if group > 0:
            before = sums[(1 - (group & 1)) * size :]
            share_out(before, current, columns, histogram[(group - 1) * LINES * line_of(columns) :])


@strict_math
def share_out(before, current, columns, lines):
    length = line_of(columns)
    for column in range(columns):
        for direction in range(DIRECTIONS):
            at = column * CELL_SUMS + direction * CORNERS
            lines[direction * length + column] = (
                current[at + CELL_SUMS] + before[at + CELL_SUMS + 1]
            ) + (current[at + 2] + before[at + 3])
