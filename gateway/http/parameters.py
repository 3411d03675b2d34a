"""What routes are given of the gateway: the store map in force, a store, the request's deadline.

    async def list_sources(home: PathStore, deadline: RequestDeadline) -> SourceList: ...

Parameters are resolved in the order of a route's signature: a deadline begins when what is before
it is there, so it comes after the picture.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from contract.deadline import Deadline
from contract.stores.store_map import Store, StoreMap
from service.http.request_deadline import limit_of


def follow_map(app: FastAPI, current: Callable[[], StoreMap]) -> None:
    """Give the routes of `app` the store map that `current` returns, once for each request."""
    app.state.current_stores = current


def stores_of(request: Request) -> StoreMap:
    """Return the store map in force; a request keeps it to its end."""
    stores: StoreMap = request.app.state.current_stores()
    return stores


async def _stores(request: Request) -> StoreMap:
    return stores_of(request)


StoresInForce = Annotated[StoreMap, Depends(_stores)]
"""A route's parameter: the store map in force."""


async def _store(store: str, stores: StoresInForce) -> Store:
    return stores.store(store)


PathStore = Annotated[Store, Depends(_store)]
"""A route's parameter: the store that the path names. Raises UnknownStore."""


async def _seconds(request: Request) -> float:
    return limit_of(request)


RequestSeconds = Annotated[float, Depends(_seconds)]
"""A route's parameter: how long a request may take."""


async def _deadline(seconds: RequestSeconds) -> Deadline:
    return Deadline(seconds)


RequestDeadline = Annotated[Deadline, Depends(_deadline)]
"""A route's parameter: when the request has to be answered."""
