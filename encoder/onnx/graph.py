"""Writes a network of dlib as an ONNX graph that gives the same numbers.

The graph takes pictures (n, rows, columns, 3) RGB from 0 to 255: uint8 when their size is fixed,
else float32. Whatever is exact is folded into the convolutions: the pictures' normalisation and the
scales that follow them.

`python -m encoder.onnx.graph FILE.dat` writes the graph to standard output.
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from encoder.files.dlib_format import read_network
from encoder.files.folded_network import folded
from encoder.files.network import (
    AddPrevious,
    BadNetwork,
    Convolution,
    FullyConnected,
    Layer,
    Network,
    Pool,
    Relu,
    Scale,
    TagOrSkip,
    Tensor,
)

INPUT, OUTPUT = "pictures", "result"
_OPSET = 17
_IR_VERSION = 8  # what the oldest supported ONNX Runtime reads


def onnx_graph(network: Network) -> bytes:
    """Return the file of a graph. Raises BadNetwork when the layers do not fit together."""
    try:
        return _Graph(network).written()
    except (ValueError, IndexError, TypeError) as error:
        raise BadNetwork("layers that do not fit together") from error


class _Value(NamedTuple):
    """What a node gives: its name, channels, and rows and columns where they are known."""

    name: str
    channels: int
    size: tuple[int, int] | None


class _Graph:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[TensorProto] = []
        self._kept: list[_Value] = []

    def written(self) -> bytes:
        rows, columns = self._network.size or ("rows", "columns")
        pictures = ["n", rows, columns, 3]
        value = _Value(INPUT, 3, self._network.size)
        kind = TensorProto.UINT8 if self._network.size else TensorProto.FLOAT
        value = self._add("Transpose", value, perm=[0, 3, 1, 2])
        value = self._add("Cast", value, to=TensorProto.FLOAT)
        layers = folded(self._network)
        for place, layer in enumerate(layers):
            value = self._layer(value, layer, layers[place - 1] if place else None)
        self._nodes.append(helper.make_node("Identity", [value.name], [OUTPUT]))
        rank = 2 if isinstance(layers[-1], FullyConnected) else 4
        graph = helper.make_graph(
            self._nodes,
            "dlib",
            [helper.make_tensor_value_info(INPUT, kind, pictures)],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None] * rank)],
            self._constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="facegate",
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())

    def _layer(self, value: _Value, layer: Layer, before: Layer | None) -> _Value:
        match layer:
            case Convolution():
                result = self._convolution(value, layer)
            case Pool():
                result = self._pool(value, layer)
            case Relu():
                result = self._add("Relu", value)
            case TagOrSkip() if isinstance(before, TagOrSkip):
                result = self._kept.pop(-2)  # a skip: goes on from the tag before the last
            case TagOrSkip():
                self._kept.append(value)
                result = value
            case AddPrevious():
                result = self._sum(value, self._kept.pop())
            case FullyConnected(weights):
                result = self._fully_connected(value, weights)
            case Scale():
                raise BadNetwork("the scales are folded")
        return result

    def _convolution(self, value: _Value, layer: Convolution) -> _Value:
        filters, channels, *window = layer.weights.shape
        if channels != value.channels:
            raise BadNetwork("layers that do not fit together")
        return self._add(
            "Conv",
            value,
            self._constant(layer.weights),
            self._constant(layer.biases),
            channels=filters,
            size=_after(value.size, (window[0], window[1]), layer.stride, layer.padding),
            kernel_shape=window,
            strides=layer.stride,
            pads=layer.padding * 2,
        )

    def _pool(self, value: _Value, layer: Pool) -> _Value:
        if layer.window == (0, 0):
            return self._add("GlobalAveragePool", value, size=(1, 1))
        return self._add(
            "AveragePool" if layer.mean else "MaxPool",
            value,
            size=_after(value.size, layer.window, layer.stride, layer.padding),
            kernel_shape=layer.window,
            strides=layer.stride,
            pads=layer.padding * 2,
        )

    def _sum(self, one: _Value, other: _Value) -> _Value:
        """Add two values as dlib does: what the smaller one lacks is 0."""
        channels = max(one.channels, other.channels)
        size = _larger(one.size, other.size)
        return self._add(
            "Add",
            self._padded(one, channels, size),
            self._padded(other, channels, size).name,
            channels=channels,
            size=size,
        )

    def _padded(self, value: _Value, channels: int, size: tuple[int, int] | None) -> _Value:
        """Append zeros: channels by a convolution, because ONNX Runtime fuses those."""
        if value.channels < channels:
            weights = np.eye(channels, value.channels, dtype=np.float32)[:, :, None, None]
            none = np.zeros(channels, np.float32)
            value = self._convolution(value, Convolution(weights, none, (1, 1), (0, 0)))
        if value.size == size:
            return value
        if value.size is None or size is None:
            raise BadNetwork("a sum of pictures of unknown sizes is not read")
        more = (size[0] - value.size[0], size[1] - value.size[1])
        pads = np.array([0, 0, 0, 0, 0, 0, *more], np.int64)
        return self._add("Pad", value, self._constant(pads), size=size)

    def _fully_connected(self, value: _Value, weights: Tensor) -> _Value:
        if value.size != (1, 1) or len(weights) != value.channels:
            raise BadNetwork("layers that do not fit together")
        flat = self._add("Flatten", value)
        return self._add("MatMul", flat, self._constant(weights), channels=weights.shape[1])

    def _add(
        self,
        operation: str,
        value: _Value,
        *others: str,
        channels: int | None = None,
        size: tuple[int, int] | None = None,
        **attributes: Any,
    ) -> _Value:
        """Append a node; it gives what it takes unless `channels` and `size` say otherwise."""
        name = f"{operation}_{len(self._nodes)}"
        node = helper.make_node(operation, [value.name, *others], [name], **attributes)
        self._nodes.append(node)
        return _Value(name, channels or value.channels, size or value.size)

    def _constant(self, array: NDArray[Any]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _after(
    size: tuple[int, int] | None,
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
) -> tuple[int, int] | None:
    if size is None:
        return None
    rows, columns = (
        (size[axis] + 2 * padding[axis] - window[axis]) // stride[axis] + 1 for axis in (0, 1)
    )
    if rows < 1 or columns < 1:
        raise BadNetwork("layers that do not fit together")
    return rows, columns


def _larger(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return None
    return max(one[0], other[0]), max(one[1], other[1])


if __name__ == "__main__":
    sys.stdout.buffer.write(onnx_graph(read_network(Path(sys.argv[1]).read_bytes())))
