"""Compiled kernels on disk: made at set-up, found and linked by workers.

Where the system had a linker they are shared libraries, which every process can load. Elsewhere
they are object files, which llvmlite links in a tenth of a second. numba, which takes half a second
and more memory than all models, is needed to compile alone.
"""

import ctypes
import glob
import hashlib
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from encoder.files.file_cache import FileCache
from encoder.turbo.processor import processor
from encoder.turbo.sources import sources_of

FUNCTION = "kernel"
"""What each kernel's function is called."""
_LIBRARY, _OBJECT = ".so", ".o"
_MAKERS = ("numba", "llvmlite", "numpy", "dlib-bin", "dlib")
"""Packages whose versions change what is made, where they are installed."""


class NotCompiled(Exception):
    """There is no kernel that was compiled for this processor by this release."""


class Kernel(NamedTuple):
    """Which compiled kernel: what it is called, and the modules that it is made of."""

    name: str
    modules: Sequence[str]
    """Those that make its code and its tables. What they import counts, and this module does."""
    arguments: Sequence[Any]
    """The function's, as ctypes has them; it gives an integer of 64 bits."""

    def load(self, cache: FileCache) -> Callable[..., int]:
        """Return the function. Raises NotCompiled."""
        if not processor().is_here:
            raise NotCompiled(f"this processor is no {processor().name}")
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *self.arguments)
        if (path := self.find(cache, _LIBRARY)) is not None:
            return kind((FUNCTION, ctypes.CDLL(str(path))))
        if (path := self.find(cache, _OBJECT)) is not None and find_spec("llvmlite"):
            from encoder.turbo.machine_code import linked

            return linked(path.read_bytes(), kind)
        raise NotCompiled(
            f"the {self.name} kernel is not compiled for this processor: python -m encoder.compile"
        )

    def compile(self, cache: FileCache, intermediate: Callable[[], tuple[str, str]]) -> None:
        """Make the function of a function's name and LLVM's intermediate code, where there is none.

        Needs llvmlite. Raises OSError when there is no folder to keep it.
        """
        from encoder.turbo import machine_code

        if machine_code.linker():
            self.keep(cache, _LIBRARY, lambda: machine_code.shared_library(*intermediate()))
        else:
            self.keep(cache, _OBJECT, lambda: machine_code.object_code(*intermediate()))

    def find(self, cache: FileCache, suffix: str) -> Path | None:
        """Return a file of the kernel's that is kept."""
        return cache.find(glob.escape(self._stem()) + (_made_by() or "*") + suffix)

    def keep(self, cache: FileCache, suffix: str, make: Callable[[], bytes]) -> None:
        """Make a file of the kernel's where there is none. Raises OSError as `compile` does."""
        if not isinstance(cache.get(f"{self._stem()}{_made_by()}{suffix}", make), Path):
            raise OSError(f"there is no folder to keep the {self.name} kernel")

    def _stem(self) -> str:
        """Return what this release's file for the kind of processor in use is called."""
        told = hashlib.sha256()
        for source in sources_of([__name__, *self.modules]):
            told.update(source.read_bytes())
        told.update(f"{platform.machine()} {sys.implementation.cache_tag}".encode())
        return f"{self.name}-{processor().name}-{told.hexdigest()[:16]}-"


def can_compile() -> bool:
    """Return whether the packages are installed that compile kernels: facegate[turbo]."""
    return find_spec("numba") is not None


def _made_by() -> str:
    """Return a digest of the versions that make kernels; nothing where they are only loaded."""
    if not can_compile():
        return ""
    versions = "".join(f"{package} {_version(package)}\n" for package in _MAKERS)
    return hashlib.sha256(versions.encode()).hexdigest()[:8]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
