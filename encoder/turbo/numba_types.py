"""How the kernels are compiled by numba, and the types of what they take. Needs numba."""

import numpy as np
from numba import njit, types

f4, f8 = np.float32, np.float64
u4, u8 = np.uint32, np.uint64

strict_math = njit(error_model="numpy")
"""Compiles with the rounding that Python, and dlib, would have; divisions by 0 are not checked."""
fast_math = njit(error_model="numpy", fastmath={"contract", "reassoc", "nnan", "nsz"})
"""Compiles sums in whichever order is fastest."""
inlined = njit(error_model="numpy", inline="always")
"""As `strict_math`, within what calls it: a call with many arguments takes longer than a short
product."""

BYTES, PAIRS = types.CPointer(types.uint8), types.CPointer(types.uint16)
WORDS, INTEGERS = types.CPointer(types.int32), types.CPointer(types.int64)
FLOATS, DOUBLES = types.CPointer(types.float32), types.CPointer(types.float64)
"""Addresses of arrays of numbers without a sign of 8 and 16 bits, with one of 32 and 64, and of
floats."""
