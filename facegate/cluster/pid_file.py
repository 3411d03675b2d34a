"""PID files that are locked for as long as their process lives.

The lock, unlike the number, cannot outlive the process, nor be taken for another's.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from service.files.file_lock import lock_file

_ENDING = ".pid"


def hold_pid_file(folder: Path, name: str) -> None:
    """Write and lock the PID file `name` of this process, over an exec too. Raises OSError."""
    lock = lock_file(folder / f"{name}{_ENDING}")
    if lock is None:
        raise OSError(f"another {name} is running")
    with lock:
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n".encode())
        os.set_inheritable(os.dup(lock.fileno()), True)  # kept open, and with it the lock


def running_processes(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield name and PID of every living process that holds a PID file in `folder`."""
    for path in sorted(folder.glob(f"*{_ENDING}")):
        lock = lock_file(path)
        if lock is None:
            yield path.name.removesuffix(_ENDING), _number(path)
        else:
            with lock:
                lock.truncate(0)  # nobody's number, by now perhaps another program's


def _number(path: Path) -> int:
    """Return the number in a file that is locked; its process is about to write it, at the most."""
    while not (text := path.read_text(encoding="ascii").strip()):
        time.sleep(0.001)
    return int(text)
