"""`python -m encoder.prepare [FILE.dat]`: make once what the first start would have to make.

An installation runs it, so that workers are ready at once and a read-only image has everything.
"""

import sys
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.dlib.hog import DlibHog
from encoder.files.file_cache import FileCache
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
)
from encoder.files.network_outline import outline_of
from encoder.load.turbo import prepare_landmarks, prepare_network
from encoder.onnx.cached_graph import cached_graph


def main() -> None:
    """Make what is made of the networks and landmarks; 78 when a network is wrong."""
    cache = FileCache.of_installation()
    try:
        detector = NetworkFile.published(CNN_DETECTOR)
        outline_of(detector, cache)
        cached_graph(detector, cache)
        files = [NetworkFile.at(Path(path)) for path in sys.argv[1:]]
        for file in files or [NetworkFile.published(RESNET)]:
            if not prepare_network(file, cache):
                cached_graph(file, cache)
    except ConfigurationError as error:
        sys.stderr.write(f"facegate encoder: {error}\n")
        sys.exit(78)
    landmarks = [NetworkFile.published(name) for name in (LANDMARKS_5, LANDMARKS_68)]
    if not all(prepare_landmarks(file, cache) for file in landmarks):
        DlibHog(cache)


if __name__ == "__main__":
    main()
