"""Notices whoever starts a process in a test that promised to start none."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
_LINKER = "ld"
"""Runs where the kernels are not compiled yet, which `make setup` does."""
_forbidden: list[bool] = []


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    if not _forbidden or event not in _STARTS:
        return
    started = str(arguments[0]) if arguments else event
    if Path(started).name != _LINKER:
        pytest.fail(f"{started} is started by a test without `pytest.mark.processes`")


sys.addaudithook(_notice)


@contextmanager
def forbidden() -> Iterator[None]:
    """Let whatever starts a process meanwhile fail the test."""
    _forbidden.append(True)
    try:
        yield
    finally:
        _forbidden.pop()
