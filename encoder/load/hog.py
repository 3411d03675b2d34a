"""Which HOG detector there is on this machine."""

import logging

from encoder.detector import HogDetector
from encoder.files.kept_files import KeptFiles
from encoder.turbo.hog.detector import TurboHog
from encoder.turbo.hog.program import load_program
from encoder.turbo.kernel import NoProgram, can_compile

log = logging.getLogger(__name__)


def load_hog(kept: KeptFiles) -> HogDetector:
    """Return the compiled detector where it was compiled, and dlib's own elsewhere.

    Nothing is compiled here: that takes seconds and belongs to set-up (`encoder.compile`), which
    leaves the kernel in one of the folders.
    """
    try:
        return TurboHog(load_program(kept))
    except NoProgram as missing:
        if can_compile():
            log.warning("%s; dlib detects faces, in three times the time", missing)
    from encoder.dlib.hog import DlibHog

    return DlibHog(kept)
