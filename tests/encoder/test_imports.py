"""What happens when modules are imported: nothing that depends on the processor."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.project import ROOT

pytestmark = pytest.mark.processes

_WATCH = """
import importlib, sys
asked = []
def audit(event, arguments):
    if event == "open" and str(arguments[0]) == "/proc/cpuinfo":
        asked.append(arguments[0])
sys.addaudithook(audit)
def watched(name, function):
    def asking():
        asked.append(name)
        return function()
    return asking
try:
    import llvmlite.binding as llvm
except ImportError:
    pass
else:
    for name in ("get_host_cpu_features", "get_host_cpu_name"):
        setattr(llvm, name, watched(name, getattr(llvm, name)))
for module in sys.argv[1:]:
    importlib.import_module(module)
print(*asked, *({"numba"} & set(sys.modules)))
"""
_OF_SET_UP = ("encoder.turbo.compile", "encoder.turbo.numba_types")
"""Have numba read the kernels, and numba asks the processor for itself."""


def modules_of(part: str) -> Iterator[str]:
    """Yield all modules but programs, kernels, and migrations, which Alembic runs."""
    for path in sorted((ROOT / part).rglob("*.py")):
        special = {"__init__.py", "__main__.py", "migrations", "kernel"} & {*path.parts}
        if not special:
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the setting names no kind of processor: who reads it raises."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={"FACEGATE_PROCESSOR": "abacus"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("part", ["encoder", "shard", "gateway"])
def test_an_import_asks_the_processor_nothing(part: str) -> None:
    modules = [
        name for name in modules_of(part) if name not in _OF_SET_UP if ".kernel." not in name
    ]

    shown = python("-c", _WATCH, *modules)

    assert shown.stderr == ""
    assert shown.stdout.split() == []


def test_an_import_of_the_kernels_does_not_settle_for_which_processor_they_are() -> None:
    pytest.importorskip("numba", reason="needs facegate[turbo]")

    assert python("-c", f"import {_OF_SET_UP[0]}").stderr == ""


def test_a_worker_with_the_installed_network_loads_no_libraries_of_others() -> None:
    """Every start of every worker would take the longer."""
    code = "from encoder import load_encoder; load_encoder(); import sys; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"pydantic", "sqlalchemy", "fastapi"} & set(shown.stdout.split()) == set()


def test_a_processor_that_there_is_not_is_told_when_a_kernel_is_wanted() -> None:
    failed = python("-c", "from encoder import load_encoder; load_encoder()")

    assert "FACEGATE_PROCESSOR='abacus': not one of x86-64-v4" in failed.stderr
