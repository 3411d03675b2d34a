"""`image_root.py FOLDER VENV`: fill a folder with the root of an image that runs Python alone.

It gets the Python of a virtual environment, the system's libraries that Python and the packages
load, the certificates that are trusted, and who the users are. Run within a Debian image.
"""

import compileall
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

NEVER_IMPORTED = (
    *("config-*", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter", "turtledemo"),
    *("dist-packages", "site-packages", "__pycache__"),
)
KEPT = (
    *("etc/group", "etc/ld.so.cache", "etc/nsswitch.conf", "etc/passwd", "usr/lib/locale/C.utf8"),
    *("etc/ssl", "usr/lib/ssl", "usr/share/ca-certificates", "usr/local/share/ca-certificates"),
)
LIBRARY = re.compile(r"(/\S+) \(0x")


def main(root: Path, environment: Path) -> None:
    """Fill the folder."""
    standard = Path(sysconfig.get_path("stdlib"))
    copy_folder(standard, root, without=NEVER_IMPORTED)
    compileall.compile_dir(within(root, standard), stripdir=str(root), prependdir="/", quiet=1)
    for link in chain(environment / "bin/python"):
        if not link.is_relative_to(environment):
            copy_file(link, root)
    for library in libraries(environment, standard):
        copy_file(library, root, follow=True)
    for path in (Path("/", kept) for kept in KEPT):
        if path.is_dir():
            copy_folder(path, root)
        elif path.exists():
            copy_file(path, root)


def chain(link: Path) -> Iterator[Path]:
    """Yield a link and all that it leads to, one after the other."""
    yield link
    while link.is_symlink():
        link = Path(os.path.normpath(link.parent / link.readlink()))
        yield link


def libraries(environment: Path, standard: Path) -> set[Path]:
    """Return the system's libraries that Python or one of its modules loads."""
    modules = [path for folder in (environment, standard) for path in folder.rglob("*.so*")]
    shown = subprocess.run(  # noqa: S603 - the system's own
        ["/usr/bin/ldd", sys.executable, *modules], capture_output=True, text=True, check=False
    ).stdout
    found = {Path(path) for path in LIBRARY.findall(shown)}
    return {path for path in found if not path.is_relative_to(environment)}


def within(root: Path, path: Path) -> Path:
    """Return where a path of the system is in the image."""
    return root / path.relative_to("/")


def copy_folder(path: Path, root: Path, without: tuple[str, ...] = ()) -> None:
    """Copy a folder to its place in the image."""
    ignored = shutil.ignore_patterns(*without)
    shutil.copytree(path, within(root, path), symlinks=True, ignore=ignored, dirs_exist_ok=True)


def copy_file(path: Path, root: Path, *, follow: bool = False) -> None:
    """Copy a file, or a link unless it is followed, to its place in the image."""
    target = within(root, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target, follow_symlinks=follow)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
