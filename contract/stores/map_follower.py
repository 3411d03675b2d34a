"""Follows the store map's file: a valid edit is a new map, an invalid one is told once.

The file's content is polled: that sees edits in place, swaps by rename and mounted volumes alike.
An edit counts when two looks in a row read the same, so that a half-written file is never used.
"""

from pathlib import Path

from contract.errors import StoreMapError
from contract.stores.last_good_map import LastGoodMap, read_map_or_last_good
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap


class MapFollower:
    """Looks at a map's file again and again; use it from one thread at a time."""

    def __init__(self, file: MapFile, kept: LastGoodMap) -> None:
        """Follow `file` from what it says now, or has said when it was last `kept`.

        Raises StoreMapError when neither is a map.
        """
        self._file = file
        self._kept = kept
        content, self.first = read_map_or_last_good(file, kept)
        """The map that is in force at first."""
        self._judged: bytes | str = content
        self._read: bytes | str = content

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def look(self) -> StoreMap | None:
        """Return the new map when the file holds one, None when there is no news.

        Raises StoreMapError when it cannot be used any more; once, not at every look.
        """
        before, self._read = self._read, self._content()
        if self._read != before or self._read == self._judged:
            return None
        self._judged = self._read
        if isinstance(self._read, str):
            raise StoreMapError(self._read)
        news = parse_store_map(self._read, self.path)
        self._kept.keep(self._read)
        return news

    def _content(self) -> bytes | str:
        """Return what is in the file, or as text why it cannot be read."""
        try:
            return self._file.read()
        except StoreMapError as error:
            return error.detail
