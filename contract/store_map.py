"""`stores.yaml`: which stores there are, where their shards listen, and their options.

Two forms, told apart by the keys `stores` and `version`:

    门店A: 127.0.0.1:5001                     # short: store → address, or a list of replicas

    version: 1                                # full
    defaults: {cross_store: members}
    stores:
      store-a: {name: West Lake, shards: [127.0.0.1:5001], gallery: galleries/store-a}

Names are compared in Unicode's NFC form, so that a name typed on one system is found from another.
"""

import hashlib
import unicodedata
import zoneinfo
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from contract.address import Address
from contract.detection import Detection, Detector
from contract.duration import parse_duration
from contract.errors import StoreMapError, UnknownStore
from contract.rate import parse_rate
from contract.strict_yaml import StrictYamlError, load_strict

CrossStore = Literal["members", "nobody", "everyone"]
"""Whose faces of a store the other stores may search: its members, no one, visitors as well."""

MAX_NAME = 100
SMALLEST_FACE, LARGEST_FACE = 20, 2000
"""Pixels that `min_face_px` may say."""
_GONE = {
    "max_distance": "replaced by `threshold`, the share of strangers taken for somebody: 1% or 0.01"
}
"""Options of earlier releases, and what to write instead."""

_Model = TypeVar("_Model", bound=BaseModel)


def canonical_name(name: str) -> str:
    """Return the form in which store names are compared: Unicode NFC."""
    return unicodedata.normalize("NFC", name)


