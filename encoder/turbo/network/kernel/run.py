"""The kernel's entry: all steps of a plan; compiled for LLVM here."""

from numba import cfunc, from_dtype, types
from numba.np.numpy_support import carray

from encoder.turbo.network.kernel.layers import convolve, pool_largest, pool_mean, winograd
from encoder.turbo.network.steps import STEP, Operation
from encoder.turbo.numba_types import FLOATS, strict_math

_CONVOLVE, _FOUR, _TWO, _THREE, _MAX_POOL, _MEAN_POOL = map(int, Operation)
_SIGNATURE = types.int64(
    *(types.CPointer(from_dtype(STEP)), types.int64, types.int64),
    *(FLOATS, types.int64, FLOATS, types.int64),
)


@strict_math
def work(step, pictures, weights, memory):
    """Do one step for all pictures."""
    if step.operation == _CONVOLVE:
        convolve(step, pictures, weights, memory)
    elif step.operation == _FOUR:
        winograd(step, 4, pictures, weights, memory)
    elif step.operation == _TWO:
        winograd(step, 2, pictures, weights, memory)
    elif step.operation == _THREE:
        winograd(step, 3, pictures, weights, memory)
    elif step.operation == _MAX_POOL:
        pool_largest(step, pictures, memory)
    elif step.operation == _MEAN_POOL:
        pool_mean(step, pictures, memory)


def intermediate_code() -> tuple[str, str]:
    """Compile a run; return its name and its code for LLVM, optimised for this processor."""

    @cfunc(_SIGNATURE, error_model="numpy")
    def kernel(plan, steps, pictures, weights, weight_count, memory, room):
        lines = carray(plan, (steps,))
        factors, floats = carray(weights, (weight_count,)), carray(memory, (room,))
        for number in range(steps):
            work(lines[number], pictures, factors, floats)
        return steps

    return kernel.native_name, kernel.inspect_llvm()
