"""Replaces a folder as often as that takes steps, killed at another step each time.

Run as a process of its own, with the folder to replace: it prints a line of JSON for each kill,
with what a reader finds then, and a last one when nothing was left to be killed at.
"""

import json
import os
import signal
import sys
from pathlib import Path

from service.files.replaced_folder import names_in, read_whole, replacing

STEPS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}
"""Python's audit events of what changes files, or may: before each of them."""


def replace(folder: Path, text: str) -> None:
    with replacing(folder) as draft:
        (draft / "first").write_text(text)
        (draft / "second").write_text(text)


def found(folder: Path) -> list[str]:
    return read_whole(folder, lambda place: [path.read_text() for path in sorted(place.iterdir())])


def killed_at(step: int, folder: Path, text: str) -> bool:
    """Replace the folder in a process that kills itself before a step; tell whether it did."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    left = step

    def count(event: str, arguments: object) -> None:
        nonlocal left
        if event in STEPS:
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
    replace(folder, text)
    os._exit(0)


def main() -> None:
    folder = Path(sys.argv[1])
    replace(folder, "0")
    step = 0
    while killed_at(step, folder, str(step + 1)):
        print(json.dumps([found(folder), names_in(folder.parent)]))
        if step % 2:  # what was left by one, or by two
            replace(folder, str(step + 1))
            print(json.dumps([found(folder), [path.name for path in folder.parent.iterdir()]]))
        step += 1
    print(json.dumps([found(folder), [path.name for path in folder.parent.iterdir()]]))


if __name__ == "__main__":
    main()
