"""What both services have in common over HTTP: one error shape, HEAD, and OpenAPI of one kind."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from contract.errors import FacegateError
from service.http.door import Door, Patience, most_connections
from service.http.foreign_pages import ForeignPages
from service.http.head_requests import HeadersOnly
from service.http.known_hosts import KnownHosts
from service.http.openapi_completion import complete
from service.http.problems import Show, install_problems, unchanged
from service.http.request_deadline import limit_requests
from service.http.request_metrics import RequestMetrics
from service.http.request_scope import BodyLimits, RequestScope
from service.http.routes import Routes, function_name
from service.settings import ServiceSettings
from service.tls.own_certificate import OwnCertificate

_ANSWER_SECONDS = 5
"""After the time for a body: who was told that it was too slow reads that, and is cut off then."""

_USUAL_SHARE = 4
"""One address may have a quarter of the connections."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Finish = Callable[[dict[str, Any]], dict[str, Any]]
"""Returns an OpenAPI document with what a service has to add to it."""


def nothing_more(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document itself."""
    return document


class ServiceApi(FastAPI):
    """The routes of a service.

    Operations are called as their functions are, and summed up by the first line of what these say
    of themselves. `usual` are the errors of every operation that does any work; `show` has the last
    word on how an error is answered, and `finish` on what OpenAPI says.
    """

    def __init__(
        self,
        *,
        title: str,
        description: str,
        lifespan: Lifespan,
        usual: Sequence[type[FacegateError]],
        show: Show = unchanged,
        finish: Finish = nothing_more,
    ) -> None:
        super().__init__(
            title=title,
            version=version("facegate"),
            description=description,
            lifespan=lifespan,
            docs_url=None,  # FastAPI's own pages load scripts from the internet
            redoc_url=None,
            generate_unique_id_function=function_name,
        )
        self.tls: OwnCertificate | None = None
        """What it is served with; None: plain HTTP."""
        self.certificates: dict[str, OwnCertificate] = {}
        """All that it has, by what they are for."""
        self._usual = usual
        self._show = show
        self._finish = finish
        install_problems(self, show)
        self.add_middleware(HeadersOnly)

    def serve(self, *parts: Routes) -> None:
        """Serve these routes, matched in this order, after those that are there already."""
        for part in parts:
            self.router.routes.extend(part.routes)

    def show_certificate(self, use: str, own: OwnCertificate, metrics: RequestMetrics) -> None:
        """Have a certificate followed while the service runs, and `metrics` show its end."""
        self.certificates[use] = own
        metrics.watch_certificate(use, lambda: own.expires_at)

    def guard(
        self,
        settings: ServiceSettings,
        metrics: RequestMetrics,
        *,
        names: Sequence[str] = (),
        origins: Sequence[str] = (),
    ) -> None:
        """Put the limits of `settings`, ids and logs around what every request meets so far.

        `metrics` count it. The service is known by `names` beside those of `settings`, and pages of
        `origins` may ask. A fast path is added before this.
        """
        most = most_connections(settings.max_connections)
        share = settings.connections_an_address
        self.door = Door(
            most,
            Patience(settings.body_seconds + _ANSWER_SECONDS),
            metrics.met,
            most // _USUAL_SHARE if share is None else share,
        )
        metrics.watch_connections(lambda: self.door.open)
        limit_requests(self, settings.request_seconds)
        self.add_middleware(
            BodyLimits, max_bytes=settings.max_body_bytes, seconds=settings.body_seconds
        )
        known = [*settings.host_names, *names]
        self.add_middleware(ForeignPages, origins=origins, names=known, show=self._show)
        self.add_middleware(KnownHosts, names=known, show=self._show)
        self.add_middleware(RequestScope, observe=metrics.observe, show=self._show)

    def openapi(self) -> dict[str, Any]:
        """Return what the service says of itself, with the errors of every operation."""
        if self.openapi_schema is None:
            self.openapi_schema = self._finish(complete(super().openapi(), self._usual))
        return self.openapi_schema
