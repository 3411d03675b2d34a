"""`python -m encoder.prepare [FILE.dat]`: make once what the first start would have to make.

An installation runs it, so that workers are ready at once and a read-only image has everything.
"""

import sys
from contextlib import suppress
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
    model_file,
)
from encoder.onnx.kept_graph import graph_of
from encoder.turbo.alignment.forests import landmark_table
from encoder.turbo.kernel import can_compile
from encoder.turbo.network.weights import packed_network


def main() -> None:
    """Make what is made of the networks, and unpack dlib's detector; 78 when a network is wrong."""
    kept = KeptFiles.of_installation()
    try:
        weights = [Path(path) for path in sys.argv[1:]] or [model_file(RESNET)]
        for path in (*weights, model_file(CNN_DETECTOR)):
            graph_of(NetworkFile.at(path), kept)
        if can_compile():  # facegate[turbo]
            for landmarks in (LANDMARKS_5, LANDMARKS_68):
                landmark_table(NetworkFile.at(model_file(landmarks)), kept)
            for path in weights:
                _pack(NetworkFile.at(path), kept)
    except ConfigurationError as error:
        sys.stderr.write(f"facegate encoder: {error}\n")
        sys.exit(78)
    DlibHog(kept)


def _pack(file: NetworkFile, kept: KeptFiles) -> None:
    with suppress(BadNetwork):  # ONNX Runtime takes more kinds than the compiled network
        packed_network(file, 1, kept)


if __name__ == "__main__":
    main()
