"""The kernel's entry: from a face's box to its landmarks and its chip; compiled for LLVM here."""

from numba import cfunc, types
from numba.np.numpy_support import carray

from encoder.descriptor import CHIP
from encoder.turbo.alignment.kernel.chip import cut_chip
from encoder.turbo.alignment.kernel.landmarks import find_landmarks
from encoder.turbo.numba_types import BYTES, DOUBLES, FLOATS, INTEGERS, PAIRS, WORDS

_SIGNATURE = types.int64(
    *(BYTES, types.int64, types.int64),
    *(types.int64, types.int64, types.int64, types.int64),
    *(WORDS, FLOATS, types.int64),
    *(FLOATS, types.int64, INTEGERS, types.int64),
    *(INTEGERS, types.int64, INTEGERS, DOUBLES, types.int64),
    *(PAIRS, types.int64, DOUBLES, BYTES),
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
        every,
        count,
        which,
        places,
        mark_count,
        room,
        room_count,
        landmarks,
        chip,
    ):
        picture = carray(pixels, (height, width, 3))
        points = carray(landmarks, (2 * count,))
        find_landmarks(
            picture,
            (left, top, right, bottom),
            (carray(words, (size,)), carray(numbers, (size,))),
            (
                carray(floats, (float_count,)),
                carray(leaves, (leaf_count,)),
                carray(every, (count,)),
            ),
            points,
        )
        return cut_chip(
            (carray(pixels, (3 * height * width,)), height, width),
            points,
            (carray(which, (mark_count,)), carray(places, (2 * mark_count,))),
            carray(chip, (CHIP, CHIP, 3)),
            carray(room, (room_count,)),
        )

    return kernel.native_name, kernel.inspect_llvm()
