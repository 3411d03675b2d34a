"""What is compiled at set-up is found by workers, and nothing damaged is run."""

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from encoder.files.kept_files import KeptFiles
from encoder.turbo.alignment.program import ALIGNMENT
from encoder.turbo.hog.program import HOG
from encoder.turbo.kernel import Kernel, NoProgram
from encoder.turbo.network.program import NETWORK
from encoder.turbo.sources import sources_of

pytest.importorskip("llvmlite", reason="needs facegate[turbo]")

from encoder.turbo import machine_code

pytestmark = pytest.mark.processes

DOUBLE = Kernel("double", (), [ctypes.c_int64])
CODE = """
define i64 @mangled(i64 %number) {
  %result = add i64 %number, %number
  ret i64 %result
}
"""


def code() -> tuple[str, str]:
    return "mangled", CODE


def as_library(kept: KeptFiles) -> None:
    if not machine_code.linker():
        pytest.skip("needs a linker: ld")
    DOUBLE.compile(kept, code)


def as_object(kept: KeptFiles) -> None:
    DOUBLE.keep(kept, ".o", lambda: machine_code.object_code(*code()))


@pytest.fixture(params=[as_library, as_object])
def compiled(request: pytest.FixtureRequest) -> Callable[[KeptFiles], None]:
    """Both ways to keep a kernel."""
    way: Callable[[KeptFiles], None] = request.param
    return way


def test_a_kernel_runs(compiled: Callable[[KeptFiles], None], tmp_path: Path) -> None:
    compiled(KeptFiles([tmp_path]))

    double = DOUBLE.load(KeptFiles([tmp_path]))

    assert double(21) == 42


def test_a_kernel_is_kept_where_one_may_write(
    compiled: Callable[[KeptFiles], None], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = KeptFiles([tmp_path / "file" / "cache", tmp_path / "second"])

    compiled(kept)

    (path,) = (tmp_path / "second").glob("double-*")
    assert path.stat().st_mode & 0o444 == 0o444
    assert DOUBLE.load(kept)(1) == 2


def test_set_up_fails_where_nothing_can_be_kept(
    compiled: Callable[[KeptFiles], None], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="no folder to keep the double kernel"):
        compiled(KeptFiles([tmp_path / "file" / "cache"]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda contents: b"",
        lambda contents: contents[: len(contents) // 2],
        lambda contents: contents[:99] + bytes([contents[99] ^ 1]) + contents[100:],
    ],
)
def test_a_damaged_kernel_counts_as_absent(
    compiled: Callable[[KeptFiles], None], damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    kept = KeptFiles([tmp_path])
    compiled(kept)
    (path,) = tmp_path.glob("double-*")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(NoProgram, match=r"python -m encoder\.compile"):
        DOUBLE.load(kept)


def test_another_kernel_is_not_taken_for_it(tmp_path: Path) -> None:
    as_object(KeptFiles([tmp_path]))

    for other in (
        DOUBLE._replace(name="triple"),
        DOUBLE._replace(modules=["encoder.turbo.hog.model"]),
    ):
        with pytest.raises(NoProgram):
            other.load(KeptFiles([tmp_path]))


def test_a_kernel_of_a_module_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"encoder\.turbo\.gone"):
        DOUBLE._replace(modules=["encoder.turbo.gone"]).find(KeptFiles([tmp_path]), ".so")


_MODULES = """
import sys, encoder
before = set(sys.modules)
for name in sys.argv[1:]:
    __import__(name)
print(*(sys.modules[name].__file__ for name in set(sys.modules) - before if "encoder." in name))
"""


@pytest.mark.parametrize("kernel", [ALIGNMENT, HOG, NETWORK], ids=lambda kernel: kernel.name)
def test_all_modules_that_a_kernel_is_made_of_name_it(kernel: Kernel) -> None:
    """Held to what Python itself imports."""
    loaded = subprocess.run(
        [sys.executable, "-c", _MODULES, *kernel.modules],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    modules = {Path(file) for file in loaded if not file.endswith("__init__.py")}

    assert modules
    assert modules <= set(sources_of(kernel.modules))


def test_code_that_needs_numba_at_run_time_is_refused() -> None:
    needy = "declare void @numba_helper()\ndefine i64 @mangled() {\n call void @numba_helper()\n"
    with pytest.raises(ValueError, match="numba_helper"):
        machine_code.object_code("mangled", needy + " ret i64 0\n}\n")


_WITHOUT = """
import ctypes, sys
for absent in ("numba", "llvmlite", "dlib"):
    sys.modules[absent] = None
from importlib import util
found = util.find_spec
util.find_spec = lambda name: None if name in ("numba", "llvmlite") else found(name)
from pathlib import Path
from encoder.files.kept_files import KeptFiles
from encoder.turbo.alignment.program import ALIGNMENT
from encoder.turbo.hog.program import HOG
from encoder.turbo.kernel import Kernel
print(Kernel("double", (), [ctypes.c_int64]).load(KeptFiles([Path(sys.argv[1])]))(21))
"""


def test_a_library_is_loaded_where_nothing_is_that_made_it(tmp_path: Path) -> None:
    """As in the image: neither the packages nor their versions are known there."""
    as_library(KeptFiles([tmp_path]))

    shown = subprocess.run(
        [sys.executable, "-c", _WITHOUT, tmp_path], capture_output=True, text=True, check=True
    ).stdout

    assert shown == "42\n"
