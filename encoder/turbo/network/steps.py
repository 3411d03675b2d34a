"""The steps of a network as the kernel takes them: one row of an array says what to compute."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

SLACK = 4
"""Rows of a product that may be computed in vain."""
PHASES = 12
"""Channels of the half-size images: three of even and odd lines and columns."""


class Operation(IntEnum):
    """What a step computes."""

    CONVOLVE = 0
    WINOGRAD_4 = 1
    WINOGRAD_2 = 2
    WINOGRAD_3 = 3
    MAX_POOL = 4
    MEAN_POOL = 5


class WinogradTile(NamedTuple):
    """What Winograd's minimal filtering takes and gives at once."""

    edge: int
    """Results along a side."""
    side: int
    """Numbers along a side."""
    filter: int
    """Numbers along a filter's side."""

    @property
    def places(self) -> int:
        """Numbers of a tile."""
        return self.side**2

    @property
    def taps(self) -> int:
        """Numbers of a filter."""
        return self.filter**2


TILES = {
    Operation.WINOGRAD_4: WinogradTile(edge=4, side=6, filter=3),
    Operation.WINOGRAD_2: WinogradTile(edge=2, side=4, filter=3),
    Operation.WINOGRAD_3: WinogradTile(edge=3, side=6, filter=4),
}
"""The last is for filters of 7 × 7 with stride 2: those are of 4 × 4 for the even and the odd lines
and columns of a picture, four times as many channels."""

STEP = np.dtype(
    [
        (field, np.int64)
        for field in (
            "operation",
            "source",  # the first number that the first window takes
            "source_line",  # floats from a line to the next
            "source_picture",
            "channels",
            "depth",  # numbers of a tile that are summed up: channels, or those of four phases
            "target",  # where the first result goes
            "target_line",
            "target_picture",
            "filters",  # channels of the results
            "size",  # results along each side
            "window",
            "stride",
            "weights",  # the first factor
            "biases",
            "added",  # along each side: how many results are there already and are added to
            "relu",  # 1: negative results become 0
            "strip",  # tiles that are worked on at once
            "tiles",  # room for their numbers
            "sums",  # and for the sums of products
            "factors",  # and for a panel's factors, made of its weights
        )
    ]
)
