"""What is declared of a file is what its graph states, or it is refused with the reason."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from contract.errors import ConfigurationError
from encoder.admission.admission import declared_network
from tests.encoder.custom.models import graph_file, small_network, value


def flat(shape: tuple[Any, ...], *outputs: Any, **constants: Any) -> bytes:
    """Return a graph that sums the sides of pictures of `shape` to n × 14 × … numbers."""
    nodes = [
        helper.make_node("AveragePool", ["input"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["cells"], ["output"]),
    ]
    return graph_file(
        nodes, [value("input", *shape)], list(outputs) or [value("output", "n", None)]
    )


def channels_last(shape: tuple[Any, ...]) -> bytes:
    nodes = [helper.make_node("Flatten", ["input"], ["output"])]
    return graph_file(nodes, [value("input", *shape)], [value("output", shape[0], None)])


def declared(network: bytes, kind: str = "arcface", **given: Any) -> Any:
    return declared_network(network, kind, {"name": "x", **given}).manifest


def test_what_the_graph_states_is_declared() -> None:
    manifest = declared(small_network(dimension=32))

    assert (manifest.input, manifest.output, manifest.layout) == ("input", "output", "nchw")
    assert (manifest.size, manifest.dimension, manifest.batch) == (112, 32, None)
    assert (manifest.preset, manifest.channels, manifest.alignment) == ("arcface", "rgb", "arcface")


def test_options_change_the_preset() -> None:
    manifest = declared(
        small_network(), "sface", channels="bgr", mean=(1, 2, 3), std=(4.0,) * 3, mirror=False
    )

    assert (manifest.channels, manifest.mean, manifest.std) == ("bgr", (1, 2, 3), (4, 4, 4))
    assert not manifest.mirror


def test_pictures_with_the_channels_last_are_nhwc_and_a_length_that_is_open_is_measured() -> None:
    manifest = declared(channels_last(("n", 16, 16, 3)), size=16)

    assert (manifest.layout, manifest.dimension) == ("nhwc", 16 * 16 * 3)


def test_a_graph_that_leaves_its_layout_open_needs_to_be_told() -> None:
    open_graph = flat(("n", None, None, None))

    with pytest.raises(ConfigurationError, match="give --layout nchw or nhwc"):
        declared(open_graph)
    assert declared(open_graph, layout="nchw").dimension == 3 * 14 * 14


def test_a_vectors_length_beside_it_is_no_vector() -> None:
    nodes = [
        helper.make_node("AveragePool", ["input"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["cells"], ["vectors"]),
        helper.make_node("ReduceL2", ["vectors"], ["norm"], axes=[1], keepdims=1),
    ]
    outputs = [value("norm", "n", 1), value("vectors", "n", 588)]
    network = graph_file(nodes, [value("input", "n", 3, 112, 112)], outputs)

    assert declared(network).output == "vectors"
    with pytest.raises(ConfigurationError, match="--output norm is no vector"):
        declared(network, output="norm")
    with pytest.raises(
        ConfigurationError, match=r"--output other: the network gives norm \(n × 1\)"
    ):
        declared(network, output="other")


def two_inputs() -> bytes:
    nodes = [helper.make_node("Add", ["a", "b"], ["c"]), helper.make_node("Flatten", ["c"], ["d"])]
    shape = ("n", 3, 16, 16)
    return graph_file(nodes, [value("a", *shape), value("b", *shape)], [value("d", "n", 768)])


def two_outputs() -> bytes:
    nodes = [helper.make_node("Flatten", ["a"], [name]) for name in ("b", "c")]
    given = [value(name, "n", 768) for name in ("b", "c")]
    return graph_file(nodes, [value("a", "n", 3, 16, 16)], given)


def of_type(type_: int) -> bytes:
    nodes = [
        helper.make_node("Cast", ["a"], ["b"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["b"], ["c"]),
    ]
    taken = value("a", "n", 3, 112, 112, type_=type_)
    return graph_file(nodes, [taken], [value("c", "n", 37632)])


def of_two_numbers() -> bytes:
    nodes = [
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "w"], ["c"]),
    ]
    weights = {"w": np.ones((768, 2), np.float32)}
    return graph_file(nodes, [value("a", "n", 3, 16, 16)], [value("c", "n", 2)], weights)


@pytest.mark.parametrize(
    ("network", "kind", "given", "reason"),
    [
        (b"", "arcface", {}, "not an ONNX file"),
        (b"a text file, not a network\n" * 50, "arcface", {}, "not an ONNX file"),
        (small_network()[:1000], "arcface", {}, "not an ONNX file"),
        (two_inputs(), "arcface", {}, "inputs"),
        (two_outputs(), "arcface", {"size": 16}, "several vectors: b (n × 768), c (n × 768); give"),
        (of_two_numbers(), "arcface", {"size": 16}, "no vector for each picture: c (n × 2)"),
        (of_type(TensorProto.UINT8), "arcface", {}, "takes tensor(uint8); export it with an input"),
        (of_type(TensorProto.FLOAT16), "arcface", {}, "takes tensor(float16)"),
        (channels_last(("n", 12)), "arcface", {}, "takes no pictures: its input is input (n × 12)"),
        (flat(("n", 1, 112, 112)), "arcface", {}, "no pictures of three channels"),
        (flat(("n", 3, 112, 96)), "arcface", {}, "not square: input (n × 3 × 112 × 96)"),
        (
            small_network(),
            "facenet",
            {},
            "preset facenet has pictures of 160 × 160: the graph takes",
        ),
        (small_network(), "arcface", {"size": 96}, "--size 96: the graph takes 112 × 112"),
        (small_network(), "arcface", {"layout": "nhwc"}, "--layout nhwc: the graph states nchw"),
        (small_network(), "arcface", {"std": (0.0,) * 3}, "--std"),
        (small_network(), "arcface", {"name": "Mine!"}, "--name Mine!"),
        (small_network(), "arcface", {"name": "dlib"}, "dlib is the installed network"),
        (small_network(), "arcface", {"name": "detectors"}, "is the folder of the detectors"),
        (small_network(), "arcface", {"margin": 5.0, "alignment": "box"}, "--margin 5.0"),
        (small_network(), "arcface", {"margin": 0.1}, "--alignment box goes with it"),
        (small_network(), "arcface", {"whitened": True, "std": (1.0,) * 3}, "give either"),
        (small_network(), "arcface", {"mean": (float("nan"),) * 3}, "finite number"),
    ],
)
def test_what_cannot_be_used_is_refused_with_one_line(
    network: bytes, kind: str, given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        declared(network, kind, **given)

    assert reason in refused.value.detail
    assert refused.value.detail.count("\n") == 0
