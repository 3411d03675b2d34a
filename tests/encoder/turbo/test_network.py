"""The compiled face network: ONNX Runtime's numbers, whatever the layers."""

import logging
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from numpy.typing import NDArray

from encoder.files.file_cache import FileCache
from encoder.files.folded_network import folded, unscaled
from encoder.files.model_files import CNN_DETECTOR, RESNET, NetworkFile, model_file
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
)
from encoder.load.descriptor import load_descriptor
from encoder.onnx.descriptor import OnnxDescriptor
from encoder.onnx.graph import onnx_graph
from encoder.onnx.session import OnnxSession

pytest.importorskip("numba", reason="needs facegate[turbo]")

from encoder import compile as kernels  # needs numba
from encoder.turbo.network.descriptor import TurboDescriptor
from encoder.turbo.network.plan import plan_of
from encoder.turbo.network.program import NETWORK
from encoder.turbo.network.registers import registers
from encoder.turbo.network.weights import PackedNetwork, packed, packed_network

_AT_ONCE = 3
PANEL = registers().panel
Filters = strategies.sampled_from([PANEL, 2 * PANEL, 3 * PANEL])


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The kernels, compiled where `make setup` did not."""
    kernels.main()


def _random(*shape: int) -> NDArray[np.float32]:
    """Numbers of about the size that keeps what passes a layer as large as it was."""
    inputs = math.prod(shape[1:])
    random = np.random.default_rng(inputs).standard_normal(shape, np.float32)
    return random * np.float32(math.sqrt(2 / inputs))


def _convolution(
    filters: int, channels: int, window: int, stride: int, padding: int
) -> list[Layer]:
    return _convolution_with(_random(filters, channels, window, window), stride, padding)


def _convolution_with(weights: NDArray[np.float32], stride: int, padding: int) -> list[Layer]:
    filters = len(weights)
    scale = Scale(np.float32(1) + _random(filters, 9)[:, 0], _random(filters, 2)[:, 0])
    pair = (stride, stride), (padding, padding)
    return [Convolution(weights, np.zeros(filters, np.float32), *pair), scale]


def _block(channels: int) -> list[Layer]:
    """What adds its input to what two convolutions make of it."""
    same = channels, channels, 3, 1, 1
    return [TagOrSkip(), *_convolution(*same), Relu(), *_convolution(*same), AddPrevious(), Relu()]


def _smaller_block(filters: int, channels: int) -> list[Layer]:
    """What makes pictures half as large and adds the means of its input."""
    main = [
        *_convolution(filters, channels, 3, 2, 0),
        Relu(),
        *_convolution(filters, filters, 3, 1, 1),
    ]
    mean = Pool(mean=True, window=(2, 2), stride=(2, 2), padding=(0, 0))
    return [TagOrSkip(), *main, TagOrSkip(), TagOrSkip(), mean, AddPrevious(), Relu()]


def _halves(side: int) -> bool:
    """Return whether convolution and mean, which differ by up to a pixel, fill the same tiles."""
    return side >= 3 and -(-((side - 1) // 2) // 4) == -(-(side // 2) // 4)


@strategies.composite
def networks(draw: strategies.DrawFn) -> Network:
    """Residual networks of dlib's kind, of other sizes."""
    size, window = draw(strategies.integers(9, 70)), draw(strategies.sampled_from([1, 3, 5, 7]))
    stride, channels = draw(strategies.integers(1, 3)), draw(Filters)
    layers = [*_convolution(channels, 3, window, stride, 0), Relu()]
    side = (size - window) // stride + 1
    if draw(strategies.booleans()) and side >= 3:
        layers.append(Pool(mean=False, window=(3, 3), stride=(2, 2), padding=(0, 0)))
        side = (side - 3) // 2 + 1
    for _ in range(draw(strategies.integers(0, 4))):
        if draw(strategies.booleans()) and _halves(side):
            filters = max(channels, draw(Filters))
            layers += _smaller_block(filters, channels)
            channels, side = filters, side // 2
        elif side > 1:
            layers += _block(channels)
    everything = Pool(mean=True, window=(0, 0), stride=(1, 1), padding=(0, 0))
    layers += [everything, FullyConnected(_random(channels, PANEL))]
    return Network((120.0, 110.0, 100.0), (size, size), tuple(layers), None)


def compiled_network(network: Network) -> TurboDescriptor:
    assert network.size is not None
    plan = plan_of(unscaled(network), network.size[0], _AT_ONCE, registers())
    return TurboDescriptor(
        "test", PackedNetwork(plan, packed(plan, folded(network))), NETWORK.load(FileCache())
    )


