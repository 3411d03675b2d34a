"""The compiled HOG kernel: its code, and what it reads beside the picture."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.turbo.machine_code import Kernel, MachineCode

_KERNEL = Kernel(
    "hog",
    (
        *("turbo/hog/build.py", "turbo/hog/model.py", "turbo/hog/program.py"),
        *("turbo/hog/shortlist.py", "turbo/hog/kernel/*.py"),
    ),
)
_ARGUMENTS = (
    *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_double],
    *[ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_int64],
)


class HogTables(NamedTuple):
    """What the kernel reads beside the picture."""

    weights: NDArray[np.float32]
    """Shares of a pixel in four cells, by its place between their centres, shape (8, 8, 4)."""
    filters: NDArray[np.float32]
    """Shape (filters, 31, 10, 10)."""
    limits: NDArray[np.float64]
    """What a filter's score must reach, shape (filters,)."""
    overlap: NDArray[np.float64]
    """What two boxes of one face share: a part of the box around both, a part of either."""
    margin: NDArray[np.float64]
    """How far below a limit an approximate score is looked at closely, shape ()."""
    mix: NDArray[np.float32]
    term_filters: NDArray[np.int32]
    term_planes: NDArray[np.int32]
    term_factors: NDArray[np.float32]
    """The approximate filters, as hog_shortlist has them."""


class HogProgram(NamedTuple):
    """Machine code with one function, and its tables."""

    machine: MachineCode
    tables: HogTables

    def linked(self) -> Callable[..., int]:
        """Return the function; its arguments are addresses, integers and the margin."""
        return self.machine.linked(_ARGUMENTS)


def load_program(folders: Sequence[Path] = ()) -> HogProgram:
    """Return the compiled kernel. Raises NoProgram."""
    code, tables = _KERNEL.load(HogTables._fields, folders)
    return HogProgram(code, HogTables(**tables))


def keep_program(program: HogProgram, folders: Sequence[Path] = ()) -> Path:
    """Write the kernel to the first folder that can be written. Raises OSError when none can."""
    return _KERNEL.keep(program.machine, program.tables._asdict(), folders)
