"""An edit of the store map's text that leaves all else in it as it is: comments, order, quotes."""

import json

import yaml

from contract.errors import StoreMapError
from contract.text.identifiers import STORE


def with_renamed_store(raw: bytes, old: str, new: str) -> bytes:
    """Return the map `raw`, which is valid, with the key `old` as `new`.

    Raises StoreMapError when there is no such key.
    """
    mark = "\ufeff".encode()
    text = raw.removeprefix(mark).decode()
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    key = _key(_stores(document), old)
    written = json.dumps(new, ensure_ascii=False)  # JSON's strings are YAML's
    edited = text[: key.start_mark.index] + written + text[key.end_mark.index :]
    return (mark if raw.startswith(mark) else b"") + edited.encode()


def _stores(document: yaml.Node | None) -> yaml.Node | None:
    """Return the mapping whose keys are stores."""
    if isinstance(document, yaml.MappingNode):
        for key, value in document.value:
            if key.value == "stores" and isinstance(value, yaml.MappingNode):
                return value
    return document


def _key(stores: yaml.Node | None, name: str) -> yaml.Node:
    if isinstance(stores, yaml.MappingNode):
        for key, _ in stores.value:
            if isinstance(key, yaml.ScalarNode) and STORE.known(key.value) == name:
                return key
    raise StoreMapError(f"the map has no store {name!r}")
