"""A network of the user's own is kept in a cheaper form, and gives the same numbers."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from contract.errors import ConfigurationError
from encoder.onnx.session import OnnxSession
from encoder.onnx.tuning import tuned_graph

_CHANNELS, _SIDE, _DIMENSION = 8, 16, 5
_SLOPES = np.linspace(-1.5, 2.5, _CHANNELS, dtype=np.float32)


def _network(
    *,
    batch: int | str = "n",
    slopes: NDArray[np.float32] | None = None,
    to_vector: Sequence[NodeProto] = (helper.make_node("Flatten", ["x"], ["flat"]),),
    side: int | str = _SIDE,
    **constants: NDArray[np.generic],
) -> bytes:
    """Return a convolution, a PRelu, and what makes a vector of it."""
    draw = np.random.default_rng(5).standard_normal
    slopes = _SLOPES[:, None, None] if slopes is None else slopes
    weights = {
        "filters": draw((_CHANNELS, 3, 3, 3), np.float32),
        "slopes": slopes,
        "last": draw((_CHANNELS * _SIDE * _SIDE, _DIMENSION), np.float32),
        **constants,
    }
    nodes = [
        helper.make_node("Conv", ["input", "filters"], ["conv"], pads=[1] * 4),
        helper.make_node("PRelu", ["conv", "slopes"], ["x"]),
        *to_vector,
        helper.make_node("MatMul", ["flat", "last"], ["vectors"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [batch, _DIMENSION])],
        [numpy_helper.from_array(each, name) for name, each in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def _operations(network: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_model_from_string(network).graph.node)


def _pictures(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(9).standard_normal((count, 3, _SIDE, _SIDE), np.float32)


def _one_by_one(network: bytes, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    session = OnnxSession(network)
    return np.concatenate([session.run(picture[None]) for picture in pictures])


@pytest.mark.parametrize("shape", [(_CHANNELS, 1, 1), (1, _CHANNELS, 1, 1)])
def test_a_prelu_by_channel_is_written_as_cheaper_nodes(shape: tuple[int, ...]) -> None:
    network = _network(slopes=_SLOPES.reshape(shape))

    tuned = tuned_graph(network)

    assert _operations(network)["PRelu"] == 1
    assert _operations(tuned)["PRelu"] == 0
    pictures = _pictures(4)
    expected = OnnxSession(network).run(pictures)
    assert OnnxSession(tuned).run(pictures) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_slope_in_a_constant_node_is_found() -> None:
    model = onnx.load_model_from_string(_network())
    (slopes,) = (each for each in model.graph.initializer if each.name == "slopes")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["slopes"], value=slopes))
    model.graph.initializer.remove(slopes)

    assert _operations(tuned_graph(model.SerializeToString()))["PRelu"] == 0


@pytest.mark.parametrize("shape", [(-1,), (_SIDE,), (1, 1, _SIDE), (_CHANNELS, _SIDE, _SIDE)])
def test_other_prelus_stay(shape: tuple[int, ...]) -> None:
    slopes = np.full(shape if shape != (-1,) else (1,), 0.25, np.float32)
    network = _network(slopes=slopes)

    assert tuned_graph(network) is network


@pytest.mark.parametrize("shape", [(1, -1), (1, _CHANNELS * _SIDE * _SIDE)])
@pytest.mark.parametrize("said", [1, "n"])
def test_a_batch_of_one_becomes_free(shape: tuple[int, ...], said: int | str) -> None:
    reshape = helper.make_node("Reshape", ["x", "shape"], ["flat"])
    network = _network(batch=said, to_vector=[reshape], shape=np.array(shape, np.int64))

    tuned = OnnxSession(tuned_graph(network))

    pictures = _pictures(5)
    assert tuned.input_shape[0] == "n"
    expected = _one_by_one(network, pictures)
    assert tuned.run(pictures) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_batch_of_one_stays_where_pictures_would_mix() -> None:
    """Here the picture's number goes to the end: a batch comes out in another order."""
    across = [
        helper.make_node("Transpose", ["x"], ["last_first"], perm=[1, 2, 3, 0]),
        helper.make_node("Reshape", ["last_first", "shape"], ["flat"]),
    ]
    shape = np.array([1, _CHANNELS * _SIDE * _SIDE], np.int64)

    tuned = tuned_graph(_network(batch=1, to_vector=across, shape=shape))

    session, pictures = OnnxSession(tuned), _pictures(1)
    assert session.input_shape[0] == 1
    assert _operations(tuned)["PRelu"] == 0  # the one change does not hang on the other
    assert session.run(pictures).shape == (1, _DIMENSION)


def test_a_network_of_any_size_is_tuned_for_the_size_it_is_used_with() -> None:
    network = _network(side="pixels")

    assert tuned_graph(network) is network
    assert _operations(tuned_graph(network, side=_SIDE))["PRelu"] == 0
    assert tuned_graph(network, side=2 * _SIDE) is network  # cannot be run


@pytest.mark.parametrize("file", [b"", b"not a network", b"\x08\x08"])
def test_what_is_no_network_is_refused(file: bytes) -> None:
    with pytest.raises(ConfigurationError, match="not an ONNX file"):
        tuned_graph(file)


def test_weights_in_other_files_are_refused() -> None:
    model = onnx.load_model_from_string(_network())
    onnx.external_data_helper.convert_model_to_external_data(model, size_threshold=0)

    with pytest.raises(ConfigurationError, match="other files"):
        tuned_graph(model.SerializeToString())


def test_a_network_with_two_inputs_is_refused() -> None:
    model = onnx.load_model_from_string(_network())
    model.graph.input.append(helper.make_tensor_value_info("phase", TensorProto.BOOL, [1]))

    with pytest.raises(ConfigurationError, match="2 inputs, not one: input, phase"):
        tuned_graph(model.SerializeToString())