def _addresses(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise ValueError("expected an address host:port, or a list of at least one")
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is not an address host:port; write it in quotes")
    try:
        return tuple(Address.parse(text) for text in texts)
    except ValueError as error:
        raise ValueError(str(error)) from error


def _timezone(value: object) -> str:
    if not isinstance(value, str) or value not in zoneinfo.available_timezones():
        raise ValueError("expected a time zone such as Asia/Shanghai")
    return value


class _Options(BaseModel):
    """Options of a store that `defaults` may give for all."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    cross_store: CrossStore = "members"
    threshold: Annotated[float, BeforeValidator(parse_rate)] = 0.01
    """The share of strangers taken for somebody, a picture, over everything that is asked."""
    detector: Detector = "hog"
    min_face_px: int | None = Field(default=None, ge=SMALLEST_FACE, le=LARGEST_FACE, strict=True)
    """Width of the smallest face to be found, in pixels of the upright picture."""
    visit_gap: Annotated[timedelta, BeforeValidator(parse_duration)] = timedelta(minutes=30)
    timezone: Annotated[str, BeforeValidator(_timezone)] = "UTC"
    visitor_retention: Annotated[timedelta, BeforeValidator(parse_duration)] = timedelta(days=30)
    """Visitors who have not been seen for that long are erased; their visits stay counted."""


class Store(_Options):
    """One store of the map."""

    id: str
    name: str = Field(default="", max_length=200)
    shards: Annotated[tuple[Address, ...], BeforeValidator(_addresses)]
    """Its replicas. The first one takes the writes."""
    gallery: Path | None = None
    """Folder imported when the shard starts; absolute, or relative to the map's folder."""

    @property
    def detection(self) -> Detection:
        """How faces are looked for in this store's pictures."""
        return Detection(self.detector, self.min_face_px)


class StoreMap:
    """The stores, read once and never changed; a new file makes a new map.

    `version` is a digest of the file's content: equal text, equal version.
    """

    def __init__(self, stores: Mapping[str, Store], version: str) -> None:
        self.stores: Mapping[str, Store] = MappingProxyType(dict(stores))
        self.version = version

    def store(self, name: str) -> Store:
        """Return the store called `name`. Raises UnknownStore."""
        try:
            return self.stores[canonical_name(name)]
        except KeyError:
            raise UnknownStore(f"there is no store {name!r} in the map") from None


def load_store_map(path: Path) -> StoreMap:
    """Read and validate the store map in the file `path`.

    Raises StoreMapError, whose text names the file, the key and the value.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StoreMapError(f"{path}: {error.strerror or error}") from error
    return parse_store_map(raw, path)


def parse_store_map(raw: bytes, path: Path) -> StoreMap:
    """Validate the store map `raw`, the content of the file `path`. Raises StoreMapError."""
    try:
        document = load_strict(raw)
    except StrictYamlError as error:
        raise StoreMapError(f"{path}: {error}") from error
    if document is None:
        raise StoreMapError(f"{path}: the file is empty; it needs at least one store")
    if not isinstance(document, dict):
        raise StoreMapError(f"{path}: expected store: host:port lines, found {_show(document)}")
    entries, defaults = _entries(document, path)
    stores: dict[str, Store] = {}
    for key, (where, options) in entries.items():
        name = _store_name(key, where, path)
        if name in stores:
            raise StoreMapError(f"{path}: {where}: duplicate store {name!r}")
        stores[name] = _store(name, where, options, defaults, path)
    _refuse_shared_addresses(stores, path)
    return StoreMap(stores, hashlib.sha256(raw).hexdigest()[:12])


def _entries(
    document: dict[str, Any], path: Path
) -> tuple[dict[str, tuple[str, dict[str, Any]]], dict[str, Any]]:
    """Return the stores as (key in the file, options) by name, and the defaults."""
    if not (isinstance(document.get("stores"), dict) or "version" in document):
        return {name: (name, {"shards": value}) for name, value in document.items()}, {}
    for key in document.keys() - {"version", "defaults", "stores"}:
        raise StoreMapError(
            f"{path}: {key}: unknown key; the full form has version, defaults and stores"
        )
    if document.get("version", 1) != 1 or isinstance(document.get("version"), bool):
        raise StoreMapError(f"{path}: version: {_show(document['version'])} is not 1")
    stores = document.get("stores")
    if not isinstance(stores, dict) or not stores:
        raise StoreMapError(f"{path}: stores: expected at least one store, found {_show(stores)}")
    defaults = document.get("defaults") or {}
    if not isinstance(defaults, dict):
        raise StoreMapError(f"{path}: defaults: expected options, found {_show(defaults)}")
    _validated(_Options, defaults, "defaults", path)
    return {name: (f"stores.{name}", _full(value)) for name, value in stores.items()}, defaults


def _full(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"shards": value}


def _store_name(key: str, where: str, path: Path) -> str:
    name = canonical_name(key)
    problem = None
    if not name or name != name.strip() or name in {".", ".."}:
        problem = "is empty, a dot name, or starts or ends with a space"
    elif len(name) > MAX_NAME:
        problem = f"is longer than {MAX_NAME} characters"
    elif any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "/\\" for c in name):
        problem = "has a slash or a control character"
    if problem:
        raise StoreMapError(f"{path}: {where}: the store name {key!r} {problem}")
    return name


def _store(
    name: str, where: str, options: dict[str, Any], defaults: dict[str, Any], path: Path
) -> Store:
    if "id" in options:
        raise StoreMapError(f"{path}: {where}.id: unknown key")
    store = _validated(Store, {**defaults, **options, "id": name}, where, path)
    gallery = path.parent / store.gallery if store.gallery is not None else None
    return store.model_copy(update={"name": store.name or name, "gallery": gallery})


def _validated(model: type[_Model], options: dict[str, Any], where: str, path: Path) -> _Model:
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([where, *map(str, first["loc"])])
        if first["type"] == "extra_forbidden":
            if instead := _GONE.get(str(first["loc"][-1])):
                raise StoreMapError(f"{path}: {key}: {_show(first['input'])}: {instead}") from error
            known = ", ".join(sorted(set(model.model_fields) - {"id"}))
            raise StoreMapError(f"{path}: {key}: unknown key; known are {known}") from error
        if first["type"] == "missing":
            raise StoreMapError(f"{path}: {key}: missing") from error
        message = first["msg"].removeprefix("Value error, ")
        raise StoreMapError(f"{path}: {key}: {_show(first['input'])}: {message}") from error


def _refuse_shared_addresses(stores: Mapping[str, Store], path: Path) -> None:
    owner: dict[Address, str] = {}
    for store in stores.values():
        for address in store.shards:
            if address in owner:
                raise StoreMapError(
                    f"{path}: {store.id}: the address {address} is already used by"
                    f" {owner[address]!r}"
                )
            owner[address] = store.id


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
