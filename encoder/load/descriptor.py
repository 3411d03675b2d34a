"""What computes the vectors on this machine."""

import logging

from encoder.descriptor import Descriptor
from encoder.files.dlib_format import BadNetwork
from encoder.files.kept_files import KeptFiles
from encoder.files.model_files import NetworkFile
from encoder.turbo.kernel import NoProgram, can_compile
from encoder.turbo.network.descriptor import TurboDescriptor

log = logging.getLogger(__name__)


def load_descriptor(weights: NetworkFile, kept: KeptFiles) -> Descriptor:
    """Return the compiled network where it was compiled, and ONNX Runtime elsewhere.

    Nothing is compiled here: that takes seconds and belongs to set-up (`encoder.compile`). Raises
    ConfigurationError when the file holds no such network.
    """
    try:
        return TurboDescriptor.load(weights, kept)
    except NoProgram as missing:
        if can_compile():
            log.warning("%s; ONNX Runtime describes faces, in twice the time", missing)
    except BadNetwork:
        pass  # ONNX Runtime takes other networks too, or says what is wrong
    from encoder.onnx.descriptor import OnnxDescriptor

    return OnnxDescriptor(weights, kept)
