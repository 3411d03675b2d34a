"""How much of a network is worked on at once: it follows from the width of a vector register."""

from typing import NamedTuple

from encoder.turbo.network.steps import SLACK
from encoder.turbo.processor import processor


class Registers(NamedTuple):
    """A processor's vector registers, and the sizes that follow."""

    lanes: int
    """float32 in a register."""

    @property
    def panel(self) -> int:
        """Filters whose weights lie together."""
        return 2 * self.lanes

    @property
    def scratch(self) -> int:
        """float32 of a tile's channels that are worked on at once."""
        return 6 * 6 * self.lanes

    @property
    def spare(self) -> int:
        """float32 for the results of rows in vain."""
        return SLACK * self.panel


def registers() -> Registers:
    """Return those of the processor that kernels are made for. Raises ConfigurationError."""
    return Registers(processor().lanes)
