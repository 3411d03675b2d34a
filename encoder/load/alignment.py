"""What aligns faces on this machine."""

import logging

from encoder.alignment import Alignment
from encoder.files.dlib_values import BadValues
from encoder.files.kept_files import KeptFiles
from encoder.files.model_files import NetworkFile
from encoder.turbo.alignment.alignment import TurboAlignment
from encoder.turbo.kernel import NoProgram, can_compile

log = logging.getLogger(__name__)


def load_alignment(predictor: NetworkFile, kept: KeptFiles) -> Alignment:
    """Return the compiled alignment where it was compiled, and dlib's own elsewhere.

    Nothing is compiled here: that takes seconds and belongs to set-up (`encoder.compile`).
    """
    try:
        return TurboAlignment.load(predictor, kept)
    except NoProgram as missing:
        if can_compile():
            log.warning("%s; dlib aligns faces, in five times the time", missing)
    except BadValues:
        pass  # dlib takes other landmarks too, or says what is wrong
    from encoder.dlib.alignment import DlibAlignment

    return DlibAlignment(predictor.path)
