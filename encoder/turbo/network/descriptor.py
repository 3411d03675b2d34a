"""dlib's ResNet as a compiled kernel: the same numbers with half the multiplications."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.turbo.network.plan import Activations
from encoder.turbo.network.program import NETWORK
from encoder.turbo.network.weights import PackedNetwork, packed_network

_AT_ONCE = 8
"""Chips in one run: more are no faster and take 1.5 MB each."""
_LINE = 16
"""Floats of a line of the cache."""


class TurboDescriptor:
    """The network, compiled at set-up. For one thread at a time."""

    def __init__(self, model: str, network: PackedNetwork, run: Callable[..., int]) -> None:
        """Take a network and the compiled function that runs it."""
        self.model = model
        self._plan, self._weights = network
        self._run = run
        self._memory = _aligned(self._plan.memory)
        self._chips = self._pictures(self._plan.chips)
        self._vectors = self._pictures(self._plan.vectors)[:, 0, 0]
        self.dimension = self._plan.vectors.channels

    @classmethod
    def load(cls, weights: NetworkFile, cache: FileCache) -> Self:
        """Return the network of a file.

        Raises NotCompiled when there is no compiled function, BadNetwork when it cannot run the
        network, OSError when the file cannot be read.
        """
        run = NETWORK.load(cache)
        return cls(weights.model, packed_network(weights, _AT_ONCE, cache), run)

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the vectors, float32 (n, d), of aligned faces, uint8 RGB (n, 150, 150, 3)."""
        count = self._plan.at_once
        parts = [
            self._described(chips[first : first + count]) for first in range(0, len(chips), count)
        ]
        return np.concatenate(parts)

    def _described(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        self._chips[: len(chips)] = chips
        self._run(
            *(self._plan.steps.ctypes.data, len(self._plan.steps), len(chips)),
            *(self._weights.ctypes.data, self._weights.size),
            *(self._memory.ctypes.data, self._memory.size),
        )
        return self._vectors[: len(chips)].copy()

    def _pictures(self, place: Activations) -> NDArray[np.float32]:
        """Return pictures of the memory as an array (n, rows, columns, channels)."""
        return np.lib.stride_tricks.as_strided(
            self._memory[place.at :],
            (self._plan.at_once, place.size, place.size, place.channels),
            tuple(4 * floats for floats in (place.picture, place.line, place.channels, 1)),
        )


def _aligned(floats: int) -> NDArray[np.float32]:
    """Return zeros of which none that are worked on at once lie in two lines of the cache.

    numpy leaves half of a line before an array: the network then takes a sixth longer.
    """
    room = np.zeros(floats + _LINE, np.float32)
    first = -room.ctypes.data // room.itemsize % _LINE
    return room[first : first + floats]
