"""The alignment's kernel: the modules that it is made of, and its arguments."""

import ctypes

from encoder.turbo.kernel import Kernel

ALIGNMENT = Kernel(
    "alignment",
    ["encoder.turbo.alignment.kernel.run"],
    (
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64],
        *[ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p],
    ),
)
"""It takes a picture, its height and width; a box; a table's words, as integers and as floats, and
their number; room for floats and for leaves, with how many there are; the numbers of all landmarks,
and how many there are; those of the landmarks by which a chip is cut, their places in it, and how
many there are; room to reduce a face, with its size; and where landmarks and chip go. It returns 0,
or the room that it needs to cut a chip."""
