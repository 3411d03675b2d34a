"""Which files a module is made of: its own source and that of every module that it imports."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_IMPORT = re.compile(r"^\s*from (encoder(?:\.\w+)+) import (\([^)]*\)|[\w, ]+)", re.MULTILINE)
"""Parsing takes 40 ms a kernel, at the start of every worker."""


def sources_of(modules: Iterable[str]) -> list[Path]:
    """Return the files of modules of the encoder and of all modules of it that they import.

    Sorted, each once. Raises ModuleNotFoundError when there is no such module.
    """
    found = set[Path]()
    wanted = list(modules)
    while wanted:
        path = _file_of(wanted.pop())
        if path not in found:
            found.add(path)
            wanted += _imported(path)
    return sorted(found)


def _file_of(module: str) -> Path:
    path = _ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    raise ModuleNotFoundError(f"no source of the module {module}", name=module)


def _imported(path: Path) -> Iterator[str]:
    """Yield the modules of the encoder that a file imports, at its top or in a function."""
    for package, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
        for name in re.findall(r"\w+", names):
            path = _ROOT.joinpath(*package.split("."), f"{name}.py")
            yield f"{package}.{name}" if path.is_file() else package
