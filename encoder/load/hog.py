"""Which HOG detector there is on this machine."""

from encoder.detector import HogDetector
from encoder.files.kept_files import KeptFiles
from encoder.load.turbo import turbo_hog


def load_hog(kept: KeptFiles) -> HogDetector:
    """Return the compiled detector where there is one, and dlib's own elsewhere."""
    if (compiled := turbo_hog(kept)) is not None:
        return compiled
    from encoder.dlib.hog import DlibHog

    return DlibHog(kept)
