"""A network of dlib as its file describes it: layers with their weights, all float32."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32]


class BadNetwork(Exception):
    """The bytes are not a network of dlib, or not of a kind that is read here."""


class Convolution(NamedTuple):
    """Weights (filters, channels, rows, columns), biases (filters,)."""

    weights: Tensor
    biases: Tensor
    stride: tuple[int, int]
    padding: tuple[int, int]


class Scale(NamedTuple):
    """A factor and an offset for each channel: an affine layer or a batch normalisation."""

    factors: Tensor
    offsets: Tensor


class Pool(NamedTuple):
    """The maximum or the mean of each window; a window of 0 × 0 is the whole picture."""

    mean: bool
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


class FullyConnected(NamedTuple):
    """Weights (inputs, outputs); no biases."""

    weights: Tensor


class Relu(NamedTuple):
    """Negative values become 0."""


class AddPrevious(NamedTuple):
    """Adds what passed an earlier mark."""


class TagOrSkip(NamedTuple):
    """A place that computes nothing: its output is used again (tag), or taken again (skip)."""


Layer = Convolution | Scale | Pool | FullyConnected | Relu | AddPrevious | TagOrSkip


class Overlap(NamedTuple):
    """Two boxes are of one face when they share more than one of these parts."""

    intersection_over_union: float
    """Of both, where the box around them counts as their union."""
    covered: float
    """Of the smaller one."""


class Network(NamedTuple):
    """What a file holds."""

    means: tuple[float, ...]
    """Of red, green and blue: taken off each pixel before it is divided by 256."""
    size: tuple[int, int] | None
    """Rows and columns of the pictures where they are fixed."""
    layers: tuple[Layer, ...]
    """From the picture outwards."""
    overlap: Overlap | None
    """Of a detector."""
