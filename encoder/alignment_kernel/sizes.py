"""What both parts of the kernel agree on."""

import numpy as np
from numba import njit

f4, f8, u8 = np.float32, np.float64, np.uint64

exactly = njit(error_model="numpy")
"""Compiles with the rounding that dlib has."""
inlined = njit(error_model="numpy", inline="always")
"""The same within what calls it: a call takes longer than what is done."""
