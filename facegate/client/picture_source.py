"""The pictures that users hand over, in whatever form they have them."""

import os
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

_WANTED = "a picture is bytes, a path, or a file that is open for reading in binary"


@runtime_checkable
class BinaryFile(Protocol):
    """A file that is open for reading in binary; it is read from where it stands."""

    def read(self) -> bytes: ...


Picture = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryFile
"""The content of a picture file, the path of one, or one that is open. A `str` is a path."""


def content_of(picture: Picture) -> bytes:
    """Return the picture file's content.

    Raises OSError when the file cannot be read, TypeError for what is no picture.
    """
    match picture:
        case bytes():
            return picture
        case bytearray() | memoryview():
            return bytes(picture)
        case str() | os.PathLike():
            with open(picture, "rb") as file:  # noqa: PTH123 - Path("") would be a folder
                return file.read()
        case BinaryFile():
            return _read(picture)
    raise TypeError(f"{_WANTED}, not {type(picture).__name__}")


def alone_or_together(
    pictures: Picture | Iterable[Picture],
) -> tuple[tuple[Picture, ...], bool]:
    """Return the pictures, and whether they were given together: a single one was not.

    Raises TypeError for what is neither.
    """
    if isinstance(pictures, bytes | bytearray | memoryview | str | os.PathLike | BinaryFile):
        return (pictures,), False
    if not isinstance(pictures, Iterable):
        raise TypeError(f"{_WANTED}, not {type(pictures).__name__}")
    return tuple(pictures), True


def _read(file: BinaryFile) -> bytes:
    content = file.read()
    if not isinstance(content, bytes):
        raise TypeError(f"{_WANTED}; this one gives {type(content).__name__}: open it with 'rb'")
    return content
