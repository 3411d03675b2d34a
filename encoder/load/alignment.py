"""What aligns faces on this machine."""

import logging

from encoder.alignment import Alignment
from encoder.files.dlib_values import BadValues
from encoder.files.kept_files import KeptFiles
from encoder.files.model_files import NetworkFile

log = logging.getLogger(__name__)


def load_alignment(predictor: NetworkFile, kept: KeptFiles) -> Alignment:
    """Return the compiled alignment where it was compiled, and dlib's own elsewhere.

    Nothing is compiled here: that takes seconds and belongs to set-up (`encoder.compile`).
    """
    try:
        from encoder.turbo.alignment.alignment import TurboAlignment
        from encoder.turbo.machine_code import NoProgram
    except ImportError:  # without facegate[turbo]
        return _dlib(predictor)
    try:
        return TurboAlignment.load(predictor, kept)
    except NoProgram as missing:
        log.warning("%s; dlib aligns faces, in five times the time", missing)
    except (BadValues, OSError):
        pass  # dlib takes other landmarks too, or says what is wrong
    return _dlib(predictor)


def _dlib(predictor: NetworkFile) -> Alignment:
    from encoder.dlib.alignment import DlibAlignment

    return DlibAlignment(predictor.path)
