"""Which stores use which models and detectors, as the store map says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from contract.errors import BadRequest
from contract.stores.map_parser import load_store_map


class ModelUsers(NamedTuple):
    """Stores by the names of what they use."""

    of_models: Mapping[str, Sequence[str]]
    of_detectors: Mapping[str, Sequence[str]]

    @classmethod
    def in_map(cls, path: Path) -> Self:
        """Return those of a map; of a file that is not there, none. Raises ConfigurationError."""
        models, detectors = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for store in load_store_map(path.absolute()).stores.values() if path.exists() else ():
            for model in filter(None, (store.model, store.second_model)):
                models[model].append(store.id)
            if store.own_detector is not None:
                detectors[store.own_detector].append(store.id)
        return cls(models, detectors)


def check_unused(name: str, stores: Sequence[str], path: Path) -> None:
    """Raise BadRequest when stores use what is to be removed."""
    if stores:
        raise BadRequest(
            f"{name} is used in {path} by {', '.join(stores)}, whose shards would not start any"
            " more: give them another one first, or --force"
        )
