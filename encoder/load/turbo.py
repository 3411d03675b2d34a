"""The one module outside encoder/turbo/ that imports the compiled kernels.

What loads a kernel returns None where there is none; dlib or ONNX Runtime then does the same. See
encoder/turbo/README.md.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from encoder.alignment import Alignment
from encoder.descriptor import Descriptor
from encoder.detector import HogDetector
from encoder.files.dlib_values import BadValues
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.files.network import BadNetwork
from encoder.turbo.alignment.alignment import TurboAlignment
from encoder.turbo.alignment.forests import landmark_table
from encoder.turbo.hog.detector import TurboHog
from encoder.turbo.hog.program import load_compiled_hog
from encoder.turbo.kernel import NotCompiled, can_compile
from encoder.turbo.network.descriptor import TurboDescriptor
from encoder.turbo.network.weights import packed_network

log = logging.getLogger(__name__)

_Part = TypeVar("_Part")


def turbo_hog(cache: FileCache) -> HogDetector | None:
    """Return dlib's HOG detector as a kernel, where it was compiled."""
    return _compiled(
        lambda: TurboHog(load_compiled_hog(cache)), "dlib detects faces, in three times the time"
    )


def turbo_alignment(predictor: NetworkFile, cache: FileCache) -> Alignment | None:
    """Return dlib's alignment as a kernel, where it was compiled and takes such landmarks."""
    return _compiled(
        lambda: TurboAlignment.load(predictor, cache), "dlib aligns faces, in five times the time"
    )


def turbo_descriptor(weights: NetworkFile, cache: FileCache) -> Descriptor | None:
    """Return dlib's ResNet as a kernel, where it was compiled and takes such a network."""
    return _compiled(
        lambda: TurboDescriptor.load(weights, cache),
        "ONNX Runtime describes faces, in twice the time",
    )


def _compiled(load: Callable[[], _Part], instead: str) -> _Part | None:
    """Return what is loaded. Nothing is compiled: that takes seconds and belongs to set-up."""
    try:
        return load()
    except NotCompiled as missing:
        if can_compile():
            log.warning("%s; %s", missing, instead)
    except (BadNetwork, BadValues):
        pass  # what comes instead takes other files too, or says what is wrong
    return None


def prepare_network(weights: NetworkFile, cache: FileCache) -> bool:
    """Lay out a network's weights for the kernel; tell whether the kernel will compute it."""
    if not can_compile():
        return False
    try:
        packed_network(weights, 1, cache)
    except BadNetwork:
        return False
    return True


def prepare_landmarks(predictor: NetworkFile, cache: FileCache) -> bool:
    """Lay out a file of landmarks for the kernel; tell whether the kernel will align faces."""
    if can_compile():
        landmark_table(predictor, cache)
    return can_compile()


def compile_kernels(cache: FileCache) -> None:
    """Compile what is not there yet. Needs numba. Raises OSError when it cannot be kept."""
    from encoder.turbo.compile import compile_all

    compile_all(cache)
