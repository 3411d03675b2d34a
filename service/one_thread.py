"""One thread for the libraries that would bring threads of their own: BLAS and OpenMP.

A service is as many processes as it may use cores. A second thread of OpenBLAS gains nothing on
matrices as small as ours, and spins for 12 ms after each product: more than a picture takes.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SETTERS = ("openblas_set_num_threads", "scipy_openblas_set_num_threads64_")
"""What an OpenBLAS calls it: the one in faiss's wheels, and the one in numpy's."""
_MAPS = Path("/proc/self/maps")


def use_one_thread() -> None:
    """Keep the libraries of this process, and of those that it starts, to one thread.

    Those that are loaded later read the environment; an OpenBLAS that is there already, because
    another program has imported us, is told.
    """
    os.environ.update(dict.fromkeys(_VARIABLES, "1"))
    for library in _loaded("openblas"):
        for setter in _SETTERS:
            with suppress(AttributeError):
                getattr(library, setter)(1)


def _loaded(word: str) -> Iterator[ctypes.CDLL]:
    """Yield the shared libraries of this process with `word` in their names; none without /proc."""
    lines = _MAPS.read_text(encoding="utf-8").splitlines() if _MAPS.exists() else []
    paths = {line.partition("/")[2] for line in lines}
    for path in paths:
        if word in Path(path).name:
            with suppress(OSError):  # replaced by an upgrade since
                yield ctypes.CDLL(f"/{path}")
