"""Where galleries lie in a data folder, and which lie there, whatever the store map says."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from contract.messages.cluster import StoredGallery

_FILE = "gallery.sqlite3"


def gallery_file(data: Path, store: str) -> Path:
    """Return the file of the gallery of `store` in the folder `data`."""
    return data / _folder_name(store) / _FILE


def orphaned_galleries(data: Path, stores: Iterable[str]) -> list[StoredGallery]:
    """Return the galleries in the folder `data` that belong to none of `stores`."""
    owned = {gallery_file(data, store) for store in stores}
    found = sorted(data.glob(f"*/{_FILE}"))
    return [_stored(path) for path in found if path not in owned and path.is_file()]


def _stored(path: Path) -> StoredGallery:
    """Return whose the gallery in the file `path` is, as far as it can be read."""
    store, faces = unquote(path.parent.name), None
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as file,
    ):
        [named] = file.execute("SELECT store FROM meta").fetchone() or [store]
        store = named if isinstance(named, str) else store
        [faces] = file.execute("SELECT count(*) FROM faces").fetchone()
    return StoredGallery(store=_plain(store), path=_plain(str(path)), faces=faces)


def _plain(text: str) -> str:
    """Return text that JSON can have: a path's bytes need be no text."""
    return text.encode(errors="replace").decode()


def _folder_name(store: str) -> str:
    """Return `store` quoted; a name too long for a file system is cut and told apart by a hash."""
    name = quote(store, safe="")
    if len(name) <= 200:
        return name
    return f"{name[:180]}-{hashlib.sha256(store.encode()).hexdigest()[:16]}"
