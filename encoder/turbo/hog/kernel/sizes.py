"""The sizes of HOG cells, features and lines that all parts of the kernel use."""

from encoder.turbo.numba_types import strict_math

CELL = 8
DIRECTIONS = 18
LINES = 27
"""Of a row of cells: 18 directions, 9 orientations."""
FEATURES = 31
"""Planes: those lines, and four of texture."""
WINDOW = 10
BEFORE = 4
"""Cells of border before a level's features; 5 follow."""
CORNERS = 4
"""Cells to which a pixel adds."""
CELL_SUMS = DIRECTIONS * CORNERS


@strict_math
def cells(pixels):
    return int(pixels / CELL + 0.5)


@strict_math
def line_of(columns):
    """Return floats in a line of the histogram: its cells in whole vectors, and one vector."""
    return (columns - 2 + 7) // 8 * 8 + 8


@strict_math
def stride_of(columns):
    """Return floats in a line of a plane: its cells and 9 of border, in whole vectors."""
    return (columns - 2 + WINDOW - 1 + 7) // 8 * 8
