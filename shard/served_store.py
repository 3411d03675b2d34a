"""Which store of the map this shard serves, and where it keeps that store's gallery."""

import json
from pathlib import Path

from contract.errors import ConfigurationError, UnknownStore
from contract.stores.last_good_map import LastGoodMap, read_map_or_last_good
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import Store
from contract.stores.stored_galleries import gallery_file
from shard.gallery.file import file_of
from shard.settings import ShardSettings

ALONE = "127.0.0.1:5001"
"""Where a shard without a store map listens."""


def served_store(settings: ShardSettings) -> Store:
    """Return this shard's store and its options. Raises ConfigurationError.

    Without a map, unless one was asked for, the store has default options.
    """
    store = _store_of_map(settings)
    return store.model_copy(update={"keep_pictures": True}) if settings.keep_pictures else store


def _store_of_map(settings: ShardSettings) -> Store:
    if "stores" not in settings.model_fields_set and not settings.stores.exists():
        alone = {"stores": {settings.store: ALONE}}
        text = json.dumps(alone, ensure_ascii=False).encode()
        return parse_store_map(text, Path("--store")).store(settings.store)
    kept = LastGoodMap(settings.stores, settings.data)
    _, stores = read_map_or_last_good(MapFile(settings.stores), kept)
    try:
        return stores.store(settings.store)
    except UnknownStore as error:
        raise ConfigurationError(
            f"{settings.stores}: there is no store {settings.store!r};"
            f" the map has {', '.join(stores.stores)}"
        ) from error


def gallery_path(settings: ShardSettings, store: Store) -> Path:
    """Return the file of the store's gallery. Raises ConfigurationError."""
    if settings.database_url is not None:
        return file_of(settings.database_url.get_secret_value())
    return gallery_file(settings.data, store.id)
