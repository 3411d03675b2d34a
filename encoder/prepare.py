"""`python -m encoder.prepare [FILE.dat]`: make once what the first start would have to make.

An installation runs it, so that workers are ready at once and a read-only image has everything.
"""

import sys
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.dlib.hog import DlibHog
from encoder.files.dlib_format import BadNetwork
from encoder.files.kept_files import KeptFiles
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
)
from encoder.files.network_outline import outline_of
from encoder.onnx.kept_graph import graph_of
from encoder.turbo.alignment.forests import landmark_table
from encoder.turbo.kernel import can_compile
from encoder.turbo.network.weights import packed_network


def main() -> None:
    """Make what is made of the networks and landmarks; 78 when a network is wrong."""
    kept = KeptFiles.of_installation()
    try:
        detector = NetworkFile.published(CNN_DETECTOR)
        outline_of(detector, kept)
        graph_of(detector, kept)
        files = [NetworkFile.at(Path(path)) for path in sys.argv[1:]]
        for file in files or [NetworkFile.published(RESNET)]:
            _prepare_network(file, kept)
    except ConfigurationError as error:
        sys.stderr.write(f"facegate encoder: {error}\n")
        sys.exit(78)
    if can_compile():  # facegate[turbo]
        for landmarks in (LANDMARKS_5, LANDMARKS_68):
            landmark_table(NetworkFile.published(landmarks), kept)
    else:
        DlibHog(kept)


def _prepare_network(file: NetworkFile, kept: KeptFiles) -> None:
    if can_compile():
        try:
            packed_network(file, 1, kept)
        except BadNetwork:
            pass  # ONNX Runtime takes more kinds than the compiled network
        else:
            return
    graph_of(file, kept)


if __name__ == "__main__":
    main()
