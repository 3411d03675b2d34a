"""Loads the network that this machine has: compiled, or in ONNX Runtime."""

from encoder.descriptor import Descriptor
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.load.turbo import turbo_descriptor


def load_descriptor(weights: NetworkFile, cache: FileCache) -> Descriptor:
    """Return the compiled network where there is one, and ONNX Runtime elsewhere.

    Raises ConfigurationError when the file holds no such network.
    """
    if (compiled := turbo_descriptor(weights, cache)) is not None:
        return compiled
    from encoder.onnx.descriptor import OnnxDescriptor

    return OnnxDescriptor(weights, cache)
