"""The compiled HOG kernel: machine code and its tables in one file, built at set-up.

A worker links the code with llvmlite, in a tenth of a second; numba, which takes half a second and
more memory than all models, is needed to build alone.
"""

import ctypes
import hashlib
import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from encoder.kept_files import usual_folders

_SOURCES = (
    *("hog_build.py", "hog_model.py", "hog_program.py", "hog_shortlist.py"),
    "hog_kernel/*.py",
)
_UNREACHABLE = (
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)
"""What numba's code calls to raise an error or to free memory, which the kernel never does."""


class NoProgram(Exception):
    """There is no kernel that was compiled for this processor by this release."""


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

    name: str
    code: bytes
    tables: HogTables

    def linked(self) -> Callable[..., int]:
        """Return the function; its arguments are addresses, integers and the margin."""
        abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
        for name in _UNREACHABLE:
            llvm.add_symbol(name, abort)
        machine = target_machine()
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(self.code))
        engine.finalize_object()
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *_ARGUMENTS)
        function = kind(engine.get_function_address(self.name))
        function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as this
        return function


_ARGUMENTS = (
    *[ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_double],
    *[ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64],
    *[ctypes.c_void_p, ctypes.c_int64],
)


def target_machine() -> llvm.TargetMachine:
    """Return this machine's processor as LLVM knows it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    processor, features = _processor()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=processor,
        features=features,
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def _processor() -> tuple[str, str]:
    """Return the kind of processor for which code is made, and its features.

    An image is built on one machine and runs on others: x86-64-v3 is what all of the last decade
    understand, and as fast here as code for the very model.
    """
    features = llvm.get_host_cpu_features()
    if all(features.get(feature) for feature in ("avx2", "bmi2", "f16c", "fma", "movbe")):
        return "x86-64-v3", ""
    return llvm.get_host_cpu_name(), features.flatten()


def machine_code(intermediate: str) -> bytes:
    """Compile LLVM's intermediate code for this processor."""
    return bytes(target_machine().emit_object(llvm.parse_assembly(intermediate)))


def _file_name() -> str:
    """Return the name of a program that this release compiled for this processor."""
    told = hashlib.sha256()
    for pattern in _SOURCES:
        for source in sorted(Path(__file__).parent.glob(pattern)):
            told.update(source.read_bytes())
    for text in (version("llvmlite"), sys.implementation.cache_tag, *_processor()):
        told.update(f"{text}\n".encode())
    return f"hog-{told.hexdigest()[:16]}.npz"


def load_program(folders: Sequence[Path] = ()) -> HogProgram:
    """Return the compiled kernel. Raises NoProgram."""
    name = _file_name()
    for folder in folders or usual_folders():
        try:
            file = io.BytesIO((folder / name).read_bytes())
            with np.load(file, allow_pickle=False) as kept:
                tables = HogTables(*(kept[field] for field in HogTables._fields))
                return HogProgram(str(kept["name"]), kept["code"].tobytes(), tables)
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            continue  # absent, or damaged: every part has a checksum
    raise NoProgram("no kernel is compiled for this processor: python -m encoder.hog_build")


def keep_program(program: HogProgram, folders: Sequence[Path] = ()) -> Path:
    """Write the kernel to the first folder that can be written. Raises OSError when none can."""
    failure: OSError | None = None
    for folder in folders or usual_folders():
        path = folder / _file_name()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(path, program)
        except OSError as error:
            failure = error
        else:
            return path
    raise failure or OSError("there is no folder for the compiled kernel")


def _write(path: Path, program: HogProgram) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            code = np.frombuffer(program.code, np.uint8)
            np.savez(file, name=program.name, code=code, **program.tables._asdict())
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # an image builds as root and runs as somebody else
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
