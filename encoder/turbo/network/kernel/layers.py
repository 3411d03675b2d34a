"""The layers of the network: each takes one step of a plan and works in its memory.

`encoder/turbo/network/steps.py` says what the fields of a step are.
"""

import math

from encoder.turbo.network.kernel.constants import LANES, NO_BIASES_AT, PANEL, SPARE_AT
from encoder.turbo.network.kernel.filters import turn_four, turn_three, turn_two
from encoder.turbo.network.kernel.lanes import every, larger, load, store
from encoder.turbo.network.kernel.product import product
from encoder.turbo.network.kernel.tiles import (
    give_four,
    give_three,
    give_two,
    take_four,
    take_phases,
    take_two,
)
from encoder.turbo.network.steps import PHASES, SLACK
from encoder.turbo.numba_types import f4, strict_math, u8

SCRATCH_AT = u8(0)
"""Where in the memory one tile is transformed."""
AHEAD = 256
"""Panels that weights are fetched ahead where they are used as they come from memory."""


@strict_math
def convolve(step, pictures, weights, memory):
    """Slide filters over pictures, line by line, one panel of filters after the other."""
    line, channels = u8(step.source_line), u8(step.channels)
    reach, depth = u8(step.stride) * channels, u8(step.window) * channels
    width = u8(step.filters)
    least = 0.0 if step.relu else -math.inf
    for panel in range(step.filters // PANEL()):
        factors = u8(step.weights) + u8(panel * PANEL() * step.window) * depth
        chosen = (weights, factors, u8(step.biases + panel * PANEL()))
        for picture in range(pictures):
            source = u8(step.source + picture * step.source_picture)
            target = u8(step.target + picture * step.target_picture + panel * PANEL())
            for row in range(step.size):
                product(
                    (memory, source + u8(row * step.stride) * line, reach),
                    chosen,
                    step.window,
                    line,
                    depth,
                    (step.size, least),
                    (target + u8(row * step.target_line), width, u8(SPARE_AT())),
                    (weights, factors + u8(AHEAD * PANEL()), u8(PANEL())),
                )


@strict_math
def winograd(step, edge, pictures, weights, memory):
    """Filters by tiles of edge × edge results, a strip of tiles after the other."""
    across = (step.size + edge - 1) // edge
    tiles = pictures * across * across
    room = u8(step.strip + SLACK)
    factors, sums = u8(step.tiles), u8(step.sums)
    for first in range(0, tiles, step.strip):
        count = min(step.strip, tiles - first)
        for tile in range(count):
            picture, place = divmod(first + tile, across * across)
            row, column = divmod(place, across)
            at = step.source + picture * step.source_picture
            at += (row * step.source_line + column * step.channels) * edge * step.stride
            take(step, edge, memory, u8(at), factors + u8(tile * step.depth), room)
        multiply(step, edge, count, weights, memory)
        for tile in range(count):
            picture, place = divmod(first + tile, across * across)
            row, column = divmod(place, across)
            at = step.target + picture * step.target_picture
            at += row * edge * step.target_line + column * edge * step.filters
            rows = min(edge, step.size - row * edge)
            columns = min(edge, step.size - column * edge)
            from_sums = sums + u8(tile * step.filters)
            give(step, edge, memory, weights, (from_sums, room), u8(at), rows, columns)


@strict_math
def take(step, edge, memory, at, to, room):
    channels, line = u8(step.channels), u8(step.source_line)
    if edge == 3:
        take_phases(memory, at, line, SCRATCH_AT, to, room * u8(step.depth))
        return
    for channel in range(0, step.channels, LANES()):
        place, into = at + u8(channel), to + u8(channel)
        if edge == 4:
            take_four(memory, place, line, channels, SCRATCH_AT, into, room * channels)
        else:
            take_two(memory, place, line, channels, SCRATCH_AT, into, room * channels)


@strict_math
def multiply(step, edge, count, weights, memory):
    """Multiply each of a strip's numbers with its own factors, one panel of filters at a time.

    The next panel's filters are brought near meanwhile: those of a face alone come from afar, and
    are used for a few tiles.
    """
    depth, width = u8(step.depth), u8(step.filters)
    room = u8(step.strip + SLACK)
    places, taps = (edge + 2) * (edge + 2), 9
    if edge == 3:
        places, taps, depth = 36, 16, u8(PHASES)  # which the compiler can count on
    panel_size = u8(taps * PANEL()) * depth
    pace = u8(taps * PANEL() // places)
    filters, factors = u8(step.weights), u8(step.factors)
    for panel in range(step.filters // PANEL()):
        if edge == 4:
            turn_four(weights, filters, step.depth, memory, factors)
        elif edge == 3:
            turn_three(weights, filters, step.depth, memory, factors)
        else:
            turn_two(weights, filters, step.depth, memory, factors)
        filters += panel_size
        for number in range(places):
            place = u8(number)
            product(
                (memory, u8(step.tiles) + place * room * depth, depth),
                (memory, factors + place * (depth + u8(1)) * u8(PANEL()), u8(NO_BIASES_AT())),
                1,
                u8(0),
                depth,
                (count, -math.inf),
                (u8(step.sums) + place * room * width + u8(panel * PANEL()), width, u8(SPARE_AT())),
                (weights, filters + place * depth * pace, pace),
            )


@strict_math
def give(step, edge, memory, weights, sums, to, rows, columns):
    """Add biases, and what is there already, to a tile's results."""
    at, room = sums
    width, line = u8(step.filters), u8(step.target_line)
    floor = every(f4(0.0 if step.relu else -math.inf))
    for channel in range(0, step.filters, LANES()):
        if edge == 4:
            give_four(memory, at + u8(channel), room * width, SCRATCH_AT)
        elif edge == 3:
            give_three(memory, at + u8(channel), room * width, SCRATCH_AT)
        else:
            give_two(memory, at + u8(channel), room * width, SCRATCH_AT)
        biases = load(weights, u8(step.biases + channel))
        for row in range(rows):
            for column in range(columns):
                place = to + u8(row) * line + u8(column) * width + u8(channel)
                result = load(memory, SCRATCH_AT + u8((row * 6 + column) * LANES())) + biases
                if step.added > 0:
                    result = result + load(memory, place)
                store(memory, place, larger(result, floor))


@strict_math
def pool_largest(step, pictures, memory):
    channels, line = u8(step.channels), u8(step.source_line)
    for picture in range(pictures):
        for row in range(step.size):
            source = u8(step.source + picture * step.source_picture)
            source += u8(row * step.stride) * line
            target = u8(step.target + picture * step.target_picture + row * step.target_line)
            for _ in range(step.size):
                for channel in range(0, step.channels, LANES()):
                    place = source + u8(channel)
                    most = load(memory, place)
                    for down in range(step.window):
                        for right in range(step.window):
                            behind = u8(down) * line + u8(right) * channels
                            most = larger(most, load(memory, place + behind))
                    store(memory, target + u8(channel), most)
                source += u8(step.stride) * channels
                target += channels


@strict_math
def pool_mean(step, pictures, memory):
    """Means of windows, added to what is there: nothing beyond `added` rows and columns."""
    channels, line = u8(step.channels), u8(step.source_line)
    part = every(f4(1 / (step.window * step.window)))
    floor = every(f4(0.0 if step.relu else -math.inf))
    for picture in range(pictures):
        for row in range(step.size):
            source = u8(step.source + picture * step.source_picture)
            source += u8(row * step.stride) * line
            target = u8(step.target + picture * step.target_picture + row * step.target_line)
            for column in range(step.size):
                there = row < step.added and column < step.added
                for channel in range(0, step.filters, LANES()):
                    place = source + u8(channel)
                    total = every(f4(0))
                    if channel < step.channels:
                        for down in range(step.window):
                            for right in range(step.window):
                                behind = u8(down) * line + u8(right) * channels
                                total = total + load(memory, place + behind)
                    total = total * part
                    if there:
                        total = total + load(memory, target + u8(channel))
                    store(memory, target + u8(channel), larger(total, floor))
                source += u8(step.stride) * channels
                target += u8(step.filters)
