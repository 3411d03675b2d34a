"""Loads dlib's network with what its chips need."""

from encoder.alignment import Alignment
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.load.alignment import load_alignment_68
from encoder.load.descriptor import load_descriptor
from encoder.recognizer import Recognizer
from encoder.resnet_recognizer import ResnetRecognizer


def load_resnet_recognizer(
    weights: NetworkFile, alignment: Alignment, cache: FileCache
) -> Recognizer:
    """Return dlib's network with its chips. Raises ConfigurationError when it is another one."""
    descriptor = load_descriptor(weights, cache)
    return ResnetRecognizer(descriptor, alignment, lambda: load_alignment_68(cache))
