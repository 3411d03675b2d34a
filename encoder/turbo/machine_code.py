"""Machine code of LLVM's intermediate code, by llvmlite.

What numba writes calls its runtime to raise errors and to free memory, which the kernels never do:
those functions are made to end the process, so that the code stands without numba.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from encoder.turbo.kernel import FUNCTION
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
_KNOWN = ("Py", "llvm.", "hypot")
"""How the functions begin that Python, LLVM and the C library have."""
_ABORT = "declare void @abort()\n" + "".join(
    f"define void @{name}() {{\n call void @abort()\n unreachable\n}}\n" for name in _UNREACHABLE
)


def linker() -> str | None:
    """Return the system's linker, if there is one that makes libraries of ELF objects."""
    return shutil.which("ld") if sys.platform == "linux" else None


def shared_library(name: str, intermediate: str) -> bytes:
    """Return a library with the function, linked by the system's linker."""
    code = _emitted(name, intermediate, reloc="pic", codemodel="small", jit=False)
    command = [linker() or "ld", "-shared", "-Bsymbolic", "-z", "noexecstack", "-z", "relro"]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "kernel.o", Path(folder) / "kernel.so"
        source.write_bytes(code)
        subprocess.run([*command, "-o", target, source], check=True)  # noqa: S603 - the system's
        return target.read_bytes()


def object_code(name: str, intermediate: str) -> bytes:
    """Return an object file with the function, for `linked`."""
    return _emitted(name, intermediate, reloc="default", codemodel="jitdefault", jit=True)


def linked(code: bytes, kind: Callable[[int], Any]) -> Callable[..., int]:
    """Return the function of an object file, as ctypes makes it of its address."""
    machine = _target_machine(reloc="default", codemodel="jitdefault", jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    function: Any = kind(engine.get_function_address(FUNCTION))
    function.engine = engine  # the code lives as long as this
    return function  # type: ignore[no-any-return]  # ctypes knows no better


def _emitted(name: str, intermediate: str, **options: Any) -> bytes:
    machine = _target_machine(**options)
    module = llvm.parse_assembly(intermediate)
    module.get_function(name).name = FUNCTION
    module.link_in(llvm.parse_assembly(_ABORT))
    missing = {function.name for function in module.functions if function.is_declaration}
    if missing := {name for name in missing if not name.startswith((*_KNOWN, "abort"))}:
        raise ValueError(f"the kernel calls what is not there without numba: {sorted(missing)}")
    return bytes(machine.emit_object(module))


def _target_machine(**options: Any) -> llvm.TargetMachine:
    """Return the kind of processor in use as LLVM knows it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=processor().name, opt=3, **options)
