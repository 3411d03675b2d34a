"""The network's kernel: the modules that it is made of, and its arguments."""

import ctypes

from encoder.turbo.kernel import Kernel

NETWORK = Kernel(
    "network",
    ["encoder.turbo.network.kernel.run"],
    (
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64],
    ),
)
"""It takes a plan's steps, their number, the number of chips, the weights and the memory, each with
how many floats there are."""
