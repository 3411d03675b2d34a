"""The compiled kernel of the face network."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

from encoder.turbo.machine_code import Kernel, MachineCode

_KERNEL = Kernel("network", ("turbo/network/plan.py", "turbo/network/kernel/*.py"))
_ARGUMENTS = (
    *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64],
)


def linked_network(folders: Sequence[Path] = ()) -> Callable[..., int]:
    """Return the compiled function. Raises NoProgram.

    It takes a plan's steps, their number, the number of chips, the weights and the memory, each
    with how many floats there are.
    """
    code, _ = _KERNEL.load(folders=folders)
    return code.linked(_ARGUMENTS)


def keep_network(code: MachineCode, folders: Sequence[Path] = ()) -> Path:
    """Write the code to the first folder that can be written. Raises OSError when none can."""
    return _KERNEL.keep(code, folders=folders)
