"""From a face's box to its landmarks and its chip, and the machine code."""

from numba import cfunc, types
from numba.np.numpy_support import carray

from encoder.alignment_kernel.chip import cut_chip
from encoder.alignment_kernel.landmarks import find_landmarks
from encoder.descriptor import CHIP
from encoder.landmark_forests import LINE, POINTS

_BYTES, _DOUBLES = types.CPointer(types.uint8), types.CPointer(types.float64)
_FLOATS = types.CPointer(types.float32)
_SIGNATURE = types.int64(
    *(_BYTES, types.int64, types.int64),
    *(types.int64, types.int64, types.int64, types.int64),
    *(types.CPointer(types.int32), _FLOATS, types.int64),
    *(_FLOATS, types.int64, types.CPointer(types.int64), types.int64),
    *(_DOUBLES, _DOUBLES, _BYTES),
)


def intermediate_code() -> tuple[str, str]:
    """Compile an alignment; return its name and its code for LLVM, optimised for this processor."""

    @cfunc(_SIGNATURE, error_model="numpy")
    def kernel(
        pixels,
        height,
        width,
        left,
        top,
        right,
        bottom,
        words,
        numbers,
        size,
        floats,
        float_count,
        leaves,
        leaf_count,
        places,
        landmarks,
        chip,
    ):
        picture = carray(pixels, (height, width, 3))
        room = carray(floats, (float_count,))
        points = carray(landmarks, (2 * POINTS,))
        find_landmarks(
            picture,
            (left, top, right, bottom),
            (carray(words, (size,)), carray(numbers, (size,))),
            (room[:-LINE], carray(leaves, (leaf_count,)), room[-LINE:]),
            points,
        )
        return cut_chip(
            picture, points, carray(places, (2 * POINTS,)), carray(chip, (CHIP, CHIP, 3))
        )

    return kernel.native_name, kernel.inspect_llvm()
