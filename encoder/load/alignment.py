"""Loads the alignment that this machine has: compiled, or dlib's."""

from encoder.alignment import Alignment
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_68, NetworkFile
from encoder.load.turbo import turbo_alignment


def load_alignment(predictor: NetworkFile, cache: FileCache) -> Alignment:
    """Return the compiled alignment where there is one, and dlib's own elsewhere.

    Raises ConfigurationError when the file of landmarks cannot be read.
    """
    if (compiled := turbo_alignment(predictor, cache)) is not None:
        return compiled
    from encoder.dlib.alignment import DlibAlignment

    return DlibAlignment(predictor.path)


def load_alignment_68(cache: FileCache) -> Alignment:
    """Return the same by the 68 landmarks."""
    return load_alignment(NetworkFile.published(LANDMARKS_68), cache)
