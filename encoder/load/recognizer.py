"""Loads what makes the vectors: dlib's network, or one of the user's own."""

from pathlib import Path

from contract.errors import ConfigurationError
from encoder.alignment import Alignment
from encoder.custom.face_points import FacePoints, LandmarkPoints
from encoder.custom.model_folder import NETWORK, read_manifest, read_network
from encoder.custom.recognizer import CustomRecognizer
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_68, NetworkFile
from encoder.load.alignment import load_alignment
from encoder.load.descriptor import load_descriptor
from encoder.recognizer import Recognizer
from encoder.resnet_recognizer import ResnetRecognizer


def load_resnet_recognizer(
    weights: NetworkFile, alignment: Alignment, cache: FileCache
) -> Recognizer:
    """Return dlib's network with its chips. Raises ConfigurationError when it is another one."""
    descriptor = load_descriptor(weights, cache)
    return ResnetRecognizer(descriptor, alignment, lambda: _alignment_68(cache))


def load_custom_recognizer(folder: Path, cache: FileCache) -> Recognizer:
    """Return the model in a folder. Raises ConfigurationError when it is not what it declares."""
    from encoder.onnx.session import (  # dlib's network may need no ONNX Runtime
        GraphFailed,
        OnnxSession,
    )

    manifest = read_manifest(folder)
    read_network(folder, manifest)  # the declared file: ONNX Runtime then maps it by its path
    try:
        graph = OnnxSession(folder / NETWORK, manifest.output)
        recognizer = CustomRecognizer(manifest, graph, load_face_points(cache))
        recognizer.check()
    except (ConfigurationError, GraphFailed) as error:
        raise ConfigurationError(f"{folder}: {error}") from error
    return recognizer


def load_face_points(cache: FileCache) -> FacePoints:
    """Return what finds ArcFace's five points."""
    return LandmarkPoints(_alignment_68(cache))


def _alignment_68(cache: FileCache) -> Alignment:
    return load_alignment(NetworkFile.published(LANDMARKS_68), cache)
