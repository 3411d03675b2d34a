"""A file that says: one process at a time."""

import fcntl
from pathlib import Path
from typing import IO


def lock_file(path: Path) -> IO[bytes] | None:
    """Lock a file, made with its folder, until what is returned is closed.

    Returns None when another process has locked it. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError:
        lock.close()
        raise
    return lock
