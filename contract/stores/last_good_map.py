"""The last good store map, kept for a service that starts while the file holds none.

A process that ended, or that an edit has just begun, reads the map like any other. Were the file
alone read, an edit that is wrong would keep it from coming up, though it is to change nothing.
"""

import hashlib
import logging
import os
from pathlib import Path

from contract.errors import StoreMapError
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap

log = logging.getLogger(__name__)


class LastGoodMap:
    """A copy of what the file `stores` has said, in the service's folder `data`."""

    def __init__(self, stores: Path, data: Path) -> None:
        which = hashlib.sha256(os.fsencode(stores.absolute())).hexdigest()[:12]
        self.path = data / "run" / f"map-{which}.yaml"

    def keep(self, raw: bytes) -> None:
        """Keep a good map. One that cannot be kept is only logged: it is in force all the same.

        What is wrong with the folder itself says the service that has its files in it.
        """
        draft = self.path.with_suffix(f".{os.getpid()}")
        try:
            if self.read() != raw:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                draft.write_bytes(raw)
                draft.replace(self.path)
        except NotADirectoryError:
            return
        except OSError as error:
            log.warning("the store map is not kept in %s: %s", self.path, error)

    def read(self) -> bytes | None:
        """Return the map that was kept, if there is one."""
        try:
            return self.path.read_bytes()
        except OSError:
            return None


def read_map_or_last_good(file: MapFile, kept: LastGoodMap) -> tuple[bytes, StoreMap]:
    """Return the map in the file, raw and read, and keep it; or the one that was kept.

    Raises StoreMapError, which names the file, when neither is good.
    """
    try:
        raw = file.read()
        stores = parse_store_map(raw, file.path)
    except StoreMapError as error:
        before = kept.read()
        if before is None:
            raise
        stores = _former(before, file.path, error)
        log.error("%s; the last good map stays in force", error.detail)
        return before, stores
    kept.keep(raw)
    return raw, stores


def _former(raw: bytes, path: Path, problem: StoreMapError) -> StoreMap:
    try:
        return parse_store_map(raw, path)
    except StoreMapError:  # of another release, or damaged: the file's own problem is the news
        raise problem from None
