"""The scripts, styles and pictures of the pages: few and small, read once, served from memory."""

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

_SERVED = {".css", ".js", ".svg", ".txt"}
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class StaticFile:
    """One file; `tag` changes with its content, so that a browser asks again for nothing."""

    content: bytes
    media_type: str
    tag: str


class StaticFiles:
    """The files of the package's folder `static` by their path in it."""

    def __init__(self) -> None:
        self._files = dict(_read(files("gateway.pages") / "static", ""))

    def get(self, path: str) -> StaticFile | None:
        """Return the file at `path`."""
        return self._files.get(path)


def _read(folder: Traversable, prefix: str) -> Iterator[tuple[str, StaticFile]]:
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        ending = f".{entry.name.rpartition('.')[2]}"
        if entry.is_dir():
            yield from _read(entry, f"{path}/")
        elif ending in _SERVED:
            content = entry.read_bytes()
            media_type = _TYPES.get(ending) or mimetypes.types_map[ending]
            yield path, StaticFile(content, media_type, f'"{hashlib.sha256(content).hexdigest()}"')
