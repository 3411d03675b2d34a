"""dlib's ResNet in ONNX Runtime: the same numbers, in about a twelfth of the time."""

import numpy as np
from numpy.typing import NDArray

from contract.errors import ConfigurationError
from encoder.descriptor import CHIP
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.onnx.cached_graph import cached_graph
from encoder.onnx.session import OnnxSession

_AT_ONCE = 16
"""Chips in one run: more are no faster and take 2 MB each."""


class OnnxDescriptor:
    """The network in a graph that is built from dlib's file."""

    def __init__(self, weights: NetworkFile, cache: FileCache) -> None:
        """Load the network. Raises ConfigurationError when the file holds another one."""
        self._session = OnnxSession(cached_graph(weights, cache))
        if self._session.input_shape[1:] != [CHIP, CHIP, 3] or self._session.output_rank != 2:
            raise ConfigurationError(f"{weights.path} is not a face recognition network")
        self.model = weights.model
        self.dimension = self.describe(np.zeros((1, CHIP, CHIP, 3), np.uint8)).shape[1]

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the vectors, float32 (n, d), of aligned faces, uint8 RGB (n, 150, 150, 3)."""
        parts = [
            self._session.run(chips[first : first + _AT_ONCE])
            for first in range(0, len(chips), _AT_ONCE)
        ]
        return np.concatenate(parts)
