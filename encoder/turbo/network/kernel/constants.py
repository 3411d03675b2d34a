"""Sizes that depend on the processor: functions in Python, constants in machine code.

Plain constants would be fixed when a module is imported, before anybody asks for machine code.
"""

from collections.abc import Callable

from numba.extending import overload

from encoder.turbo.network.registers import registers


def _constant(value: Callable[[], int]) -> Callable[[], int]:
    """Return a function for kernels whose result is known when they are compiled."""

    def constant() -> int:
        return value()

    @overload(constant, inline="always")
    def compiled():
        number = value()
        return lambda: number

    return constant


LANES = _constant(lambda: registers().lanes)
"""float32 in a vector register."""
PANEL = _constant(lambda: registers().panel)
"""Filters whose weights lie together."""
SPARE_AT = _constant(lambda: registers().scratch)
"""Where in the memory the results of rows in vain go, after a tile's scratch."""
NO_BIASES_AT = _constant(lambda: registers().scratch + registers().spare)
"""Where in the memory a panel of zeros is."""
