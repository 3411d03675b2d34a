"""`python -m encoder.prepare [FILE.dat]`: build once what the first start would have to build.

An installation runs it, so that workers are ready at once and a read-only image has everything.
"""

import sys
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.graph_cache import GraphCache
from encoder.model_files import CNN_DETECTOR, RESNET, NetworkFile, model_file


def main() -> None:
    """Build the graphs of the networks; exit with 78 and one line when one is wrong."""
    graphs = GraphCache()
    try:
        weights = [Path(path) for path in sys.argv[1:]] or [model_file(RESNET)]
        for path in (*weights, model_file(CNN_DETECTOR)):
            graphs.graph_of(NetworkFile.at(path))
    except ConfigurationError as error:
        sys.stderr.write(f"facegate encoder: {error}\n")
        sys.exit(78)


if __name__ == "__main__":
    main()
