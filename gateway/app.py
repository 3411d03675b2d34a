"""The gateway over HTTP: the routes of every room, and what every request goes through."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from contract.errors import (
    DeadlineExceeded,
    NotReady,
    ShardNonsense,
    ShardTimeout,
    ShardUnavailable,
    StorageFull,
    StorageUnavailable,
    TooManyRequests,
)
from gateway.access.access_door import AccessDoor
from gateway.access.audit_door import AuditDoor
from gateway.access.keys_api import keys_routes
from gateway.access.openapi_roles import with_roles
from gateway.access.request_rates import RequestRates
from gateway.access.route_roles import RouteNeeds
from gateway.access.sessions_api import sessions_routes
from gateway.audit.audit_api import audit_routes
from gateway.camera_watch.cameras_api import cameras_routes
from gateway.chain.cluster_api import cluster_routes
from gateway.chain.models_api import model_routes
from gateway.demo.demo_api import demo_routes
from gateway.drain import CloseWhenDraining, Drain
from gateway.footfall.traffic_api import traffic_routes
from gateway.gateway import Gateway
from gateway.http.origins import EXPOSED_HEADERS
from gateway.http.parameters import follow_map
from gateway.http.path_prefix import PathPrefix
from gateway.live.live_api import live_routes
from gateway.live.webhooks_api import webhooks_routes
from gateway.pages.error_pages_api import ErrorPages
from gateway.pages.openid_api import openid_routes
from gateway.pages.pages import Pages
from gateway.pages.pages_api import pages_routes
from gateway.pages.sign_in_api import sign_in_routes
from gateway.pages.static_files import StaticFiles
from gateway.people.people_api import people_routes
from gateway.push.push_api import push_routes
from gateway.push.push_door import PushDoor
from gateway.recognition.calibration_api import calibration_routes
from gateway.recognition.camera_api import add_fast_path, camera_routes
from gateway.recognition.search_api import search_routes
from gateway.settings import GatewaySettings
from service.http.service_api import ServiceApi

USUAL_ERRORS = (
    DeadlineExceeded,
    NotReady,
    ShardNonsense,
    ShardTimeout,
    ShardUnavailable,
    StorageFull,
    StorageUnavailable,
    TooManyRequests,
)
"""What any operation of the gateway may answer that does some work."""


def create_app(settings: GatewaySettings, drain: Drain | None = None) -> ServiceApi:
    """Return the gateway's application. Raises StoreMapError when there is no map to start with.

    Raises ConfigurationError when the record's address is wrong; so does its lifespan, or
    StorageError, when the record cannot be opened.

    Whoever stops the process tells `drain` first.
    """
    gateway = Gateway.of(settings, drain or Drain(settings.drain_seconds))

    def lifespan(app: FastAPI) -> AbstractAsyncContextManager[None]:
        return gateway.running()

    pages = Pages(settings.root_path or "")
    show = ErrorPages(pages).show
    required = settings.keys == "required"
    app = ServiceApi(
        title="facegate gateway",
        description="Says who just walked in, in any store of the chain.",
        lifespan=lifespan,
        usual=USUAL_ERRORS,
        show=show,
        finish=lambda document: with_roles(document, required=required),
    )
    follow_map(app, gateway.chain.current)
    _add_routes(app, gateway, pages, demo=settings.demo)
    add_fast_path(app, gateway.recognition.cameras)
    app.add_middleware(AuditDoor, trail=gateway.trail, show=show)
    app.add_middleware(
        AccessDoor,
        keys=gateway.keys,
        sessions=gateway.sessions,
        failed=gateway.failed_keys,
        brake=gateway.refusal_brake,
        needs=RouteNeeds.of(app.routes),
        required=required,
        rates=RequestRates(settings.requests_a_minute, settings.searches_a_minute),
        names=settings.host_names,
        refused=gateway.metrics.refused_key,
        untold=gateway.trail.refused,
        show=show,
    )
    _wrap(app, settings, gateway)
    return app


def _add_routes(app: ServiceApi, gateway: Gateway, pages: Pages, *, demo: bool) -> None:
    """Add the routes in the order in which the API's documentation shows them."""
    chain, recognition, people = gateway.chain, gateway.recognition, gateway.people
    live, database = gateway.live, gateway.database
    app.serve(camera_routes(recognition.cameras))
    app.serve(cameras_routes(gateway.cameras))
    app.serve(
        push_routes(
            PushDoor(recognition.pictures, recognition.idempotent, gateway.cameras, gateway.metrics)
        )
    )
    app.serve(search_routes(recognition.search, chain.shards, names=recognition.names))
    app.serve(*people_routes(people, chain.shards, recognition.names))
    app.serve(traffic_routes(gateway.footfall))
    app.serve(calibration_routes(chain.shards))
    app.serve(cluster_routes(gateway.cluster, gateway.metrics, gateway.drain))
    app.serve(model_routes(chain.shards))
    app.serve(live_routes(live.feed, database))
    app.serve(demo_routes(database, demo))
    app.serve(keys_routes(gateway.keys))
    app.serve(sessions_routes(gateway.sessions))
    app.serve(
        sign_in_routes(
            pages,
            gateway.sessions,
            gateway.failed_keys,
            gateway.refusal_brake,
            gateway.metrics.refused_key,
            vouched=gateway.openid is not None,
        )
    )
    app.serve(openid_routes(pages, gateway.sessions, gateway.openid))
    app.serve(audit_routes(database))
    app.serve(webhooks_routes(database, live.webhook_client, live.webhooks))
    app.serve(
        pages_routes(
            pages,
            StaticFiles(),
            cluster=gateway.cluster,
            database=database,
            cameras=gateway.cameras,
            webhooks=lambda: live.webhooks.statuses,
        )
    )


def _wrap(app: ServiceApi, settings: GatewaySettings, gateway: Gateway) -> None:
    """Put around all routes what every request goes through, the outermost last."""
    origins = settings.allowed_origins
    metrics = gateway.metrics.requests
    app.guard(settings, metrics, origins=origins)
    app.tls = settings.served_certificate
    if app.tls is not None:
        app.show_certificate("gateway", app.tls, metrics)
    if gateway.cluster_certificate is not None:
        app.show_certificate("cluster", gateway.cluster_certificate, metrics)
    app.add_middleware(CloseWhenDraining, drain=gateway.drain)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )
    if settings.root_path:
        app.add_middleware(PathPrefix, prefix=settings.root_path)
