"""Loads a face detector of the user's own."""

from collections.abc import Sequence
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.custom.detector import CustomDetector
from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.model_folder import NETWORK, read_declared, read_network
from encoder.onnx.session import OnnxSession
from service.files.replaced_folder import read_whole


def load_custom_detector(folder: Path, providers: Sequence[str]) -> CustomDetector:
    """Return the detector in a folder. Raises ConfigurationError when it is another one."""
    return read_whole(folder, lambda place: _load(place, providers))


def _load(place: Path, providers: Sequence[str]) -> CustomDetector:
    manifest = read_declared(place, DetectorManifest.from_file)
    read_network(place, manifest)  # the declared file: ONNX Runtime then maps it by its path
    graph = OnnxSession(place / NETWORK, keeps_memory=True, providers=providers)
    absent = [name for name in manifest.outputs if name not in graph.outputs]
    if absent:
        raise ConfigurationError(f"{place / NETWORK} has no output {absent[0]!r}: add it again")
    return CustomDetector(manifest, graph)
