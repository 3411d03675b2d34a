"""Compiled kernels: machine code and its tables in one file each, built at set-up.

A worker links the code with llvmlite, in a tenth of a second; numba, which takes half a second and
more memory than all models, is needed to build alone.
"""

import ctypes
import hashlib
import io
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from encoder.files.kept_files import usual_folders, write_whole
from encoder.turbo.processor import processor

_UNREACHABLE = (
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)
"""What numba's code calls to raise an error or to free memory, which the kernels never do."""
_NAME, _CODE = "name", "code"
_ENCODER = Path(__file__).parents[1]
_ALL_KERNELS = ("turbo/machine_code.py", "turbo/processor.py")
"""What every kernel depends on: how code is made, and for which registers."""


class NoProgram(Exception):
    """There is no kernel that was compiled for this processor by this release."""


class MachineCode(NamedTuple):
    """Code with one function."""

    name: str
    code: bytes

    def linked(self, arguments: Sequence[type]) -> Callable[..., int]:
        """Return the function, which takes arguments of these C types and gives an integer."""
        abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
        for name in _UNREACHABLE:
            llvm.add_symbol(name, abort)
        machine = _target_machine()
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(self.code))
        engine.finalize_object()
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *arguments)
        function = kind(engine.get_function_address(self.name))
        function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as this
        return function


def machine_code(name: str, intermediate: str) -> MachineCode:
    """Compile a function from LLVM's intermediate code for the kind of processor in use."""
    return MachineCode(
        name, bytes(_target_machine().emit_object(llvm.parse_assembly(intermediate)))
    )


def _target_machine() -> llvm.TargetMachine:
    """Return the kind of processor in use as LLVM knows it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    kind = processor()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=kind.name,
        features=kind.features,
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


class Kernel(NamedTuple):
    """Which compiled kernel: what it is called, and the sources that it depends on."""

    name: str
    sources: Sequence[str]
    """Patterns of files in this folder, beside those that every kernel depends on."""

    def load(
        self, tables: Sequence[str] = (), folders: Sequence[Path] = ()
    ) -> tuple[MachineCode, dict[str, NDArray[Any]]]:
        """Return the code and its tables from whichever folder has them. Raises NoProgram."""
        if not processor().is_here:
            raise NoProgram(f"this processor is no {processor().name}")
        name = self._file_name()
        for folder in folders or usual_folders():
            try:
                file = io.BytesIO((folder / name).read_bytes())
                with np.load(file, allow_pickle=False) as kept:
                    code = MachineCode(str(kept[_NAME]), kept[_CODE].tobytes())
                    return code, {table: kept[table] for table in tables}
            except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
                continue  # absent, or damaged: every part has a checksum
        raise NoProgram(
            f"the {self.name} kernel is not compiled for this processor: python -m encoder.compile"
        )

    def keep(
        self,
        code: MachineCode,
        tables: Mapping[str, NDArray[Any]] | None = None,
        folders: Sequence[Path] = (),
    ) -> Path:
        """Write to the first folder that can be written. Raises OSError when none can."""
        failure: OSError | None = None
        for folder in folders or usual_folders():
            path = folder / self._file_name()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(path, _written(code, tables or {}))
            except OSError as error:
                failure = error
            else:
                return path
        raise failure or OSError("there is no folder for the compiled kernel")

    def _file_name(self) -> str:
        """Return the name of what this release compiled for the kind of processor in use."""
        told = hashlib.sha256()
        for pattern in (*_ALL_KERNELS, *self.sources):
            for source in sorted(_ENCODER.glob(pattern)):
                told.update(source.read_bytes())
        for text in (version("llvmlite"), sys.implementation.cache_tag, *processor()[:2]):
            told.update(f"{text}\n".encode())
        return f"{self.name}-{told.hexdigest()[:16]}.npz"


def _written(code: MachineCode, tables: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    parts = {_NAME: np.array(code.name), _CODE: np.frombuffer(code.code, np.uint8)}
    np.savez(file, allow_pickle=False, **parts, **tables)
    return file.getvalue()
