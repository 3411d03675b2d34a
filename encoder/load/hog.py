"""Loads the HOG detector that this machine has: compiled, or dlib's."""

from encoder.detector import HogDetector
from encoder.files.file_cache import FileCache
from encoder.load.turbo import turbo_hog


def load_hog(cache: FileCache) -> HogDetector:
    """Return the compiled detector where there is one, and dlib's own elsewhere."""
    if (compiled := turbo_hog(cache)) is not None:
        return compiled
    from encoder.dlib.hog import DlibHog

    return DlibHog(cache)
