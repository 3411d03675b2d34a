"""Which stores of the map this shard serves, and where it keeps their galleries."""

import json
from collections.abc import Iterable
from pathlib import Path

from contract.errors import ConfigurationError, UnknownStore
from contract.stores.last_good_map import LastGoodMap, read_map_or_last_good
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.one_process import differing_option
from contract.stores.store_map import Store, StoreMap
from contract.stores.stored_galleries import gallery_file
from shard.gallery.file import file_of
from shard.settings import ShardSettings

ALONE = "127.0.0.1:5001"
"""Where a shard without a store map listens."""
_MAP_FILES = {".yaml", ".yml", ".json"}


def served_stores(settings: ShardSettings) -> list[Store]:
    """Return this shard's stores and their options, each once. Raises ConfigurationError.

    Without a map, unless one was asked for, they have default options.
    """
    stores = _stores_of_map(settings)
    option = differing_option(stores)
    if option is not None:
        raise ConfigurationError(
            f"stores of one process have one `{option}`: give these the same, or each a process"
        )
    if settings.database_url is not None and len(stores) > 1:
        raise ConfigurationError(
            "FACEGATE_DATABASE_URL names the gallery of one store: leave it out for several"
        )
    if settings.keep_pictures:
        return [store.model_copy(update={"keep_pictures": True}) for store in stores]
    return stores


def _stores_of_map(settings: ShardSettings) -> list[Store]:
    if "stores" not in settings.model_fields_set and not settings.stores.exists():
        names = dict.fromkeys(name for text in settings.store for name in text.split(","))
        return [_alone(name) for name in names]
    kept = LastGoodMap(settings.stores, settings.data)
    _, stores = read_map_or_last_good(MapFile(settings.stores), kept)
    found = [store for text in settings.store for store in _named(text, stores, settings.stores)]
    return list({store.id: store for store in found}.values())


def _alone(name: str) -> Store:
    text = json.dumps({"stores": {name: ALONE}}, ensure_ascii=False).encode()
    [store] = parse_store_map(text, Path("--store")).stores.values()
    return store


def _named(text: str, stores: StoreMap, path: Path) -> Iterable[Store]:
    """Yield the store that `text` names or, separated by commas, the stores.

    A name may have a comma. Raises ConfigurationError.
    """
    try:
        yield stores.store(text)
    except UnknownStore as error:
        if "," in text:
            for name in text.split(","):
                yield from _named(name, stores, path)
            return
        if Path(text).suffix in _MAP_FILES:
            raise ConfigurationError(
                f"{text!r} is no store of {path}: where the store map is, says --map"
            ) from error
        raise ConfigurationError(
            f"{path}: there is no store {text!r}; the map has {', '.join(stores.stores)}"
        ) from error


def gallery_path(settings: ShardSettings, store: Store) -> Path:
    """Return the file of the store's gallery. Raises ConfigurationError."""
    if settings.database_url is not None:
        return file_of(settings.database_url.get_secret_value())
    return gallery_file(settings.data, store.id)