@settings(max_examples=60, deadline=None)
@given(network=networks(), chips=strategies.integers(1, 8))
def test_computes_what_onnx_runtime_computes(network: Network, chips: int) -> None:
    assert network.size is not None
    shape = chips, *network.size, 3
    pictures = np.random.default_rng(chips).integers(0, 256, shape, np.uint8)
    expected = OnnxSession(onnx_graph(network)).run(pictures)
    turbo = compiled_network(network)

    for order in (np.s_[:], np.s_[::-1]):  # nothing is left over from the pictures before
        actual = turbo.describe(pictures[order])
        assert np.abs(actual - expected[order]).max() <= 2e-5 * np.abs(expected).max()


_SQUARE = Pool(mean=True, window=(0, 0), stride=(1, 1), padding=(0, 0))
_FIRST = tuple(_convolution(PANEL, 3, 3, 1, 0))
_HUGE = [
    layer
    for channels in (PANEL, 2048)
    for layer in _convolution_with(np.zeros((2048, channels, 3, 3), np.float32), 1, 1)
]


@pytest.mark.parametrize(
    "layers",
    [
        _FIRST,  # no vector at its end
        (*_FIRST, *_convolution(PANEL, 2 * PANEL, 3, 1, 1), _SQUARE),
        (*_FIRST, *_convolution(PANEL + 8, PANEL, 3, 1, 1), _SQUARE),
        (*_FIRST, *_convolution(PANEL, PANEL, 3, 2, 1), _SQUARE),
        (*_FIRST, *_convolution(PANEL, PANEL, 5, 1, 2), _SQUARE),
        (*_FIRST, *_convolution(PANEL, PANEL, 9, 1, 0), _SQUARE),
        (
            *_convolution(PANEL, 3, 1, 1, 0),
            *_smaller_block(PANEL, PANEL),
            _SQUARE,
        ),  # of 4 and of 5 pixels
        (*_FIRST, AddPrevious(), _SQUARE),
        (
            *_FIRST,
            TagOrSkip(),
            Relu(),
            *_convolution(PANEL, PANEL, 3, 1, 1),
            AddPrevious(),
            _SQUARE,
        ),
        (*_FIRST, TagOrSkip(), *_convolution(PANEL, PANEL, 1, 1, 0), AddPrevious(), _SQUARE),
        (*_FIRST, TagOrSkip(), *_convolution(2 * PANEL, PANEL, 3, 1, 1), AddPrevious(), _SQUARE),
        (*_FIRST, _SQUARE, Scale(np.ones(PANEL, np.float32), np.ones(PANEL, np.float32))),
        (*_FIRST, *_HUGE, _SQUARE),
    ],
)
def test_what_the_kernel_does_not_compute_is_refused(layers: tuple[Layer, ...]) -> None:
    with pytest.raises(BadNetwork):
        compiled_network(Network((0.0, 0.0, 0.0), (10, 10), layers, None))


@pytest.mark.processes
def test_without_a_compiled_kernel_onnx_runtime_describes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    resnet = NetworkFile.at(model_file(RESNET))
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_descriptor(resnet, FileCache([tmp_path])), OnnxDescriptor)
    assert "python -m encoder.compile" in caplog.text


def test_another_network_than_faces_is_refused_by_both() -> None:
    with pytest.raises(BadNetwork):
        TurboDescriptor.load(NetworkFile.at(model_file(CNN_DETECTOR)), FileCache())


def test_weights_are_packed_once_and_again_when_they_are_damaged(tmp_path: Path) -> None:
    resnet, cache = NetworkFile.at(model_file(RESNET)), FileCache([tmp_path])
    expected = packed_network(resnet, 1, cache).weights.copy()
    (path,) = tmp_path.glob("*.npy")
    written = path.stat().st_mtime_ns
    assert np.array_equal(packed_network(resnet, 2, cache).weights, expected)
    assert path.stat().st_mtime_ns == written

    path.write_bytes(path.read_bytes()[:-1])

    assert np.array_equal(packed_network(resnet, 1, cache).weights, expected)
    assert path.stat().st_mtime_ns != written


@pytest.mark.processes
def test_a_worker_loads_neither_the_compiler_nor_what_the_kernels_replace() -> None:
    code = "import sys; from encoder import load_encoder; load_encoder(); print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "encoder.turbo.network.descriptor" in shown
    assert not {"dlib", "numba", "onnx", "onnxruntime"} & set(shown)
