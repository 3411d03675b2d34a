"""Stores that one shard process serves: those at one address, and what has to be the same of them.

Its encoder workers compute with one set of networks, and what is written down for the process when
it is started holds for all its stores.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from contract.stores.address import Address
from contract.stores.store_map import Store

Replicas: TypeAlias = tuple[Address, ...]

_PER_PROCESS = ("model", "second_model", "own_detector", "index", "keep_pictures")
_SAID = {"own_detector": "detector"}


def by_process(stores: Iterable[Store]) -> dict[Replicas, list[Store]]:
    """Return the stores by where they are served: each list is one process, or its replicas."""
    found: dict[Replicas, list[Store]] = {}
    for store in stores:
        found.setdefault(store.shards, []).append(store)
    return found


def differing_option(stores: Sequence[Store]) -> str | None:
    """Return an option that stores of one process need to have in common, and have not."""
    for option in _PER_PROCESS:
        if len({getattr(store, option) for store in stores}) > 1:
            return _SAID.get(option, option)
    return None
