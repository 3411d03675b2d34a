"""`stores.yaml`: which stores there are, where their shards listen, and their options.

Two forms, told apart by the keys `stores` and `version`:

    门店A: 127.0.0.1:5001                     # short: store → address, or a list of replicas

    version: 1                                # full
    defaults: {cross_store: members}
    stores:
      store-a: {name: West Lake, shards: [127.0.0.1:5001], gallery: galleries/store-a}

Stores with the same addresses are served by one process, or by its replicas.
Names are compared in Unicode's NFC form, so that a name typed on one system is found from another.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contract.errors import BadText, StoreMapError
from contract.stores.address import Address
from contract.stores.camera_options import CameraOptions
from contract.stores.map_file import MapFile
from contract.stores.one_process import by_process, differing_option
from contract.stores.store_map import Store, StoreMap, StoreOptions
from contract.text.identifiers import STORE
from contract.text.strict_yaml import StrictYamlError, load_strict, short_repr

_REMOVED_OPTIONS = {
    "max_distance": "replaced by `threshold`, the share of strangers taken for somebody: 1% or 0.01"
}
"""Options of earlier releases, and what to write instead."""

_Model = TypeVar("_Model", bound=BaseModel)


def load_store_map(path: Path) -> StoreMap:
    """Read and validate the store map in the file `path`.

    Raises StoreMapError, whose text names the file, the key and the value.
    """
    return parse_store_map(MapFile(path).read(), path)


def parse_store_map(raw: bytes, path: Path) -> StoreMap:
    """Validate the store map `raw`, the content of the file `path`.

    Raises StoreMapError, whatever the bytes; its text names the file, the key and the value.
    """
    try:
        stores = _stores(load_strict(raw), path.parent)
    except (StrictYamlError, _InvalidMap) as error:
        raise StoreMapError(f"{path}: {error}") from error
    return StoreMap(stores, hashlib.sha256(raw).hexdigest()[:12])


class _InvalidMap(ValueError):
    """A key of the map that is not as it should be; the text names key and value."""


def _stores(document: object, folder: Path) -> dict[str, Store]:
    """Return the stores that the document says; their galleries are in `folder`."""
    if document is None:
        raise _InvalidMap("the file is empty; it needs at least one store")
    if not isinstance(document, dict):
        raise _InvalidMap(f"expected store: host:port lines, found {short_repr(document)}")
    entries, defaults = _entries(document)
    common = _validated(StoreOptions, defaults, "defaults")
    stores: dict[str, Store] = {}
    for key, (where, options) in entries.items():
        name = _store_name(key, where)
        if name in stores:
            raise _InvalidMap(f"{where}: duplicate store {name!r}")
        if "id" in options:
            raise _InvalidMap(f"{where}.id: unknown key")
        store = _validated(Store, {**defaults, **options, "id": name}, where)
        stores[name] = _completed(store, common, folder)
    _check_addresses(stores)
    return stores


def _entries(
    document: dict[str, Any],
) -> tuple[dict[str, tuple[str, dict[str, Any]]], dict[str, Any]]:
    """Return the stores as (key in the file, options) by name, and the defaults."""
    if not document:
        raise _InvalidMap("expected at least one store, found {}")
    if not (isinstance(document.get("stores"), dict) or "version" in document):
        return {name: (_key(name), {"shards": value}) for name, value in document.items()}, {}
    for key in document.keys() - {"version", "defaults", "stores"}:
        raise _InvalidMap(
            f"{_key(key)}: unknown key; the full form has version, defaults and stores"
        )
    if document.get("version", 1) != 1 or isinstance(document.get("version"), bool):
        raise _InvalidMap(f"version: {short_repr(document['version'])} is not 1")
    stores = document.get("stores")
    if not isinstance(stores, dict) or not stores:
        raise _InvalidMap(f"stores: expected at least one store, found {short_repr(stores)}")
    defaults = {} if document.get("defaults") is None else document["defaults"]
    if not isinstance(defaults, dict):
        raise _InvalidMap(f"defaults: expected options, found {short_repr(defaults)}")
    entries = {name: (f"stores.{_key(name)}", _full(value)) for name, value in stores.items()}
    return entries, defaults


def _full(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"shards": value}


def _key(key: str) -> str:
    """Return a key as messages name it."""
    return key if len(key) <= STORE.longest and key.isprintable() else short_repr(key)


def _store_name(key: str, where: str) -> str:
    try:
        return STORE(key)
    except BadText as error:
        raise _InvalidMap(f"{where}: {short_repr(key)}: {error.detail}") from error


def _completed(store: Store, defaults: StoreOptions, folder: Path) -> Store:
    """Return a store with a name, with paths from `folder`, and with what `defaults` say of its
    cameras, of which a store need say no more than what is different.
    """
    cameras = defaults.cameras | {
        name: camera.over(defaults.cameras.get(name, camera))
        for name, camera in store.cameras.items()
    }
    return store.model_copy(
        update={
            "name": store.name or store.id,
            "gallery": folder / store.gallery if store.gallery is not None else None,
            "cameras": {name: camera.in_folder(folder) for name, camera in cameras.items()},
        }
    )


def _validated(model: type[_Model], options: dict[str, Any], where: str) -> _Model:
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([where, *(_key(str(part)) for part in first["loc"])])
        model_of_key = CameraOptions if first["loc"][:1] == ("cameras",) else model
        # Not from what pydantic says: a source that is wrong may hold a password all the same.
        raise _InvalidMap(f"{key}: {_problem(model_of_key, first)}") from None


def _problem(model: type[BaseModel], error: ErrorDetails) -> str:
    """Return what is wrong with an option, and what to write instead."""
    if error["type"] == "extra_forbidden":
        if instead := _REMOVED_OPTIONS.get(str(error["loc"][-1])):
            return f"{short_repr(error['input'])}: {instead}"
        return f"unknown key; known are {', '.join(sorted(set(model.model_fields) - {'id'}))}"
    if error["type"] == "missing":
        return "missing"
    problem = error["msg"].removeprefix("Value error, ")
    if error["loc"][-1] in {"source", "cameras"}:  # passwords are in some
        return problem
    return f"{short_repr(error['input'])}: {problem}"


def _check_addresses(stores: Mapping[str, Store]) -> None:
    """Raise _InvalidMap unless stores that share an address can be served by one process."""
    owner: dict[Address, Store] = {}
    for store in stores.values():
        for address in store.shards:
            other = owner.setdefault(address, store)
            if store.shards != other.shards or store.shards.count(address) > 1:
                raise _InvalidMap(
                    f"{store.id}: the address {address} is already used by {other.id!r}; stores of"
                    " one process have the same addresses in the same order"
                )
    for together in by_process(stores.values()).values():
        if option := differing_option(together):
            names = f"{together[0].id!r} and the stores at its address"
            raise _InvalidMap(
                f"{together[0].id}: {names} are one process: give them one `{option}`"
            )
