"""The HOG detector's kernel, in Python that numba compiles: imported at set-up alone.

A picture becomes a pyramid (pyramid); each level's gradients become histograms of directions in
cells (histograms), these become planes of features (features), and filters are scored on those:
approximately everywhere, exactly where that may reach a limit (filters). Every step gives what
dlib's own gives, up to the rounding of sums.

The loops over `x` and `i` are those that become vector instructions. An index whose sign numba
cannot know keeps them scalar: they run from 0 over slices, or add unsigned integers where slices
would cost more than the loop.
"""
