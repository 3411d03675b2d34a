"""dlib's networks without dlib: read from its files, run by ONNX Runtime, the same numbers."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies
from numpy.typing import NDArray
from PIL import Image

from contract.errors import ConfigurationError
from encoder import Encoder, EncoderChoice, load_encoder
from encoder.descriptor import Descriptor
from encoder.dlib.alignment import DlibAlignment
from encoder.dlib.cnn import DlibCnn
from encoder.dlib.descriptor import DlibDescriptor
from encoder.dlib.hog import DlibHog
from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.model_files import CNN_DETECTOR, LANDMARKS_5, RESNET, NetworkFile, model_file
from encoder.files.network import BadNetwork, Convolution, FullyConnected
from encoder.onnx.cached_graph import cached_graph
from encoder.onnx.cnn import OnnxCnn
from encoder.onnx.descriptor import OnnxDescriptor
from encoder.onnx.session import OnnxSession
from encoder.picture.decode import decode
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import Pixels
from tests.encoder.picture_files import saved
from tests.pictures import SHARED, sample
from tests.project import PYPROJECT

pytestmark = pytest.mark.slow

_SAMPLES = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png", "32bit.png")


def _photographs(every: int, side: int) -> list[Pixels]:
    """Return the samples and, where they are present, one of `every` of the larger set."""
    files = [sample(name) for name in _SAMPLES]
    files += [path.read_bytes() for path in sorted(SHARED.glob("lfw/*/*_0001.jpg"))[::every]]
    pictures = [decode(file, PictureLimits()) for file in files]
    small = [Image.fromarray(picture) for picture in pictures]
    for image in small:
        image.thumbnail((side, side))
    return [np.array(image) for image in small]


@pytest.fixture(scope="module")
def chips() -> NDArray[np.uint8]:
    """Aligned faces of real photographs."""
    alignment, hog = DlibAlignment(model_file(LANDMARKS_5)), DlibHog()
    return np.stack(
        [
            alignment.align(picture, face).chip
            for picture in _photographs(every=150, side=640)
            for face in hog.detect(np.asarray(Image.fromarray(picture).convert("L")))
        ]
    )


@pytest.fixture(
    scope="module",
    params=[pytest.param("onnx", marks=pytest.mark.processes), "compiled"],  # which makes the graph
)
def descriptor(request: pytest.FixtureRequest) -> Descriptor:
    weights = NetworkFile.at(model_file(RESNET))
    if request.param == "onnx":
        return OnnxDescriptor(weights, FileCache())
    pytest.importorskip("numba", reason="needs facegate[turbo]")
    from encoder import compile as kernels
    from encoder.turbo.network.descriptor import TurboDescriptor

    kernels.main()
    return TurboDescriptor.load(weights, FileCache())


def _onnx_cnn() -> OnnxCnn:
    file = NetworkFile.at(model_file(CNN_DETECTOR))
    network = read_network(file.path.read_bytes())
    return OnnxCnn(network, OnnxSession(cached_graph(file, FileCache())))


def _furthest(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(one - other, axis=1).max())


def test_the_descriptor_gives_the_vectors_of_dlib(
    chips: NDArray[np.uint8], descriptor: Descriptor
) -> None:
    expected = DlibDescriptor(NetworkFile.at(model_file(RESNET))).describe(chips)

    assert len(chips) >= len(_SAMPLES)
    assert _furthest(descriptor.describe(chips), expected) < 1e-5


def test_a_face_s_vector_does_not_depend_on_the_others_of_its_picture(
    chips: NDArray[np.uint8], descriptor: Descriptor
) -> None:
    crowd = np.concatenate([chips] * 6)
    alone = np.concatenate([descriptor.describe(chip[None]) for chip in chips])

    assert _furthest(descriptor.describe(crowd), np.concatenate([alone] * 6)) < 1e-5


def test_the_convolutional_detector_finds_the_boxes_of_dlib() -> None:
    ours, dlibs = _onnx_cnn(), DlibCnn()
    found = 0
    for picture in _photographs(every=700, side=480):
        actual, expected = ours.detect(picture), dlibs.detect(picture)
        assert [face[:4] for face in actual] == [face[:4] for face in expected]
        for one, other in zip(actual, expected, strict=True):
            assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
        found += len(actual)
    assert found >= len(_SAMPLES)


@pytest.mark.parametrize("size", [(1, 1), (6, 300), (7, 7), (8, 8), (300, 9), (33, 90)])
def test_the_convolutional_detector_takes_pictures_of_any_shape(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    assert _onnx_cnn().detect(picture) == DlibCnn().detect(picture) == []


def test_reads_what_dlib_wrote() -> None:
    network = read_network(model_file(RESNET).read_bytes())
    convolutions = [layer for layer in network.layers if isinstance(layer, Convolution)]
    last = network.layers[-1]
    assert network.size == (150, 150)
    assert network.means == pytest.approx((122.782, 117.001, 104.298))
    assert len(convolutions) == 29
    assert convolutions[0].weights.shape == (32, 3, 7, 7)
    assert isinstance(last, FullyConnected)
    assert last.weights.shape == (256, 128)


@given(data=strategies.data())
def test_a_damaged_network_is_refused_or_read(data: strategies.DataObject) -> None:
    file = bytearray(model_file(CNN_DETECTOR).read_bytes())
    places = strategies.integers(0, len(file) - 1)
    early = strategies.integers(0, 200)
    for place in data.draw(strategies.lists(early | places, max_size=4)):
        file[place] = data.draw(strategies.integers(0, 255))
    cut = data.draw(places | strategies.just(len(file)))
    try:
        network = read_network(bytes(file[:cut]))
    except BadNetwork:
        return
    assert network.layers


@pytest.fixture
def other_weights(tmp_path: Path) -> Path:
    """A network of the same architecture that was trained otherwise: one weight differs."""
    file = bytearray(model_file(RESNET).read_bytes())
    last = len(file) - 1_000  # within the last layer
    file[last : last + 4] = np.array([0.5], "<f4").tobytes()
    path = tmp_path / "other.dat"
    path.write_bytes(file)
    return path


@pytest.mark.processes  # where no kernel is, a graph is made
@pytest.mark.parametrize("backend", ["onnx", "dlib"])
def test_another_model_makes_other_vectors_under_another_name(
    backend: str, other_weights: Path, onnx_encoder: Encoder, tmp_path: Path
) -> None:
    encoder = load_encoder(EncoderChoice(backend, other_weights, tmp_path))  # type: ignore[arg-type]
    (usual,) = onnx_encoder.encode(sample("obama.jpg"))
    (other,) = encoder.encode(sample("obama.jpg"))
    assert encoder.model.startswith("dlib-resnet-v1-")
    assert encoder.model != onnx_encoder.model
    assert np.linalg.norm(usual.vector - other.vector) > 0.01


@pytest.mark.processes
@pytest.mark.parametrize("backend", ["onnx", "dlib"])
@pytest.mark.parametrize("wrong", ["text", "nothing", "detector", "predictor", "half"])
def test_a_file_that_is_no_such_model_is_named(backend: str, wrong: str, tmp_path: Path) -> None:
    files = {
        "text": b"weights",
        "detector": model_file(CNN_DETECTOR).read_bytes(),
        "predictor": model_file(LANDMARKS_5).read_bytes(),
        "half": model_file(RESNET).read_bytes()[:9_000_000],
    }
    path = tmp_path / f"{wrong}.dat"
    if wrong in files:
        path.write_bytes(files[wrong])
    with pytest.raises(ConfigurationError, match=rf"{wrong}\.dat"):
        load_encoder(EncoderChoice(backend, path, tmp_path))  # type: ignore[arg-type]


def test_face_recognition_takes_no_other_model(other_weights: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"other\.dat"):
        load_encoder(EncoderChoice("face_recognition", other_weights))


def test_face_recognition_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    [package] = PYPROJECT["project"]["optional-dependencies"]["reference"]
    monkeypatch.setitem(sys.modules, "face_recognition", None)  # as if it were not there

    with pytest.raises(ConfigurationError, match=f"pip install --no-deps {package}$"):
        load_encoder("face_recognition")


def test_a_crowd_is_encoded_whole(onnx_encoder: Encoder, portrait: Image.Image) -> None:
    """More faces than one run of the network takes."""
    crowd = Image.new("RGB", (1000, 1000), "grey")
    for n in range(16):
        crowd.paste(portrait.resize((230, 248)), (n % 4 * 250, n // 4 * 250))
    faces = onnx_encoder.encode(saved(crowd, "PNG"))
    assert len(faces) == 16
    middle = faces[0].vector
    assert all(np.linalg.norm(face.vector - middle) < 0.2 for face in faces)
