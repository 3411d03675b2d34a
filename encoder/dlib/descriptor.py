"""dlib's own ResNet. It holds the GIL while it computes."""

import dlib
import numpy as np
from numpy.typing import NDArray

from contract.errors import ConfigurationError
from encoder.descriptor import CHIP
from encoder.files.model_files import NetworkFile


class DlibDescriptor:
    """The network that dlib loads from a file."""

    def __init__(self, weights: NetworkFile) -> None:
        """Load the network. Raises ConfigurationError when the file holds another one."""
        try:
            self._network = dlib.face_recognition_model_v1(str(weights.path))
        except RuntimeError as error:
            reason = "is not a face recognition network that dlib can load"
            raise ConfigurationError(f"{weights.path} {reason}") from error
        self.model = weights.model
        self.dimension = self.describe(np.zeros((1, CHIP, CHIP, 3), np.uint8)).shape[1]

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the vectors, float32 (n, d), of aligned faces, uint8 RGB (n, 150, 150, 3)."""
        return np.array([self._network.compute_face_descriptor(chip) for chip in chips], np.float32)
