"""What all parts of this kernel and of that for alignment agree on."""

import numpy as np
from numba import njit

f4, f8 = np.float32, np.float64
u4, u8 = np.uint32, np.uint64

exactly = njit(error_model="numpy")
"""Compiled as it stands: no checks that numba makes for Python's sake."""
inlined = njit(error_model="numpy", inline="always")
"""The same within what calls it: a call with many arguments takes longer than a short product."""
