"""Loads a face detector of the user's own."""

from collections.abc import Sequence
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.custom.detector import CustomDetector
from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.model_folder import NETWORK, read_declared, read_network
from encoder.onnx.session import OnnxSession


def load_custom_detector(folder: Path, providers: Sequence[str]) -> CustomDetector:
    """Return the detector in a folder. Raises ConfigurationError when it is another one."""
    manifest = read_declared(folder, DetectorManifest.from_file)
    read_network(folder, manifest)  # the declared file: ONNX Runtime then maps it by its path
    graph = OnnxSession(folder / NETWORK, keeps_memory=True, providers=providers)
    absent = [name for name in manifest.outputs if name not in graph.outputs]
    if absent:
        raise ConfigurationError(f"{folder / NETWORK} has no output {absent[0]!r}: add it again")
    return CustomDetector(manifest, graph)
