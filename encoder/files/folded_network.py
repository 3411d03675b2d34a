"""A network of dlib with fewer layers that gives the same numbers.

Whatever is exact is folded into the convolutions: the pictures' normalisation, and the scales that
follow them.
"""

import numpy as np
from numpy.typing import NDArray

from encoder.files.network import BadNetwork, Convolution, Layer, Network, Scale


def folded(network: Network) -> list[Layer]:
    """Return the layers with the normalisation and the scales inside the convolutions.

    In double precision: what is added up here in one number was added up in two by dlib. Raises
    BadNetwork when a scale follows no convolution, or the first layer is none.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        if not isinstance(layer, Scale):
            layers.append(layer)
            continue
        gains = layer.factors.astype(np.float64)
        scaled = _convolution_at_the_end_of(layers)
        weights = scaled.weights * gains[:, None, None, None]
        layers[-1] = _changed(scaled, weights, scaled.biases * gains + layer.offsets)
    first = layers[0]
    if not isinstance(first, Convolution) or first.padding != (0, 0):
        raise BadNetwork("a network that does not begin with a convolution is not read")
    weights = first.weights.astype(np.float64) / 256
    shift = np.einsum("fcyx,c->f", weights, np.array(network.means))
    layers[0] = _changed(first, weights, first.biases - shift)
    return layers


def unscaled(network: Network) -> list[Layer]:
    """Return layers of the kinds and shapes of the folded ones, at once. Raises BadNetwork."""
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, Scale):
            _convolution_at_the_end_of(layers)
        else:
            layers.append(layer)
    return layers


def _convolution_at_the_end_of(layers: list[Layer]) -> Convolution:
    match layers[-1:]:
        case [Convolution() as convolution]:
            return convolution
    raise BadNetwork("a scale that follows no convolution is not read")


def _changed(
    layer: Convolution, weights: NDArray[np.float64], biases: NDArray[np.float64]
) -> Convolution:
    single = weights.astype(np.float32), biases.astype(np.float32)
    return Convolution(*single, layer.stride, layer.padding)
