"""Wires the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
)
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from gateway.chain.cluster import Cluster
from gateway.chain.cluster_api import cluster_routes
from gateway.chain.health import HealthChecks
from gateway.chain.map_watcher import MapWatcher
from gateway.chain.orphaned_galleries import OrphanedGalleries
from gateway.chain.replicas import Replicas
from gateway.chain.routing import Router
from gateway.chain.shard_client import ShardClient
from gateway.chain.shards import Shards
from gateway.clock_watch import ClockWatch
from gateway.demo.demo_api import demo_routes
from gateway.drain import CloseWhenDraining, Drain
from gateway.footfall.traffic import Traffic
from gateway.footfall.traffic_api import traffic_routes
from gateway.http.origins import EXPOSED_HEADERS
from gateway.http.parameters import follow_map
from gateway.http.path_prefix import PathPrefix
from gateway.live.event_pruning import EventPruning
from gateway.live.live_api import live_routes
from gateway.live.live_feed import LiveFeed
from gateway.live.webhook_client import WebhookClient
from gateway.live.webhook_delivery import WebhookDelivery
from gateway.live.webhooks_api import webhooks_routes
from gateway.metrics import GatewayMetrics
from gateway.pages.error_pages_api import ErrorPages
from gateway.pages.pages import Pages
from gateway.pages.pages_api import pages_routes
from gateway.pages.static_files import StaticFiles
from gateway.people.people import People
from gateway.people.people_api import people_routes
from gateway.recognition.calibration_api import calibration_routes
from gateway.recognition.camera_api import CameraEndpoint, add_fast_path, camera_routes
from gateway.recognition.camera_pictures import CameraPictures
from gateway.recognition.distinctions import Distinctions
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.fan_out import FanOut
from gateway.recognition.home_store import HomeStore
from gateway.recognition.idempotency import IdempotentAnswers
from gateway.recognition.member_names import MemberNames
from gateway.recognition.minting import Minting
from gateway.recognition.picture_encoder import PictureEncoder
from gateway.recognition.picture_search import PictureSearch
from gateway.recognition.recognition import Recognition
from gateway.recognition.search_api import search_routes
from gateway.record.database import Database
from gateway.record.housekeeping import run_housekeeping
from gateway.settings import GatewaySettings
from service.background import Background
from service.http.problems import Show
from service.http.request_deadline import limit_requests
from service.http.request_scope import BodyLimits, RequestScope
from service.http.service_api import ServiceApi

USUAL_ERRORS = (
    DeadlineExceeded,
    NotReady,
    ShardNonsense,
    ShardTimeout,
    ShardUnavailable,
    StorageFull,
    StorageUnavailable,
)
"""What any operation of the gateway may answer that does some work."""
HEARTBEAT_SECONDS = 10.0
"""A live feed says that it is alive more often than proxies lose patience."""


def create_app(settings: GatewaySettings, drain: Drain | None = None) -> FastAPI:
    """Return the gateway's application. Raises StoreMapError when there is no map to start with.

    Raises ConfigurationError when the record's address is wrong; so does its lifespan, or
    StorageError, when the record cannot be opened.

    Whoever stops the process tells `drain` first.
    """
    drain = drain or Drain(settings.drain_seconds)
    watcher = MapWatcher(MapFile(settings.stores), LastGoodMap(settings.stores, settings.data))
    database = Database.at(record_url(settings), settings.data)
    metrics = GatewayMetrics()
    watch = ClockWatch(database)
    replicas, client = Replicas(), ShardClient()
    health = HealthChecks(replicas, client, settings.health_seconds)
    shards = Shards(Router(replicas, health), client)
    fan_out = FanOut(shards, metrics, settings.fan_out_ms / 1000)
    encoder = PictureEncoder(shards, settings.home_seconds)
    home_store = HomeStore(shards, encoder, settings.home_seconds)
    false_rates = FalseRates(replicas)
    names = MemberNames(database)
    recognition = Recognition(
        false_rates,
        home_store,
        fan_out,
        minting=Minting(shards, metrics, settings.home_seconds),
        distinctions=Distinctions(database),
        metrics=metrics,
    )
    pictures = CameraPictures(recognition, database, names, metrics)
    people = People.of(
        database,
        shards,
        names=names,
        fan_out=fan_out,
        replicas=replicas,
        current=lambda: watcher.current,
        steady=watch.steady,
    )
    cluster = Cluster(
        watcher,
        replicas,
        database.check,
        background=lambda: background.statuses,
        orphans=lambda: orphans.found,
        clock=watch.steady,
    )
    orphans = OrphanedGalleries(settings.data, lambda: watcher.current)
    metrics.watch(cluster.status)
    feed = LiveFeed(database, lambda: drain.begun, HEARTBEAT_SECONDS)
    webhook_client = WebhookClient(settings.allowed_webhook_hosts)
    webhooks = WebhookDelivery(
        database, webhook_client, lambda: watcher.current.stores, metrics.delivered
    )
    metrics.watch_feeds(lambda: feed.followers, lambda: webhooks.statuses)

    background = Background(
        {
            "store map": watcher.run,
            "health checks": lambda: health.run(lambda: watcher.current),
            "live feed": feed.run,
            "webhooks": webhooks.run,
            "event pruning": EventPruning(database, settings.event_hours, watch.steady).run,
            "orphaned galleries": orphans.run,
            "housekeeping": lambda: run_housekeeping(database, watch.steady),
            "clock": watch.run,
            **people.work,
        }
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with database, client, webhook_client:
            await watch.start()
            await people.start()
            await health.check_all(watcher.current)
            async with background:
                yield

    pages = Pages(settings.root_path or "")
    error_pages = ErrorPages(pages)
    app = ServiceApi(
        title="facegate gateway",
        description="Says who just walked in, in any store of the chain.",
        lifespan=lifespan,
        usual=USUAL_ERRORS,
        show=error_pages.show,
    )
    _provide_parameters(app, settings, watcher)
    cameras = CameraEndpoint(
        pictures, IdempotentAnswers(database, settings.request_seconds, watch.steady)
    )
    app.include_router(camera_routes(cameras))
    app.include_router(
        search_routes(
            PictureSearch(false_rates, encoder, fan_out),
            shards,
            names=names,
        )
    )
    app.include_router(people_routes(people, shards, names))
    app.include_router(traffic_routes(Traffic(database)))
    app.include_router(calibration_routes(shards))
    app.include_router(cluster_routes(cluster, metrics, drain))
    app.include_router(live_routes(feed, database))
    app.include_router(demo_routes(database, settings.demo))
    app.include_router(webhooks_routes(database, webhook_client, webhooks))
    app.include_router(
        pages_routes(
            pages,
            StaticFiles(),
            cluster=cluster,
            database=database,
            webhooks=lambda: webhooks.statuses,
        )
    )
    add_fast_path(app, cameras)
    _wrap(app, settings, metrics, drain, error_pages.show)
    return app


def _provide_parameters(app: FastAPI, settings: GatewaySettings, watcher: MapWatcher) -> None:
    limit_requests(app, settings.request_seconds)
    follow_map(app, lambda: watcher.current)


def _wrap(
    app: FastAPI, settings: GatewaySettings, metrics: GatewayMetrics, drain: Drain, show: Show
) -> None:
    """Put around all routes what every request goes through, the outermost last."""
    app.add_middleware(BodyLimits, max_bytes=settings.max_body_bytes, seconds=settings.body_seconds)
    app.add_middleware(RequestScope, observe=metrics.requests.observe, show=show)
    app.add_middleware(CloseWhenDraining, drain=drain)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )
    if settings.root_path:
        app.add_middleware(PathPrefix, prefix=settings.root_path)


def record_url(settings: GatewaySettings) -> str | None:
    """Return where the record is, if the settings say so."""
    return settings.record_url.get_secret_value() if settings.record_url else None
