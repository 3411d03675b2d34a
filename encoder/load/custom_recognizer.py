"""Loads a face network of the user's own: what dlib's network does not need is imported here."""

from collections.abc import Sequence
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.custom.face_points import FacePoints, LandmarkPoints
from encoder.custom.model_folder import NETWORK, read_manifest, read_network
from encoder.custom.recognizer import CustomRecognizer
from encoder.files.file_cache import FileCache
from encoder.load.alignment import load_alignment_68
from encoder.onnx.session import GraphFailed, OnnxSession
from encoder.recognizer import Recognizer
from service.files.replaced_folder import read_whole


def load_custom_recognizer(folder: Path, cache: FileCache, providers: Sequence[str]) -> Recognizer:
    """Return the model in a folder. Raises ConfigurationError when it is not what it declares."""
    points = load_face_points(cache)
    return read_whole(folder, lambda place: _load(place, points, providers))


def _load(place: Path, points: FacePoints, providers: Sequence[str]) -> Recognizer:
    manifest = read_manifest(place)
    read_network(place, manifest)  # the declared file: ONNX Runtime then maps it by its path
    try:
        graph = OnnxSession(
            place / NETWORK, manifest.output, keeps_memory=True, providers=providers
        )
        recognizer = CustomRecognizer(manifest, graph, points)
        recognizer.check()
    except (ConfigurationError, GraphFailed) as error:
        raise ConfigurationError(f"{place}: {error}") from error
    return recognizer


def load_face_points(cache: FileCache) -> FacePoints:
    """Return what finds ArcFace's five points."""
    return LandmarkPoints(load_alignment_68(cache))
