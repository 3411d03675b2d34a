"""`python -m encoder.prepare [FILE.dat]`: make once what the first start would have to make.

An installation runs it, so that workers are ready at once and a read-only image has everything.
"""

import sys
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.dlib.hog import DlibHog
from encoder.files.kept_files import KeptFiles
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
)
from encoder.files.network_outline import outline_of
from encoder.load.turbo import prepare_landmarks, prepare_network
from encoder.onnx.kept_graph import graph_of


def main() -> None:
    """Make what is made of the networks and landmarks; 78 when a network is wrong."""
    kept = KeptFiles.of_installation()
    try:
        detector = NetworkFile.published(CNN_DETECTOR)
        outline_of(detector, kept)
        graph_of(detector, kept)
        files = [NetworkFile.at(Path(path)) for path in sys.argv[1:]]
        for file in files or [NetworkFile.published(RESNET)]:
            if not prepare_network(file, kept):
                graph_of(file, kept)
    except ConfigurationError as error:
        sys.stderr.write(f"facegate encoder: {error}\n")
        sys.exit(78)
    landmarks = [NetworkFile.published(name) for name in (LANDMARKS_5, LANDMARKS_68)]
    if not all(prepare_landmarks(file, kept) for file in landmarks):
        DlibHog(kept)


if __name__ == "__main__":
    main()
