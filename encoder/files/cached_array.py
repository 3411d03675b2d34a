"""Arrays in the file cache, mapped into memory, so that processes share them."""

import io
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from encoder.files.file_cache import FileCache

_Kind = TypeVar("_Kind", np.int32, np.float32)


def cached_array(cache: FileCache, stem: str, make: Callable[[], NDArray[_Kind]]) -> NDArray[_Kind]:
    """Return the array that `make` returns, made once a machine where it can be kept.

    `stem` says all that the array depends on. Raises what `make` raises, and OSError.
    """

    def written() -> bytes:
        file = io.BytesIO()
        np.save(file, make())
        return file.getvalue()

    made = cache.get(f"{stem}.npy", written)
    if isinstance(made, bytes):
        array: NDArray[_Kind] = np.load(io.BytesIO(made))
    else:
        array = np.load(made, mmap_mode="r")
    return array
