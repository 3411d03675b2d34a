"""What is compiled at set-up is found by workers, and nothing damaged is run."""

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from encoder.files.file_cache import FileCache
from encoder.turbo.alignment.program import ALIGNMENT
from encoder.turbo.hog.program import HOG
from encoder.turbo.kernel import Kernel, NotCompiled
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


def as_library(cache: FileCache) -> None:
    if not machine_code.linker():
        pytest.skip("needs a linker: ld")
    DOUBLE.compile(cache, code)


def as_object(cache: FileCache) -> None:
    DOUBLE.keep(cache, ".o", lambda: machine_code.object_code(*code()))


@pytest.fixture(params=[as_library, as_object])
def compiled(request: pytest.FixtureRequest) -> Callable[[FileCache], None]:
    """Both ways to keep a kernel."""
    way: Callable[[FileCache], None] = request.param
    return way


def test_a_kernel_runs(compiled: Callable[[FileCache], None], tmp_path: Path) -> None:
    compiled(FileCache([tmp_path]))

    double = DOUBLE.load(FileCache([tmp_path]))

    assert double(21) == 42


def test_a_kernel_is_kept_where_one_may_write(
    compiled: Callable[[FileCache], None], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = FileCache([tmp_path / "file" / "cache", tmp_path / "second"])

    compiled(cache)

    (path,) = (tmp_path / "second").glob("double-*")
    assert path.stat().st_mode & 0o444 == 0o444
    assert DOUBLE.load(cache)(1) == 2


def test_set_up_fails_where_nothing_can_be_kept(
    compiled: Callable[[FileCache], None], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="no folder to keep the double kernel"):
        compiled(FileCache([tmp_path / "file" / "cache"]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda contents: b"",
        lambda contents: contents[: len(contents) // 2],
        lambda contents: contents[:99] + bytes([contents[99] ^ 1]) + contents[100:],
    ],
)
def test_a_damaged_kernel_counts_as_absent(
    compiled: Callable[[FileCache], None], damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    cache = FileCache([tmp_path])
    compiled(cache)
    (path,) = tmp_path.glob("double-*")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(NotCompiled, match=r"python -m encoder\.compile"):
        DOUBLE.load(cache)


def test_another_kernel_is_not_taken_for_it(tmp_path: Path) -> None:
    as_object(FileCache([tmp_path]))

    for other in (
        DOUBLE._replace(name="triple"),
        DOUBLE._replace(modules=["encoder.turbo.hog.model"]),
    ):
        with pytest.raises(NotCompiled):
            other.load(FileCache([tmp_path]))


def test_a_kernel_of_a_module_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"encoder\.turbo\.gone"):
        DOUBLE._replace(modules=["encoder.turbo.gone"]).find(FileCache([tmp_path]), ".so")


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
from encoder.files.file_cache import FileCache
from encoder.turbo.alignment.program import ALIGNMENT
from encoder.turbo.hog.program import HOG
from encoder.turbo.kernel import Kernel
print(Kernel("double", (), [ctypes.c_int64]).load(FileCache([Path(sys.argv[1])]))(21))
"""


def test_a_library_is_loaded_where_nothing_is_that_made_it(tmp_path: Path) -> None:
    """As in the image: neither the packages nor their versions are known there."""
    as_library(FileCache([tmp_path]))

    shown = subprocess.run(
        [sys.executable, "-c", _WITHOUT, tmp_path], capture_output=True, text=True, check=True
    ).stdout

    assert shown == "42\n"
