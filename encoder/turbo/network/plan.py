"""How dlib's ResNet is computed by the compiled kernel: which step reads and writes where.

All is float32 in one memory. A picture lies in it line by line, channels innermost, within a border
of zeros that nothing writes to. Sums are made in place: what is added to a step's results lies
where they go.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files.dlib_format import (
    AddEarlier,
    BadNetwork,
    Convolution,
    FullyConnected,
    Layer,
    Mark,
    Pool,
    Relu,
)
from encoder.turbo.processor import processor

LANES = processor().lanes
"""Floats that are worked on at once."""
PANEL = 2 * LANES
"""Filters whose factors lie together."""
SLACK = 4
"""Rows of a product that may be worked on in vain."""
PHASES = 12
"""Channels of the pictures of half the size: three of even and odd lines and columns."""
BENCH = 6 * 6 * LANES
"""Floats of a tile's channels that are worked on at once."""
SPARE = SLACK * PANEL
"""Floats for the results of rows in vain."""
_ROWS = 6
"""Rows that a product takes at once."""
_STRIP = 9 * _ROWS
"""Tiles that are worked on at once, at most."""
_STRIP_FLOATS = 36 * (_STRIP + SLACK) * 64
"""Of their transformed numbers: with their sums and their factors they stay near the core."""
_PANEL_FLOATS = 36 * (256 + 1) * PANEL
"""Of a panel's factors for tiles."""
_FOUR_FROM = 5
"""Pixels of a side from which tiles of 4 × 4 results pay: smaller pictures would fill one badly."""


class Form(IntEnum):
    """What a step does."""

    CONVOLVE = 0
    WINOGRAD_4 = 1
    WINOGRAD_2 = 2
    WINOGRAD_3 = 3
    LARGEST = 4
    MEAN = 5


class Tile(NamedTuple):
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
    Form.WINOGRAD_4: Tile(edge=4, side=6, filter=3),
    Form.WINOGRAD_2: Tile(edge=2, side=4, filter=3),
    Form.WINOGRAD_3: Tile(edge=3, side=6, filter=4),
}
"""The last is for filters of 7 × 7 with stride 2: those are of 4 × 4 for the even and the odd lines
and columns of a picture, four times as many channels."""

