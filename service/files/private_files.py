"""Files of personal data are the user's who runs the service, and nobody else's."""

import logging
import os
import stat
from io import FileIO
from pathlib import Path

log = logging.getLogger(__name__)

_OTHERS = 0o077
"""What the group and everybody else may do, as bits of a mode."""


def keep_files_private() -> None:
    """Have all that this process makes, and what it starts, be of mode 0700 or 0600.

    Called once, before the first file is made.
    """
    os.umask(_OTHERS)


def close_to_others(folder: Path) -> None:
    """Let nobody else into a folder of an earlier release, and log that; one to come is private.

    What is in it keeps its mode: nobody else gets there any more. Where the folder is not this
    user's, as a mounted volume may be, or everybody's, as `/tmp`, it stays as it is, and the log
    says so. What is no folder, such as a device, is left alone.
    """
    if not folder.is_dir():
        return
    bits = folder.stat().st_mode
    mode = bits & 0o777
    if not mode & _OTHERS:
        return
    if bits & stat.S_ISVTX or folder.resolve() == Path("/"):
        log.warning("%s is everybody's (mode %o): take a folder of its own", folder, mode)
        return
    try:
        folder.chmod(mode & ~_OTHERS)
    except OSError as error:
        log.warning("%s is open to others (mode %o), and stays so: %s", folder, mode, error)
    else:
        log.warning("%s was open to others (mode %o), and is closed to them now", folder, mode)


def append_private(path: Path) -> FileIO:
    """Open a file that its owner alone may read, made with its folder, to append and to read.

    What is written goes to the system at once. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileIO(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "a+")


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all; make its folder.

    It takes the place of the one that is there. Raises OSError.
    """
    draft = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)  # of somebody who was killed
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
