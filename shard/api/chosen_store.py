"""Which of the process's stores a request is about: the one way in which routes learn it."""

from typing import Annotated

from fastapi import Depends, Header, Request

from contract.stores.store_header import HEADER, named_store
from shard.service import Service
from shard.services import Services

_WHICH = "the store, percent-encoded; a process of one store needs none"
_Named = Annotated[str | None, Header(alias=HEADER, description=_WHICH)]
STORE_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": _WHICH,
    "schema": {"type": "string"},
}
"""The header in OpenAPI, for routes that read it themselves."""


def service_of(request: Request) -> Service:
    """Return the service of the store that a request names. Raises UnknownStore and BadRequest."""
    return services_of(request).of(store_of(request))


def services_of(request: Request) -> Services:
    """Return the services of all stores of the process."""
    services: Services = request.app.state.services
    return services


def store_of(request: Request) -> str | None:
    """Return the store that a request names, if it does."""
    value = request.headers.get(HEADER)
    return None if value is None else named_store(value)


async def _declared(request: Request, _store: _Named = None) -> Service:
    """Return the service; the parameter is there for OpenAPI."""
    return service_of(request)


ChosenService = Annotated[Service, Depends(_declared)]
"""A route's parameter: the service of the store that the request is about."""
