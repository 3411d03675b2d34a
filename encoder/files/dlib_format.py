"""Reads the files in which dlib keeps its networks, without dlib.

A file is a loss, then the versions of all layers from the output inwards, then the picture's
normalisation, then what each layer holds, from the picture outwards. Booleans are
the characters 0 and 1; tensors have a version, four dimensions and raw little-endian float32.
"""

from collections.abc import Callable
from math import prod

import numpy as np

from encoder.files.dlib_values import BadValues, DlibValues
from encoder.files.network import (
    AddPrevious,
    BadNetwork,
    Convolution,
    FullyConnected,
    Layer,
    Network,
    Overlap,
    Pool,
    Relu,
    Scale,
    TagOrSkip,
    Tensor,
)


def read_network(data: bytes) -> Network:
    """Return the network in a file. Raises BadNetwork."""
    try:
        return _network(_Reader(data))
    except (BadValues, IndexError, ValueError, OverflowError, MemoryError) as error:
        raise BadNetwork("broken or cut short") from error


class _Reader(DlibValues):
    """Takes one value after the other from the bytes."""

    def boolean(self) -> bool:
        return self.take(1) == b"1"

    def text(self) -> str:
        return self.take(self.integer()).decode("latin-1")

    def tensor(self) -> Tensor:
        """Return a tensor as a flat view of the bytes."""
        if self.integer() != 2:
            raise BadNetwork("a tensor of another version")
        count = prod(self.integers(4))
        return np.frombuffer(self.take(4 * count), "<f4")

    def alias(self) -> tuple[int, ...]:
        """Return the four dimensions of a part of a tensor."""
        return self.integers(5)[1:]

    def pair(self) -> tuple[int, int]:
        return self.integer(), self.integer()

    def next_is_text(self) -> bool:
        """Return whether a text follows rather than a version: those are 1 to 3."""
        return self._data[self._at + 1] > _INNERMOST


_MARK, _LAYER, _INNERMOST = 1, 2, 3
"""Versions of tags and skips, of layers, and of the layer that holds the input."""


def _network(reader: _Reader) -> Network:
    if reader.integer() != 1:
        raise BadNetwork("not a file of dlib's networks")
    overlap = _loss(reader)
    kinds = []
    while not reader.next_is_text():
        kinds.append(reader.integer())
    if kinds[-1:] != [_INNERMOST] or not set(kinds[:-1]) <= {_MARK, _LAYER}:
        raise BadNetwork("layers of another version")
    means, size = _input(reader)
    layers = tuple(
        TagOrSkip() if kind == _MARK else _layer(reader, kind) for kind in reversed(kinds)
    )
    if not reader.at_end:
        raise BadNetwork("something follows the network")
    return Network(means, size, layers, overlap)


def _loss(reader: _Reader) -> Overlap | None:
    match reader.text():
        case "loss_metric_":
            return None
        case "loss_metric_2":
            reader.floats(2)
            return None
        case "loss_mmod_":
            return _detector_options(reader)
        case other:
            raise BadNetwork(f"a network with {other[:40]!r} is not read")


def _detector_options(reader: _Reader) -> Overlap:
    version, _width, _height = reader.integers(3)
    if version != 1:
        raise BadNetwork(f"a detector of version {version} is not read")
    reader.floats(3)
    overlap = Overlap(*reader.floats(2))
    reader.floats(2)
    return overlap


def _input(reader: _Reader) -> tuple[tuple[float, ...], tuple[int, int] | None]:
    kind = reader.text()
    means = reader.floats(3)
    match kind:
        case "input_rgb_image_sized":
            return means, reader.pair()
        case "input_rgb_image_pyramid":
            return means, None
    raise BadNetwork(f"a network of {kind[:40]!r} is not read")


def _layer(reader: _Reader, version: int) -> Layer:
    name = reader.text()
    if name not in _READ:
        raise BadNetwork(f"layers of kind {name[:40]!r} are not read")
    layer = _READ[name](reader)
    for _ in range(3):
        reader.boolean()
    for _ in range(3):
        reader.tensor()  # what training left behind
    if version == _INNERMOST and reader.integer() != 1:
        raise BadNetwork("a network that makes several pictures of one is not read")
    return layer


def _convolution(reader: _Reader, flags: int = 0) -> Layer:
    parameters = reader.tensor()
    reader.integers(3)  # filters and window: the weights say so too
    stride, padding = reader.pair(), reader.pair()
    shape, biases = reader.alias(), prod(reader.alias())
    reader.floats(4)  # how fast it learned
    use_bias, use_relu = ([reader.boolean() for _ in range(flags)] + [True, False])[:2]
    if use_relu:
        raise BadNetwork("convolutions that end with a ReLU are not read")
    weights = parameters[: prod(shape)].reshape(shape)
    offsets = parameters[weights.size :] if use_bias else np.zeros(shape[0], np.float32)
    if offsets.size != biases and use_bias:
        raise BadNetwork("a convolution whose parameters do not fit")
    return Convolution(weights, offsets, stride, padding)


def _affine(reader: _Reader, flags: int = 0) -> Layer:
    parameters = reader.tensor()
    factors, offsets = prod(reader.alias()), prod(reader.alias())
    reader.integer()  # for convolutions or for fully connected layers
    if True in [reader.boolean() for _ in range(flags)]:
        raise BadNetwork("layers that are switched off are not read")
    return Scale(parameters[:factors], parameters[factors : factors + offsets])


def _batch_normalisation(reader: _Reader) -> Layer:
    parameters = reader.tensor()
    factors, offsets = prod(reader.alias()), prod(reader.alias())
    reader.tensor()
    reader.tensor()
    means, variances = reader.tensor(), reader.tensor()
    reader.integers(2)  # how the means were made
    reader.floats(4)
    (epsilon,) = reader.floats(1)
    deviations: Tensor = np.sqrt(variances + np.float32(epsilon))
    gain = parameters[:factors] / deviations
    return Scale(gain, parameters[factors : factors + offsets] - gain * means)


def _pool(reader: _Reader, mean: bool) -> Layer:
    return Pool(mean, reader.pair(), reader.pair(), reader.pair())


def _fully_connected(reader: _Reader, flags: int = 0) -> Layer:
    reader.integers(2)
    parameters = reader.tensor()
    inputs, outputs = reader.alias()[:2]
    reader.alias()
    reader.integer()
    reader.floats(4)
    for _ in range(flags):
        reader.boolean()
    if parameters.size != inputs * outputs:
        raise BadNetwork("fully connected layers with biases are not read")
    return FullyConnected(parameters.reshape(inputs, outputs))


def _relu(reader: _Reader, flags: int = 0) -> Layer:
    if True in [reader.boolean() for _ in range(flags)]:
        raise BadNetwork("layers that are switched off are not read")
    return Relu()


_READ: dict[str, Callable[[_Reader], Layer]] = {
    "con_4": _convolution,
    "con_5": lambda reader: _convolution(reader, flags=1),
    "con_6": lambda reader: _convolution(reader, flags=2),
    "affine_": _affine,
    "affine_2": lambda reader: _affine(reader, flags=1),
    "bn_con2": _batch_normalisation,
    "max_pool_2": lambda reader: _pool(reader, mean=False),
    "avg_pool_2": lambda reader: _pool(reader, mean=True),
    "fc_2": _fully_connected,
    "fc_3": lambda reader: _fully_connected(reader, flags=1),
    "relu_": _relu,
    "relu_2": lambda reader: _relu(reader, flags=1),
    "add_prev_": lambda _reader: AddPrevious(),
}
