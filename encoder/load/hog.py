"""Which HOG detector there is on this machine."""

import logging
from collections.abc import Sequence
from pathlib import Path

from encoder.detector import HogDetector
from encoder.files.kept_files import KeptFiles

log = logging.getLogger(__name__)


def load_hog(folders: Sequence[Path] = ()) -> HogDetector:
    """Return the compiled detector where it was compiled, and dlib's own elsewhere.

    Nothing is compiled here: that takes seconds and belongs to set-up (`encoder.compile`), which
    leaves the kernel in one of the folders.
    """
    try:
        from encoder.turbo.hog.detector import TurboHog
        from encoder.turbo.hog.program import load_program
        from encoder.turbo.machine_code import NoProgram
    except ImportError:  # without facegate[turbo]
        return _dlib_hog(folders)
    try:
        return TurboHog(load_program(folders))
    except NoProgram as missing:
        log.warning("%s; dlib detects faces, in three times the time", missing)
        return _dlib_hog(folders)


def _dlib_hog(folders: Sequence[Path]) -> HogDetector:
    from encoder.dlib.hog import DlibHog

    return DlibHog(KeptFiles(folders))
