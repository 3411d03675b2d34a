"""Makes a network of the user's own cheaper to run, where the results are proven to be the same.

Each change is made on its own, checked by ONNX, and run on random pictures beside the network as it
was: what differs, or cannot be run, is not changed.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from contract.errors import ConfigurationError
from encoder.onnx.session import GraphFailed, OnnxSession

_BATCHES = 3
"""What the networks are compared on: so many times the pictures that one run takes at least."""
_SAME = 1e-4
"""Largest difference, as a part of the largest number of a result."""
_FREE = "n"
"""Name of a batch dimension of any size."""

Results = dict[str, NDArray[np.float32]]


def tuned_graph(data: bytes, side: int | None = None) -> bytes:
    """Return an ONNX file that gives the same numbers for less, or `data` itself.

    The batch dimension is freed where it is fixed, so that the faces of a picture go through in one
    run; PRelu is written as nodes that ONNX Runtime computes faster. `side` is in pixels: of the
    pictures of a network that leaves it open; without it, such a network stays as it is.

    Raises ConfigurationError when the file is no ONNX file, keeps its weights in other files, or
    cannot be loaded.
    """
    model = _read(data)
    session = OnnxSession(data)
    pictures = _random_pictures(session, side)
    if pictures is None:
        return data
    try:
        expected = _results(session, pictures, _fixed_batch(model.graph) or 1)
    except GraphFailed:
        return data
    for change in (_free_batch, _cheap_prelus):
        changed = ModelProto()
        changed.CopyFrom(model)
        if change(changed) and _is_sound(changed) and _gives(changed, pictures, expected):
            model, data = changed, bytes(changed.SerializeToString())
    return data


def _read(data: bytes) -> ModelProto:
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf's own, of a module that depends on its version
        raise ConfigurationError("this is not an ONNX file") from error
    if not model.graph.node:
        raise ConfigurationError("this is not an ONNX file, or one without a network")
    if any(onnx.external_data_helper.uses_external_data(each) for each in _tensors(model.graph)):
        raise ConfigurationError(
            "its weights are in other files: save it as one file first (onnx.save does that)"
        )
    return model


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner)


def _is_sound(model: ModelProto) -> bool:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError):
        return False
    return True


def _gives(model: ModelProto, pictures: NDArray[np.float32], expected: Results) -> bool:
    """Tell whether the network gives what is expected, in one run and in as many as there are."""
    fixed = _fixed_batch(model.graph)
    try:
        session = OnnxSession(bytes(model.SerializeToString()))
        runs = [_results(session, pictures, each) for each in ([fixed] if fixed else [1, None])]
    except (ConfigurationError, GraphFailed):
        return False
    return all(_alike(given[name], result) for given in runs for name, result in expected.items())


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    if one.shape != other.shape or not np.isfinite(other).all():
        return False
    return bool(np.abs(one - other).max(initial=0) <= _SAME * np.abs(other).max(initial=0))


def _results(session: OnnxSession, pictures: NDArray[np.float32], at_once: int | None) -> Results:
    """Return all that the network gives for pictures, so many of them in one run.

    Raises GraphFailed when it gives no result for each.
    """
    step = at_once or len(pictures)
    parts = [session.run_all(pictures[n : n + step]) for n in range(0, len(pictures), step)]
    try:
        return {name: np.concatenate([part[name] for part in parts]) for name in session.outputs}
    except ValueError as error:
        raise GraphFailed("its results do not belong to pictures") from error


def _random_pictures(session: OnnxSession, side: int | None) -> NDArray[np.float32] | None:
    """Return pictures such as the network takes; None when it does not say enough of them."""
    if session.input_type != "tensor(float)" or not session.input_shape:
        return None
    batch, *sizes = (
        each if isinstance(each, int) else free
        for each, free in zip(session.input_shape, (1, *(side,) * 3), strict=False)
    )
    if batch is None or None in sizes:
        return None
    generator = np.random.default_rng(0)
    shape = (_BATCHES * batch, *(size for size in sizes if size))
    return generator.standard_normal(shape, np.float32)


def _fixed_batch(graph: GraphProto) -> int:
    """Return how many pictures one run takes; 0 where that is free."""
    weights = {each.name for each in graph.initializer}
    (taken,) = (each for each in graph.input if each.name not in weights)
    return int(taken.type.tensor_type.shape.dim[0].dim_value)


def _free_batch(model: ModelProto) -> bool:
    """Let a network take any number of pictures; tell whether there was something to change.

    Some say that they do, and reshape to one.
    """
    graph = model.graph
    fixed = _fixed_batch(graph)
    weights = {each.name for each in graph.initializer}
    for value in (*graph.input, *graph.output):
        sizes = value.type.tensor_type.shape.dim
        if fixed and value.name not in weights and sizes and sizes[0].dim_value == fixed:
            sizes[0].dim_param = _FREE
    del graph.value_info[:]  # shapes in between, of the fixed number
    reshaped = _free_reshapes(graph, fixed or 1)
    return bool(fixed) or reshaped


def _free_reshapes(graph: GraphProto, fixed: int) -> bool:
    """Let all that is reshaped to a fixed number of pictures keep its own; tell whether any was."""
    constants = _constants(graph)
    changed = False
    for node in graph.node:
        if node.op_type != "Reshape" or node.input[-1] not in constants:
            continue
        first, *others = numpy_helper.to_array(constants[node.input[-1]])
        if first != fixed or not others:
            continue
        # -1 is whatever is left, of which there is one; 0 is as many as before
        free = np.array([0 if -1 in others else -1, *others], np.int64)
        name = f"{node.output[0]}/free_shape"
        graph.initializer.append(numpy_helper.from_array(free, name))
        node.input[-1] = name
        changed = True
    return changed


def _cheap_prelus(model: ModelProto) -> bool:
    """Write PRelus by channel as nodes that ONNX Runtime is fast at; tell whether there were any.

    With a slope of shape (C, 1, 1) its PRelu takes longer than the convolutions.
    """
    constants = _constants(model.graph)
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        slope = constants.get(node.input[1]) if node.op_type == "PRelu" else None
        if slope is not None and _is_by_channel(slope):
            made, weights = _prelu(node, numpy_helper.to_array(slope))
            nodes += made
            model.graph.initializer.extend(weights)
        else:
            nodes.append(node)
    if len(nodes) == len(model.graph.node):
        return False
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    _drop_unused_constants(model.graph)
    return True


def _drop_unused_constants(graph: GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    used |= {each.name for each in (*graph.input, *graph.output)}
    for unused in [each for each in graph.initializer if each.name not in used]:
        graph.initializer.remove(unused)


def _is_by_channel(slope: TensorProto) -> bool:
    """Tell whether its shape is (C, 1, 1) or (1, C, 1, 1)."""
    channels, *others = slope.dims[-3:] or [0]
    return channels > 1 and others == [1, 1] and math.prod(slope.dims) == channels


def _prelu(node: NodeProto, slope: NDArray[Any]) -> tuple[list[NodeProto], list[TensorProto]]:
    """Return nodes and constants for a PRelu: x + (1 - slope) relu(-x).

    The products are convolutions of one channel and one pixel: ONNX Runtime keeps the channels of
    convolutions in blocks, where a Mul by channel would make it reorder them there and back. It
    joins the first with the Relu, and the second with the Add.
    """
    value, result = node.input[0], node.output[0]
    opposite, negative, rest = (f"{result}/{part}" for part in ("opposite", "negative", "rest"))
    factors = {f"{opposite}/factors": -np.ones_like(slope), f"{rest}/factors": 1 - slope}
    weights = [
        numpy_helper.from_array(each.reshape(-1, 1, 1, 1), name) for name, each in factors.items()
    ]
    by_channel: dict[str, Any] = {"kernel_shape": [1, 1], "group": slope.size}
    nodes = [
        helper.make_node("Conv", [value, weights[0].name], [opposite], **by_channel),
        helper.make_node("Relu", [opposite], [negative]),
        helper.make_node("Conv", [negative, weights[1].name], [rest], **by_channel),
        helper.make_node("Add", [value, rest], [result]),
    ]
    return nodes, weights


def _constants(graph: GraphProto) -> dict[str, TensorProto]:
    """Return the constants of a graph, by name."""
    constants = {each.name: each for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    return constants
