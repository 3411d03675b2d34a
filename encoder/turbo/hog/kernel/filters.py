"""Scores of filters: approximate ones of every window, exact ones of those that deserve it."""

from encoder.turbo.hog.kernel.sizes import FEATURES, WINDOW
from encoder.turbo.numba_types import f4, fast_math, strict_math, u8

_BLOCK = 256
_BAND = 16
"""What is worked on at once, floats of 31 planes and lines of one: what the nearest cache holds."""


@fast_math
def add(sums, out, values, at, step, weights, first, count):
    """sums[out + i] += sum of weights[first + k] * values[at + i + k * step] over ten k."""
    w0, w1, w2 = weights[first], weights[first + u8(1)], weights[first + u8(2)]
    w3, w4, w5 = weights[first + u8(3)], weights[first + u8(4)], weights[first + u8(5)]
    w6, w7, w8 = weights[first + u8(6)], weights[first + u8(7)], weights[first + u8(8)]
    w9 = weights[first + u8(9)]
    at1 = at + step
    at2, at3 = at1 + step, at1 + step + step
    at4, at5, at6 = at2 + (at2 - at), at3 + (at2 - at), at3 + (at3 - at)
    at7, at8, at9 = at6 + step, at6 + (at2 - at), at6 + (at3 - at)
    for i in range(count):
        sums[out + i] += (
            (w0 * values[at + i] + w1 * values[at1 + i] + w2 * values[at2 + i])
            + (w3 * values[at3 + i] + w4 * values[at4 + i] + w5 * values[at5 + i])
            + (w6 * values[at6 + i] + w7 * values[at7 + i] + w8 * values[at8 + i])
            + w9 * values[at9 + i]
        )


@fast_math
def clear(values, at, count):
    for i in range(count):
        values[at + i] = f4(0)


@fast_math
def mix_planes(planes, size, mix, mixes):
    """mixes = mix @ planes, in blocks that stay in the nearest cache."""
    for start in range(0, size, _BLOCK):
        count = u8(min(_BLOCK, size - start))
        last = u8(30 * size + start)
        for number in range(len(mix) // FEATURES):
            first, out = u8(number * FEATURES), u8(number * size + start)
            weight = mix[first + u8(30)]
            for i in range(count):
                mixes[out + i] = weight * planes[last + i]
            for feature in range(0, 30, WINDOW):
                at, weights = u8(feature * size + start), first + u8(feature)
                add(mixes, out, planes, at, u8(size), mix, weights, count)


@fast_math
def approximate(mixes, size, stride, rows, filters, planes, factors, lines, totals):
    """Sum the separable terms, ten factors down, then ten across, band after band of rows."""
    last = u8(WINDOW - 1)
    for row in range(0, rows, _BAND):
        start, count = u8(row * stride), u8(min(_BAND, rows - row) * stride)
        for number in range(filters[-1] + 1):
            clear(totals, u8(number * size) + start, count)
        for term in range(len(filters)):
            clear(lines, u8(0), count + last)
            down = u8(term * 2 * WINDOW)
            at, out = u8(planes[term] * size) + start, u8(filters[term] * size) + start
            add(lines, u8(0), mixes, at, u8(stride), factors, down, count)
            add(totals, out, lines, u8(0), u8(1), factors, down + u8(WINDOW), count)


@fast_math
def look(planes, size, stride, at, window):
    """Copy the features of one place."""
    for line in range(FEATURES * WINDOW):
        start, out = u8(line // WINDOW * size + line % WINDOW * stride + at), u8(line * WINDOW)
        for k in range(u8(WINDOW)):
            window[out + k] = planes[start + k]


@fast_math
def exact(window, weights):
    total = f4(0)
    for i in range(len(window)):
        total += window[i] * weights[i]
    return total


@fast_math
def highest(values, at, count):
    most = values[at]
    for i in range(count):
        most = max(most, values[at + i])
    return most


@strict_math
def promising(totals, size, at, width, limits, margin):
    """Return whether any window of a row may reach a limit."""
    for number in range(len(limits)):
        if highest(totals, u8(number * size + at), u8(width)) >= f4(limits[number] - margin):
            return True
    return False


@strict_math
def score(planes, totals, shape, stride, level, model, limits, margin, window, found, count):
    """Append filter, level, row, column and score of each window that reaches its limit.

    Return how many there are, though `found` may have no room for all.
    """
    rows, width = shape
    size = (rows + 10) * stride
    for row in range(rows):
        if not promising(totals, size, row * stride, width, limits, margin):
            continue
        for column in range(width):
            at = row * stride + column
            looked = False
            for number in range(len(limits)):
                if totals[number * size + at] < f4(limits[number] - margin):
                    continue
                if not looked:
                    look(planes, size, stride, at, window)
                    looked = True
                reached = exact(window, model[number * len(window) :][: len(window)])
                if reached >= limits[number]:
                    if (count + 1) * 5 <= len(found):
                        out = found[count * 5 :]
                        out[0], out[1], out[2], out[3] = number, level, row, column
                        out[4] = reached
                    count += 1
    return count
