"""Winograd's tiles: from a picture to what is multiplied, and from the sums to a picture.

Of 6 × 6 numbers a tile makes 4 × 4 results with 36 products where a filter of 3 × 3 takes 144; of
4 × 4 it makes 2 × 2 with 16 instead of 36. Filters of 4 × 4 give 3 × 3 results of 6 × 6 numbers. The
sums are those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016, arXiv
1509.09308), sections 4.1 and 4.3; filters has the other side of it. All work on eight channels of
one tile, first along the columns and then along the rows.
"""

from encoder.network_kernel.lanes import eight, larger, load, store
from encoder.network_kernel.sizes import exactly, f4, inlined, u8


@inlined
def into_six(a, b, c, d, e, f):
    two, four, five = eight(f4(2)), eight(f4(4)), eight(f4(5))
    even, odd = e - four * c, d - four * b
    small, turned = e - c, two * (d - b)
    return (
        four * a - five * c + e,
        even + odd,
        even - odd,
        small + turned,
        small - turned,
        four * b - five * d + f,
    )


@inlined
def into_four(a, b, c, d):
    return a - c, b + c, c - b, b - d


@inlined
def four_from_six(a, b, c, d, e, f):
    two, four, eights = eight(f4(2)), eight(f4(4)), eight(f4(8))
    near, nearer = b + c, b - c
    far, farther = d + e, d - e
    return a + near + far, nearer + two * farther, near + four * far, nearer + eights * farther + f


@inlined
def three_from_six(a, b, c, d, e, f):
    two, four = eight(f4(2)), eight(f4(4))
    near, nearer = b + c, b - c
    far, farther = d + e, d - e
    return a + near + far, nearer + two * farther, near + four * far + f


@inlined
def two_from_four(a, b, c, d):
    return a + b + c, b - c - d


def _six(made):
    """Return what makes something of a column of six numbers `step` apart."""

    @inlined
    def column(memory, at, step):
        a, b, c = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
        d, e = load(memory, at + u8(3) * step), load(memory, at + u8(4) * step)
        return made(a, b, c, d, e, load(memory, at + u8(5) * step))

    return column


def _four(made):
    """Return what makes something of a column of four numbers `step` apart."""

    @inlined
    def column(memory, at, step):
        a, b, c = load(memory, at), load(memory, at + step), load(memory, at + u8(2) * step)
        return made(a, b, c, load(memory, at + u8(3) * step))

    return column


_column_into_six, _column_into_four = _six(into_six), _four(into_four)


@exactly
def take_six(memory, at, line, channels, to, step):
    """Put the transformed numbers of eight channels of a tile of 6 × 6 `step` apart."""
    a = _column_into_six(memory, at, line)
    b = _column_into_six(memory, at + channels, line)
    c = _column_into_six(memory, at + u8(2) * channels, line)
    d = _column_into_six(memory, at + u8(3) * channels, line)
    e = _column_into_six(memory, at + u8(4) * channels, line)
    f = _column_into_six(memory, at + u8(5) * channels, line)
    for row in range(6):
        values = into_six(a[row], b[row], c[row], d[row], e[row], f[row])
        for column in range(6):
            store(memory, to, values[column])
            to += step


@exactly
def take_four(memory, at, line, channels, to, step):
    """Put the transformed numbers of eight channels of a tile of 4 × 4 `step` apart."""
    a = _column_into_four(memory, at, line)
    b = _column_into_four(memory, at + channels, line)
    c = _column_into_four(memory, at + u8(2) * channels, line)
    d = _column_into_four(memory, at + u8(3) * channels, line)
    for row in range(4):
        values = into_four(a[row], b[row], c[row], d[row])
        for column in range(4):
            store(memory, to, values[column])
            to += step


@exactly
def take_phases(memory, at, line, to, step):
    """Put a tile's transformed numbers for filters of 7 × 7 with stride 2 `step` apart.

    Pixels of even and of odd lines and columns are channels of four pictures of half the size, and
    the filter is one of 4 × 4 for these. Eight floats are two pixels and what the next fills.
    """
    two_lines, two_pixels = line + line, u8(6)
    take_six(memory, at, two_lines, two_pixels, to, step)
    take_six(memory, at + line, two_lines, two_pixels, to + two_pixels, step)


@inlined
def finish(memory, to, result, biases, added, floor):
    """Store results with their biases, and with what is there already."""
    result = result + biases
    if added:
        result = result + load(memory, to)
    store(memory, to, larger(result, floor))


def _giving_of_six(made, edge):
    """Return what gives edge × edge results of 6 × 6 sums."""
    column_of = _six(made)

    @exactly
    def give(memory, at, step, target, how):
        """Put the results of eight channels' sums, which are `step` apart, into a picture.

        `target` is where the first goes, how far the next line and the next pixel are, and how many
        lines and pixels of the tile are in the picture. `how` are biases, whether results are added
        to what is there, and what they are at least.
        """
        to, line, width, rows, columns = target
        biases, added, floor = how
        down = u8(6) * step
        a, b = column_of(memory, at, down), column_of(memory, at + step, down)
        c = column_of(memory, at + u8(2) * step, down)
        d = column_of(memory, at + u8(3) * step, down)
        e = column_of(memory, at + u8(4) * step, down)
        f = column_of(memory, at + u8(5) * step, down)
        for row in range(edge):
            values = made(a[row], b[row], c[row], d[row], e[row], f[row])
            if row < rows:
                for column in range(edge):
                    if column < columns:
                        place = to + u8(column) * width
                        finish(memory, place, values[column], biases, added, floor)
            to += line

    return give


give_four_of_six = _giving_of_six(four_from_six, 4)
give_three_of_six = _giving_of_six(three_from_six, 3)
_column_to_two = _four(two_from_four)


@exactly
def give_two_of_four(memory, at, step, target, how):
    """Put the results of 4 × 4 sums into a picture, as above."""
    to, line, width, rows, columns = target
    biases, added, floor = how
    down = u8(4) * step
    a, b = _column_to_two(memory, at, down), _column_to_two(memory, at + step, down)
    c = _column_to_two(memory, at + u8(2) * step, down)
    d = _column_to_two(memory, at + u8(3) * step, down)
    for row in range(2):
        values = two_from_four(a[row], b[row], c[row], d[row])
        if row < rows:
            for column in range(2):
                if column < columns:
                    place = to + u8(column) * width
                    finish(memory, place, values[column], biases, added, floor)
        to += line
