"""Replacing a file so that there is a whole one at every moment."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step that outlives a power cut; through a link, what it leads to.

    Raises OSError; then it is as it was.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        draft.chmod(target.stat().st_mode & 0o7777)
    draft.replace(target)
