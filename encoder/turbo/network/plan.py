"""How dlib's ResNet is computed by the compiled kernel: which step reads and writes where.

All is float32 in one memory. A picture lies in it line by line, channels innermost, within a border
of zeros that nothing writes to. Sums are made in place: what is added to a step's results lies
where they go.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files.network import (
    AddPrevious,
    BadNetwork,
    Convolution,
    FullyConnected,
    Layer,
    Pool,
    Relu,
    TagOrSkip,
)
from encoder.turbo.network.convolutions import as_convolution, operation_of
from encoder.turbo.network.registers import Registers
from encoder.turbo.network.steps import SLACK, STEP, TILES, Operation, WinogradTile

_ROWS = 6
"""Rows that a product takes at once."""
_STRIP = 9 * _ROWS
"""Tiles that are worked on at once, at most."""
_STRIP_FLOATS = 36 * (_STRIP + SLACK) * 64
"""Of their transformed numbers: with their sums and their factors they stay near the core."""
_MOST_TRANSFORMED = 36 * (256 + 1)
"""Of a filter's transformed weights, channels and all."""


class Activations(NamedTuple):
    """Where pictures of one size lie, one behind the other."""

    at: int
    """The first number inside the border."""
    channels: int
    size: int
    """Pixels of a side."""
    line: int
    """Floats from a line to the next, and from a picture to the next."""
    picture: int


class LayerWeights(NamedTuple):
    """Where a layer's weights and biases lie, and in which operation."""

    layer: int
    size: int
    """Pixels of a side of its pictures."""
    operation: Operation
    weights: int
    biases: int


class NetworkPlan(NamedTuple):
    """What the kernel does for up to so many chips at once."""

    at_once: int
    panel: int
    """Filters whose weights lie together."""
    steps: NDArray[np.void]
    """dtype STEP."""
    chips: Activations
    vectors: Activations
    factors: Sequence[LayerWeights]
    memory: int
    """Floats."""
    weights: int
    """Floats."""


def plan_of(layers: Sequence[Layer], size: int, chips: int, registers: Registers) -> NetworkPlan:
    """Return how a network without scales is computed for `chips` pictures of size × size.

    Raises BadNetwork when it has something that the kernel does not do.
    """
    planner = _Planner(chips, registers)
    try:
        return planner.plan(layers, size)
    except IndexError as error:
        raise BadNetwork("layers that do not fit together") from error


class _Planner:
    def __init__(self, chips: int, registers: Registers) -> None:
        self._chips = chips
        self._registers = registers
        self._steps: list[dict[str, int]] = []
        self._factors: list[LayerWeights] = []
        self._kept: list[Activations] = []
        self._free: list[Activations] = []
        self._tiles = registers.scratch + registers.spare + registers.panel
        self._sums = self._tiles + _STRIP_FLOATS
        self._panel = self._sums + _STRIP_FLOATS
        self._memory = self._panel + _MOST_TRANSFORMED * registers.panel
        self._weights = 0

    def plan(self, layers: Sequence[Layer], size: int) -> NetworkPlan:
        chips = value = self._picture(3, size)
        around = zip_longest([None, *layers[:-1]], layers, layers[1:])
        for number, (before, layer, after) in enumerate(around):
            source = value
            match layer:
                case Convolution() | FullyConnected():
                    value = self._convolution(number, layer, source, after)
                case Pool():
                    value = self._pool(layer, source, after)
                case Relu() if isinstance(before, Convolution | AddPrevious):
                    self._steps[-1]["relu"] = 1
                case TagOrSkip() if isinstance(before, TagOrSkip):
                    value = self._kept.pop(-2)  # a skip: goes on from the tag before the last
                case TagOrSkip():
                    self._kept.append(value)
                case AddPrevious() if isinstance(before, Convolution | Pool):
                    pass  # that step adds to what lies where its results go
                case _:
                    raise BadNetwork(f"the compiled kernel does not do {type(layer).__name__} here")
            if source not in (chips, value, *self._kept):
                self._free.append(source)
        if value.size != 1:
            raise BadNetwork("the network does not end with a vector")
        return NetworkPlan(
            self._chips,
            self._registers.panel,
            np.array([tuple(step.values()) for step in self._steps], STEP),
            chips,
            value,
            self._factors,
            self._memory + chips.picture,  # what rows in vain read behind the last picture
            self._weights,
        )

    def _convolution(
        self, number: int, layer: Layer, source: Activations, after: Layer | None
    ) -> Activations:
        convolution = as_convolution(layer, source.size)
        filters, channels, window, _ = convolution.weights.shape
        operation = operation_of(convolution, source.size)
        stride, padding = convolution.stride[0], convolution.padding[0]
        size = (source.size + 2 * padding - window) // stride + 1
        tile = TILES.get(operation)
        depth, numbers = channels, window**2 * channels
        if tile is not None:
            depth = channels * stride**2
            numbers = tile.taps * depth
        target, added = self._target(filters, size, after)
        _fits(
            channels == source.channels and filters % self._registers.panel == 0 and size > 0,
            padding == 0 or channels % self._registers.lanes == 0,
            not added or (padding > 0 and added == size and filters == target.channels),
        )
        self._factors.append(
            LayerWeights(number, source.size, operation, self._weights + filters, self._weights)
        )
        border = padding * (source.line + channels)
        self._add(
            operation,
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

    def _pool(self, layer: Pool, source: Activations, after: Layer | None) -> Activations:
        window, stride = layer.window[0] or source.size, layer.stride[0]
        size = (source.size - window) // stride + 1
        target, added = self._target(source.channels, size, after)
        _fits(
            size > 0 and layer.padding == (0, 0) and source.channels % self._registers.lanes == 0,
            layer.mean or not added,
        )
        operation = Operation.MEAN_POOL if layer.mean else Operation.MAX_POOL
        self._add(operation, source, target, window=window, stride=stride, added=added)
        return target

    def _target(self, channels: int, size: int, after: Layer | None) -> tuple[Activations, int]:
        """Return where results go, and how many along each side are there to be added to."""
        if not isinstance(after, AddPrevious):
            return self._picture(channels, size), 0
        earlier = self._kept.pop()
        _fits(
            earlier.channels >= channels, earlier.size <= size, _room(earlier.size) == _room(size)
        )
        return earlier._replace(size=size), earlier.size

    def _picture(self, channels: int, size: int) -> Activations:
        for free in self._free:
            if (free.channels, free.size) == (channels, size):
                self._free.remove(free)
                return free
        line, panel = _room(size) * channels, self._registers.panel
        first = self._memory + line + channels
        picture = Activations(first, channels, size, line, _room(size) * line)
        self._memory += -(-self._chips * picture.picture // panel) * panel
        return picture

    def _add(
        self, operation: Operation, source: Activations, target: Activations, **others: int
    ) -> None:
        step = dict.fromkeys(STEP.names or (), 0)
        step |= {
            "operation": operation,
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


def _strip(tile: WinogradTile, depth: int, filters: int) -> int:
    """Return how many tiles are worked on at once. Raises BadNetwork when there is no room."""
    room = _STRIP_FLOATS // (tile.places * max(depth, filters)) - SLACK
    _fits(room >= _ROWS, tile.places * (depth + 1) <= _MOST_TRANSFORMED)
    return min(_STRIP, room // _ROWS * _ROWS)


def _room(size: int) -> int:
    """Return the pixels of a side in which whole tiles and a border find room."""
    return -(-size // 4) * 4 + 2
