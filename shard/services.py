"""The stores of one process: which of them a request is about."""

import unicodedata
from collections.abc import Iterator, Sequence

from contract.errors import BadRequest, NotReady, UnknownStore
from contract.stores.store_header import HEADER
from shard.service import Service

_SHOWN = 3
"""Stores that a text names."""


class Services:
    """One store's service, or several, by the stores' names; they share what `Service` is given."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = {service.store.id: service for service in services}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def __len__(self) -> int:
        return len(self._services)

    def of(self, store: str | None) -> Service:
        """Return the service of `store`, or of the only one when none is named.

        Raises UnknownStore, and BadRequest when several are here and none is named.
        """
        if store is None:
            if len(self._services) > 1:
                raise BadRequest(
                    f"{len(self._services)} stores are served here: the header {HEADER} says which"
                    " one is meant"
                )
            return next(iter(self._services.values()))
        found = self._services.get(unicodedata.normalize("NFC", store))
        if found is None:
            raise UnknownStore(f"store {store!r} is not served here, but {self._listed()}")
        return found

    def check_any_ready(self) -> None:
        """Raise NotReady unless a store can be recognized in."""
        problems = [service.unready for service in self]
        if all(problem is not None for problem in problems):
            raise NotReady(next(problem for problem in problems if problem is not None))

    def _listed(self) -> str:
        """Return which stores are here; of many the first ones."""
        names = [repr(name) for name in self._services]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return ", ".join(names[:_SHOWN]) + more
