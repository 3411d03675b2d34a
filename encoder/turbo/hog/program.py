"""The detector's kernel: the modules that it is made of, its arguments, and its tables."""

import ctypes
import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files.file_cache import FileCache
from encoder.turbo.kernel import Kernel, NotCompiled

HOG = Kernel(
    "hog",
    ["encoder.turbo.hog.kernel.run", "encoder.turbo.hog.build"],
    (
        *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_double],
        *[ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
        *[ctypes.c_void_p, ctypes.c_int64],
    ),
)
"""Its arguments are addresses, integers and the margin."""
_TABLES = ".npz"


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
    """The approximate filters: see `approximate_filters.ApproximateFilters`."""


class CompiledHog(NamedTuple):
    """The kernel's function, and its tables."""

    search: Callable[..., int]
    tables: HogTables


def load_compiled_hog(cache: FileCache) -> CompiledHog:
    """Return the compiled kernel. Raises NotCompiled."""
    search = HOG.load(cache)
    if (path := HOG.find(cache, _TABLES)) is None:
        raise NotCompiled("the hog kernel has no tables: python -m encoder.compile")
    with np.load(path, allow_pickle=False) as tables:
        return CompiledHog(search, HogTables(**tables))


def keep_tables(cache: FileCache, make: Callable[[], HogTables]) -> None:
    """Make the kernel's tables where there are none. Raises OSError when they cannot be kept."""

    def written() -> bytes:
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **make()._asdict())
        return file.getvalue()

    HOG.keep(cache, _TABLES, written)
