"""The weights of dlib's ResNet as the compiled kernel takes them: one array, in a plan's order."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.descriptor import CHIP
from encoder.files.cached_array import cached_array
from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.folded_network import folded, unscaled
from encoder.files.model_files import NetworkFile
from encoder.files.network import BadNetwork, Layer
from encoder.files.network_outline import outline_of
from encoder.turbo.network.convolutions import as_convolution
from encoder.turbo.network.plan import NetworkPlan, plan_of
from encoder.turbo.network.registers import registers
from encoder.turbo.network.steps import Operation

WEIGHTS_VERSION = 3
"""Rises with every change of a plan's weights."""


class PackedNetwork(NamedTuple):
    """What the kernel takes beside the chips."""

    plan: NetworkPlan
    weights: NDArray[np.float32]
    """Shape (plan.weights,)."""


def packed_network(file: NetworkFile, chips: int, cache: FileCache) -> PackedNetwork:
    """Return a face network for so many chips in one run.

    Raises BadNetwork when it is of another kind, ConfigurationError when it cannot be read.

    The weights are packed once a machine, and then read through the disk's cache, which the workers
    of a machine share.
    """
    network = outline_of(file, cache)
    if network.size != (CHIP, CHIP):
        raise BadNetwork("not a network of aligned faces")
    plan = plan_of(unscaled(network), CHIP, chips, registers())
    stem = f"{file.path.stem}-{file.digest[:16]}-{WEIGHTS_VERSION}-{plan.panel}"

    def weights() -> NDArray[np.float32]:
        return packed(plan, folded(read_network(file.contents())))

    return PackedNetwork(plan, cached_array(cache, stem, weights))


def packed(plan: NetworkPlan, layers: Sequence[Layer]) -> NDArray[np.float32]:
    """Return the weights of the folded layers for which the plan was made."""
    array = np.zeros(plan.weights, np.float32)
    for place in plan.factors:
        layer = as_convolution(layers[place.layer], place.size)
        factors = _in_panels(layer.weights, place.operation, plan.panel)
        array[place.biases : place.biases + len(layer.biases)] = layer.biases
        array[place.weights : place.weights + factors.size] = factors.ravel()
    return array


def _in_panels(
    weights: NDArray[np.float32], operation: Operation, panel: int
) -> NDArray[np.float32]:
    """Return filters (n, channels, rows, columns) as (panels, factors, panel).

    A filter's factors are in the order in which its numbers are met: a picture's, line by line with
    channels innermost, or a tile's, one channel after the other.
    """
    match operation:
        case Operation.CONVOLVE:
            ordered = weights.transpose(2, 3, 1, 0)
        case Operation.WINOGRAD_3:
            ordered = _phases(weights)
        case _:
            ordered = weights.transpose(1, 2, 3, 0)
    return ordered.reshape(-1, len(weights) // panel, panel).transpose(1, 0, 2)


def _phases(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return filters (n, 3, 7, 7) as (12, 4, 4, n): for even and odd lines, then columns."""
    whole = np.pad(weights, ((0, 0), (0, 0), (0, 1), (0, 1)))
    halves = whole.reshape(*weights.shape[:2], 4, 2, 4, 2)
    return halves.transpose(3, 5, 1, 2, 4, 0).reshape(-1, 4, 4, len(weights))
