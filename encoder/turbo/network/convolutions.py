"""As which operation of the kernel a layer with weights is computed."""

import numpy as np

from encoder.files.network import BadNetwork, Convolution, FullyConnected, Layer
from encoder.turbo.network.steps import Operation

_FOUR_FROM = 5
"""Pixels of a side from which tiles of 4 × 4 results pay: smaller pictures would fill one badly."""


def operation_of(layer: Convolution, size: int) -> Operation:
    """Return how a convolution of pictures of size × size is computed. Raises BadNetwork."""
    window, stride, padding = layer.weights.shape[2:], layer.stride, layer.padding
    if window == (3, 3) and stride == (1, 1) and padding == (1, 1) and size > 1:
        return Operation.WINOGRAD_4 if size >= _FOUR_FROM else Operation.WINOGRAD_2
    if window == (7, 7) and stride == (2, 2) and padding == (0, 0) and _in_thirds(layer, size):
        return Operation.WINOGRAD_3
    if len({*window}) == len({*stride}) == 1 and (padding == (0, 0) or _alone(layer, size)):
        return Operation.CONVOLVE
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