STEP = np.dtype(
    [
        (field, np.int64)
        for field in (
            "form",
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


class Picture(NamedTuple):
    """Where pictures of one size lie, one behind the other."""

    at: int
    """The first number inside the border."""
    channels: int
    size: int
    """Pixels of a side."""
    line: int
    """Floats from a line to the next, and from a picture to the next."""
    picture: int


class Factors(NamedTuple):
    """Where a layer's weights and biases lie, and in which form."""

    layer: int
    size: int
    """Pixels of a side of its pictures."""
    form: Form
    weights: int
    biases: int


class Plan(NamedTuple):
    """What the kernel does for up to so many chips at once."""

    at_once: int
    steps: NDArray[np.void]
    """dtype STEP."""
    chips: Picture
    vectors: Picture
    factors: Sequence[Factors]
    memory: int
    """Floats."""
    weights: int
    """Floats."""


def plan_of(layers: Sequence[Layer], size: int, chips: int) -> Plan:
    """Return how a network without scales is computed for `chips` pictures of size × size.

    Raises BadNetwork when it has something that the kernel does not do.
    """
    planner = _Planner(chips)
    try:
        return planner.plan(layers, size)
    except IndexError as error:
        raise BadNetwork("layers that do not fit together") from error


def form_of(layer: Convolution, size: int) -> Form:
    """Return how a convolution of pictures of size × size is computed. Raises BadNetwork."""
    window, stride, padding = layer.weights.shape[2:], layer.stride, layer.padding
    if window == (3, 3) and stride == (1, 1) and padding == (1, 1) and size > 1:
        return Form.WINOGRAD_4 if size >= _FOUR_FROM else Form.WINOGRAD_2
    if window == (7, 7) and stride == (2, 2) and padding == (0, 0) and _in_thirds(layer, size):
        return Form.WINOGRAD_3
    if len({*window}) == len({*stride}) == 1 and (padding == (0, 0) or _alone(layer, size)):
        return Form.CONVOLVE
    raise BadNetwork("a convolution of a kind that the compiled kernel does not do")


def _in_thirds(layer: Convolution, size: int) -> bool:
    """Return whether results of filters of 7 × 7 with stride 2 fill tiles of 3 × 3.

    Of colours: there are two pixels of three channels in what is worked on at once.
    """
    return layer.weights.shape[1] == 3 and (size - 7) // 2 % 3 == 2


def as_convolution(layer: Layer, size: int) -> Convolution:
    """Return a layer that multiplies with weights as a convolution of pictures of size × size."""
    match layer:
        case FullyConnected(weights):
            biases = np.zeros(weights.shape[1], np.float32)
            return Convolution(weights.T[:, :, None, None], biases, (1, 1), (0, 0))
        case Convolution() if _alone(layer, size):  # all others multiply with the border
            return layer._replace(weights=layer.weights[:, :, 1:2, 1:2], padding=(0, 0))
        case Convolution():
            return layer
    raise BadNetwork("a layer without weights")


def _alone(layer: Convolution, size: int) -> bool:
    """Return whether a filter's middle alone meets the picture, which is one pixel."""
    return size == 1 and layer.weights.shape[2:] == (3, 3) and layer.padding == (1, 1)


class _Planner:
    def __init__(self, chips: int) -> None:
        self._chips = chips
        self._steps: list[dict[str, int]] = []
        self._factors: list[Factors] = []
        self._kept: list[Picture] = []
        self._free: list[Picture] = []
        self._tiles = BENCH + SPARE + PANEL
        self._sums = self._tiles + _STRIP_FLOATS
        self._panel = self._sums + _STRIP_FLOATS
        self._memory = self._panel + _PANEL_FLOATS
        self._weights = 0

    def plan(self, layers: Sequence[Layer], size: int) -> Plan:
        chips = value = self._picture(3, size)
        around = zip_longest([None, *layers[:-1]], layers, layers[1:])
        for number, (before, layer, after) in enumerate(around):
            source = value
            match layer:
                case Convolution() | FullyConnected():
                    value = self._convolution(number, layer, source, after)
                case Pool():
                    value = self._pool(layer, source, after)
                case Relu() if isinstance(before, Convolution | AddEarlier):
                    self._steps[-1]["relu"] = 1
                case Mark() if isinstance(before, Mark):
                    value = self._kept.pop(-2)  # a skip: goes on from the tag before the last
                case Mark():
                    self._kept.append(value)
                case AddEarlier() if isinstance(before, Convolution | Pool):
                    pass  # that step adds to what lies where its results go
                case _:
                    raise BadNetwork(f"the compiled kernel does not do {type(layer).__name__} here")
            if source not in (chips, value, *self._kept):
                self._free.append(source)
        if value.size != 1:
            raise BadNetwork("the network does not end with a vector")
        return Plan(
            self._chips,
            np.array([tuple(step.values()) for step in self._steps], STEP),
            chips,
            value,
            self._factors,
            self._memory + chips.picture,  # what rows in vain read behind the last picture
            self._weights,
        )

    def _convolution(
        self, number: int, layer: Layer, source: Picture, after: Layer | None
    ) -> Picture:
        convolution = as_convolution(layer, source.size)
        filters, channels, window, _ = convolution.weights.shape
        form, size, stride = form_of(convolution, source.size), source.size, convolution.stride[0]
        padding = convolution.padding[0]
        size = (size + 2 * padding - window) // stride + 1
        tile = TILES.get(form)
        depth, numbers = channels, window**2 * channels
        if tile is not None:
            depth = channels * stride**2
            numbers = tile.taps * depth
        target, added = self._target(filters, size, after)
        _fits(
            channels == source.channels and filters % PANEL == 0 and size > 0,
            padding == 0 or channels % LANES == 0,
            not added or (padding > 0 and added == size and filters == target.channels),
        )
        self._factors.append(
            Factors(number, source.size, form, self._weights + filters, self._weights)
        )
        border = padding * (source.line + channels)
        self._add(
            form,
            source._replace(at=source.at - border),
            target,
            window=window,
            stride=stride,
            depth=depth,
            biases=self._weights,
            weights=self._weights + filters,
            added=added,
            strip=0 if tile is None else _strip(tile, depth, filters),
            tiles=self._tiles,
            sums=self._sums,
            factors=self._panel,
        )
        self._weights += filters * (1 + numbers)
        return target

    def _pool(self, layer: Pool, source: Picture, after: Layer | None) -> Picture:
        window, stride = layer.window[0] or source.size, layer.stride[0]
        size = (source.size - window) // stride + 1
        target, added = self._target(source.channels, size, after)
        _fits(
            size > 0 and layer.padding == (0, 0) and source.channels % LANES == 0,
            layer.mean or not added,
        )
        form = Form.MEAN if layer.mean else Form.LARGEST
        self._add(form, source, target, window=window, stride=stride, added=added)
        return target

    def _target(self, channels: int, size: int, after: Layer | None) -> tuple[Picture, int]:
        """Return where results go, and how many along each side are there to be added to."""
        if not isinstance(after, AddEarlier):
            return self._picture(channels, size), 0
        earlier = self._kept.pop()
        _fits(
            earlier.channels >= channels, earlier.size <= size, _room(earlier.size) == _room(size)
        )
        return earlier._replace(size=size), earlier.size

    def _picture(self, channels: int, size: int) -> Picture:
        for free in self._free:
            if (free.channels, free.size) == (channels, size):
                self._free.remove(free)
                return free
        line = _room(size) * channels
        picture = Picture(self._memory + line + channels, channels, size, line, _room(size) * line)
        self._memory += -(-self._chips * picture.picture // PANEL) * PANEL
        return picture

    def _add(self, form: Form, source: Picture, target: Picture, **others: int) -> None:
        step = dict.fromkeys(STEP.names or (), 0)
        step |= {
            "form": form,
            "source": source.at,
            "source_line": source.line,
            "source_picture": source.picture,
            "channels": source.channels,
            "target": target.at,
            "target_line": target.line,
            "target_picture": target.picture,
            "filters": target.channels,
            "size": target.size,
        }
        self._steps.append(step | others)


def _fits(*conditions: bool) -> None:
    if not all(conditions):
        raise BadNetwork(
            "layers that do not fit together, or not as the compiled kernel takes them"
        )


def _strip(tile: Tile, depth: int, filters: int) -> int:
    """Return how many tiles are worked on at once. Raises BadNetwork when there is no room."""
    room = _STRIP_FLOATS // (tile.places * max(depth, filters)) - SLACK
    _fits(room >= _ROWS, tile.places * (depth + 1) * PANEL <= _PANEL_FLOATS)
    return min(_STRIP, room // _ROWS * _ROWS)


def _room(size: int) -> int:
    """Return the pixels of a side in which whole tiles and a border find room."""
    return -(-size // 4) * 4 + 2
