"""Sums of products: the one loop in which the time goes.

Six rows by two registers of columns are summed at once in twelve registers; three more hold the
factors. That is what the sixteen registers of x86-64-v3 allow, and enough to keep both multipliers
busy while sums are waited for.
"""

from encoder.turbo.network.kernel.constants import LANES, PANEL
from encoder.turbo.network.kernel.lanes import every, fetch, fused, larger, load, spread, store
from encoder.turbo.numba_types import f4, inlined, u8

SIX, FOUR = 6, 4
"""Rows that are summed at once, and what takes the rest."""


@inlined
def product(source, weights, segments, jump, depth, row, to, ahead):
    """Put rows of biases + factors × weights into a panel's columns, none below `least`.

    `source` is the memory, the first row's factors and how far the next row's are behind;
    a row's factors are in `segments` runs of `depth`, `jump` apart. `weights` are the weights, the
    panel's factors and its biases. `row` is how many rows there are, and the least result. `to` is
    where the first row's sums belong, how far the next row's are behind, and where spare ones go.
    `ahead` is what is brought near meanwhile: an array, a place in it and a step.
    """
    memory, at, reach = source
    left, least = row
    place, width, spare = to
    rest = left % SIX
    if rest == FOUR + FOUR - SIX and left > SIX:
        rest = FOUR + FOUR
    blocks = (left - rest) // SIX
    how = (segments, jump, depth, least)
    six((memory, at, reach), weights, how, blocks, place, width, ahead)
    at += u8(blocks * SIX) * reach
    place += u8(blocks * SIX) * width
    blocks = rest // FOUR
    four((memory, at, reach), weights, how, blocks, place, width, ahead)
    at += u8(blocks * FOUR) * reach
    place += u8(blocks * FOUR) * width
    left = rest % FOUR
    if left > 0:
        four((memory, at, reach), weights, how, 1, spare, u8(PANEL()), ahead)
        for number in range(left):
            line = spare + u8(number) * u8(PANEL())
            store(memory, place, load(memory, line))
            store(memory, place + u8(LANES()), load(memory, line + u8(LANES())))
            place += width


@inlined
def six(source, weights, how, blocks, to, width, ahead):
    memory, at, reach = source
    distant, soon_first, step = ahead
    factors, panel_first, biases = weights
    segments, jump, depth, least = how
    floor = every(f4(least))
    for _ in range(blocks):
        begin, panel, soon = at, panel_first, soon_first
        low, high = load(factors, biases), load(factors, biases + u8(LANES()))
        a0, a1, a2, a3, a4, a5 = low, low, low, low, low, low
        b0, b1, b2, b3, b4, b5 = high, high, high, high, high, high
        for _ in range(segments):
            at1 = at + reach
            at2, at3 = at1 + reach, at1 + reach + reach
            at4, at5 = at3 + reach, at3 + reach + reach
            for k in range(depth):
                low, high = load(factors, panel), load(factors, panel + u8(LANES()))
                fetch(distant, soon)
                soon += step
                panel += u8(PANEL())
                one = spread(memory, at + k)
                a0, b0 = fused(one, low, a0), fused(one, high, b0)
                one = spread(memory, at1 + k)
                a1, b1 = fused(one, low, a1), fused(one, high, b1)
                one = spread(memory, at2 + k)
                a2, b2 = fused(one, low, a2), fused(one, high, b2)
                one = spread(memory, at3 + k)
                a3, b3 = fused(one, low, a3), fused(one, high, b3)
                one = spread(memory, at4 + k)
                a4, b4 = fused(one, low, a4), fused(one, high, b4)
                one = spread(memory, at5 + k)
                a5, b5 = fused(one, low, a5), fused(one, high, b5)
            at += jump
        put(memory, to, a0, b0, floor)
        put(memory, to + width, a1, b1, floor)
        to += width + width
        put(memory, to, a2, b2, floor)
        put(memory, to + width, a3, b3, floor)
        to += width + width
        put(memory, to, a4, b4, floor)
        put(memory, to + width, a5, b5, floor)
        at = begin + u8(SIX) * reach
        to += width + width


@inlined
def four(source, weights, how, blocks, to, width, ahead):
    memory, at, reach = source
    distant, soon_first, step = ahead
    factors, panel_first, biases = weights
    segments, jump, depth, least = how
    floor = every(f4(least))
    for _ in range(blocks):
        begin, panel, soon = at, panel_first, soon_first
        low, high = load(factors, biases), load(factors, biases + u8(LANES()))
        a0, a1, a2, a3 = low, low, low, low
        b0, b1, b2, b3 = high, high, high, high
        for _ in range(segments):
            at1 = at + reach
            at2, at3 = at1 + reach, at1 + reach + reach
            for k in range(depth):
                low, high = load(factors, panel), load(factors, panel + u8(LANES()))
                fetch(distant, soon)
                soon += step
                panel += u8(PANEL())
                one = spread(memory, at + k)
                a0, b0 = fused(one, low, a0), fused(one, high, b0)
                one = spread(memory, at1 + k)
                a1, b1 = fused(one, low, a1), fused(one, high, b1)
                one = spread(memory, at2 + k)
                a2, b2 = fused(one, low, a2), fused(one, high, b2)
                one = spread(memory, at3 + k)
                a3, b3 = fused(one, low, a3), fused(one, high, b3)
            at += jump
        put(memory, to, a0, b0, floor)
        put(memory, to + width, a1, b1, floor)
        to += width + width
        put(memory, to, a2, b2, floor)
        put(memory, to + width, a3, b3, floor)
        at = begin + u8(FOUR) * reach
        to += width + width


@inlined
def put(memory, to, low, high, floor):
    store(memory, to, larger(low, floor))
    store(memory, to + u8(LANES()), larger(high, floor))
