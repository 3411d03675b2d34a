"""What is in a folder of pictures: each file is a picture to import, or is skipped for a reason.

A picture is known by its name's ending or by how it begins. Links are followed; each folder is
looked through once. What systems keep beside pictures (thumbnails, bins, settings) is no person.
"""

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from contract.pictures.kind import HEAD_BYTES, picture_kind

_ENDINGS = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"),
        *(".png", ".apng", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff"),
        *(".heic", ".heif", ".heics", ".heifs", ".hif", ".avif", ".avifs"),
    }
)
_RAW = frozenset(
    {".cr2", ".cr3", ".nef", ".nrw", ".arw", ".dng", ".orf", ".rw2", ".pef", ".srw", ".raf", ".raw"}
)
"""Some begin as a TIFF, and show a thumbnail of the picture then."""
_SYSTEM_FOLDERS = frozenset(
    {
        *("@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "@__thumb"),
        *("#recycle", "#snapshot", "$recycle.bin", "recycler", "system volume information"),
        *("__macosx", "lost+found", "network trash folder", "temporary items"),
    }
)
_SYSTEM_FILES = frozenset(
    {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r"}
)
_SYSTEM_STARTS = (".", "~$", "synofile_thumb_", "synophoto_thumb_")


@dataclass(frozen=True)
class FoundPicture:
    """A picture file. `name` is relative to the folder, in Unicode NFC."""

    name: PurePosixPath
    path: Path


@dataclass(frozen=True)
class SkippedFile:
    """A file or folder that is not imported. `wanted`: it may be somebody's picture."""

    name: str
    reason: str
    wanted: bool = False


def walk_folder(folder: Path) -> Iterator[FoundPicture | SkippedFile]:
    """Yield everything below `folder`, sorted by name, links last.

    Raises NotADirectoryError when it is no folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    return _Walk(folder).walk(folder)


def pictures_in(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield (path relative to `folder`, path) of every picture below `folder`, sorted by name."""
    for found in walk_folder(folder):
        if isinstance(found, FoundPicture):
            yield found.name, found.path


class _Walk:
    """One walk through a folder, which remembers the folders and names it has met."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._folders: set[tuple[int, int]] = set()
        self._names: set[str] = set()

    def walk(self, folder: Path) -> Iterator[FoundPicture | SkippedFile]:
        try:
            place = folder.stat()
            entries = sorted(folder.iterdir(), key=lambda path: (path.is_symlink(), path.name))
        except OSError as error:
            yield self._skipped(folder, _why(error), wanted=True)
            return
        self._folders.add((place.st_dev, place.st_ino))
        for path in entries:
            yield from self._at(path)

    def _at(self, path: Path) -> Iterator[FoundPicture | SkippedFile]:
        try:
            state = path.stat()
        except OSError as error:
            missing = path.is_symlink()
            yield self._skipped(path, _broken_link(error) if missing else _why(error), wanted=True)
            return
        if stat.S_ISDIR(state.st_mode):
            yield from self._folder(path, (state.st_dev, state.st_ino))
        else:
            yield self._file(path, state)

    def _folder(self, path: Path, place: tuple[int, int]) -> Iterator[FoundPicture | SkippedFile]:
        if path.name.startswith(".") or path.name.casefold() in _SYSTEM_FOLDERS:
            yield self._skipped(path, "a folder that the system keeps for itself")
        elif place in self._folders:
            yield self._skipped(path, "a link to a folder that is imported already")
        else:
            yield from self.walk(path)

    def _file(self, path: Path, state: os.stat_result) -> FoundPicture | SkippedFile:
        name, ending = path.name.casefold(), path.suffix.lower()
        if name.startswith(_SYSTEM_STARTS) or name in _SYSTEM_FILES:
            return self._skipped(path, "a file that the system keeps for itself")
        if not stat.S_ISREG(state.st_mode):
            return self._skipped(path, "neither a file nor a folder")
        if ending in _RAW:
            return self._skipped(path, "a camera's raw file; export it as JPEG", wanted=True)
        if ending in _ENDINGS:
            return self._picture(path)
        try:
            with path.open("rb") as file:
                kind = picture_kind(file.read(HEAD_BYTES))
        except OSError as error:
            return self._skipped(path, _why(error), wanted=True)
        return self._skipped(path, "not a picture") if kind is None else self._picture(path)

    def _picture(self, path: Path) -> FoundPicture | SkippedFile:
        name = self._relative(path)
        if not _is_text(name):
            return self._skipped(path, "its name is not in UTF-8", wanted=True)
        if name in self._names:
            return self._skipped(path, "another picture's name looks the same", wanted=True)
        self._names.add(name)
        return FoundPicture(PurePosixPath(name), path)

    def _skipped(self, path: Path, reason: str, *, wanted: bool = False) -> SkippedFile:
        name = self._relative(path)
        return SkippedFile(name.encode("utf-8", "replace").decode(), reason, wanted)

    def _relative(self, path: Path) -> str:
        return unicodedata.normalize("NFC", path.relative_to(self._top).as_posix())


def _broken_link(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link that leads nowhere"
    return "a link that leads in a circle" if error.errno == errno.ELOOP else _why(error)


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
