"""Which modules of the product need which: read from their sources, nothing is imported."""

import ast
from functools import cache

from tests.project import ROOT


@cache
def needed_by(module: str) -> frozenset[str]:
    """Return the product's modules, as paths, that the module at this path imports or starts.

    It starts those whose dotted name is a text in it, as `python -m` takes it.
    """
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    found = {path for name in names for path in _paths(name)}
    return frozenset(found - {module})


def reached_from(*modules: str) -> set[str]:
    """Return the modules, and all that they need, directly or by way of others."""
    reached, waiting = set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += needed_by(module)
    return reached


def _paths(name: str) -> list[str]:
    """Return the path of a module by its dotted name; none for what is no module of ours."""
    if not all(part.isidentifier() for part in name.split(".")):
        return []
    path = name.replace(".", "/")
    candidates = (f"{path}.py", f"{path}/__init__.py", f"{path}/__main__.py")
    return [each for each in candidates if (ROOT / each).is_file()]
