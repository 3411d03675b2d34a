"""What all parts of the kernel agree on."""

import numpy as np
from numba import njit

f4 = np.float32
u8 = np.uint64

exactly = njit(error_model="numpy")
