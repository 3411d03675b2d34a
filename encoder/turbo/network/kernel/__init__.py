"""The face network's kernel, in Python that numba compiles: imported at set-up alone.

Activations lie in one memory, channels innermost, each picture with a border of zeros: what a
window takes from a line is one run of numbers, whether it is cut out of a picture or of Winograd's
tiles. All that multiplies is therefore one loop (product), which keeps the registers full. It knows
no bounds: the plan leaves room behind what is read and written in whole vectors.
"""
