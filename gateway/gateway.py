"""All services of one gateway, wired room by room, from start to end of its process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from gateway.access.admin_key import AdminKey, warn_without_admin
from gateway.access.failed_keys import FailedKeys
from gateway.access.keys import Keys
from gateway.access.openid_provider import OpenIdProvider
from gateway.access.refusal_brake import RefusalBrake
from gateway.access.role_claims import RoleClaims
from gateway.access.sessions import Sessions
from gateway.audit.audit_file import AuditFile
from gateway.audit.trail import Trail
from gateway.camera_watch.camera_places import CameraPlaces
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.chain.chain import Chain
from gateway.chain.cluster import Cluster
from gateway.clock_watch import ClockWatch
from gateway.directory.directory import Directory
from gateway.drain import Drain
from gateway.footfall.traffic import Traffic
from gateway.live.live_services import LiveServices
from gateway.live.mqtt.mqtt_services import MqttOptions
from gateway.live.mqtt.topics import Topics
from gateway.metrics import GatewayMetrics
from gateway.people.people import People
from gateway.recognition.recognition_services import RecognitionServices, TimeLimits
from gateway.record.database import Database
from gateway.record.housekeeping import run_housekeeping
from gateway.record.resealing import check_keys, store_anew
from gateway.settings import GatewaySettings
from service.background import Background
from service.mqtt.broker_address import BrokerAddress
from service.seal import own_seal
from service.tls.own_certificate import OwnCertificate


@dataclass(frozen=True)
class Gateway:
    """The services of a gateway. `running` opens them, and keeps their background work going."""

    drain: Drain
    metrics: GatewayMetrics
    database: Database
    keys: Keys
    sessions: Sessions
    failed_keys: FailedKeys
    refusal_brake: RefusalBrake
    openid: OpenIdProvider | None
    trail: Trail
    admin_key: AdminKey | None
    keys_required: bool
    clock: ClockWatch
    chain: Chain
    cameras: CameraWatch
    recognition: RecognitionServices
    people: People
    footfall: Traffic
    live: LiveServices
    background: Background
    cluster: Cluster
    cluster_certificate: OwnCertificate | None

    @classmethod
    def of(cls, settings: GatewaySettings, drain: Drain) -> Self:
        """Wire the services.

        Raises StoreMapError when there is no map to start with, and ConfigurationError when the
        record's or the directory's address is wrong.
        """
        metrics = GatewayMetrics()
        certificate = settings.cluster_certificate("client")
        chain = Chain.of(
            settings.stores,
            settings.data,
            settings.health_seconds,
            settings.cluster_secret,
            certificate,
        )
        database = Database.at(settings.record_address, settings.data)
        clock = ClockWatch(database)
        keys = Keys(database)
        sessions = Sessions(database, keys, settings.session_hours)
        audit_file = AuditFile(settings.audit_file or settings.data / "audit.jsonl")
        trail = Trail(database, audit_file, days=settings.audit_days)
        directory = _directory(settings, chain, metrics)
        limits = TimeLimits(
            settings.request_seconds,
            settings.home_seconds,
            settings.fan_out_seconds,
            settings.track_quiet_seconds,
        )
        cameras = CameraWatch(database, chain.current, clock.steady)
        recognition = RecognitionServices.of(
            chain,
            database,
            metrics,
            clock.steady,
            limits,
            directory=directory,
            places=CameraPlaces(settings.camera_pictures),
            watch=cameras,
        )
        people = People.of(
            database,
            chain.shards,
            names=recognition.names,
            fan_out=recognition.fan_out,
            replicas=chain.replicas,
            current=chain.current,
            steady=clock.steady,
            tell=trail.tell,
            quiet_hours=settings.hours_to_look_again,
            looked=metrics.looked_again,
            directory=directory,
            persons_alarm=settings.persons_alarm or None,
            import_minutes=settings.import_minutes,
            import_bytes=settings.import_bytes,
        )
        live = LiveServices.of(
            database,
            current=chain.current,
            steady=clock.steady,
            is_ending=lambda: drain.begun,
            delivered=metrics.delivered,
            webhook_hosts=settings.allowed_webhook_hosts,
            event_hours=settings.event_hours,
            mqtt=_mqtt(settings),
        )
        record_work = {
            "housekeeping": lambda: run_housekeeping(database, clock.steady),
            "clock": clock.run,
            "keys": keys.run,
            "sessions": sessions.run,
            "audit trail": trail.run,
            "audit upkeep": trail.keep,
        }
        directory_work = {} if directory is None else {"directory": directory.run}
        background = Background(
            {
                **chain.work,
                **live.work,
                **record_work,
                **recognition.work,
                **people.work,
                **directory_work,
                "cameras": cameras.run,
            },
            one_off={"record encryption": lambda: store_anew(database)}
            if own_seal().has_keys
            else {},
        )
        cluster = _cluster(chain, database, clock, background, directory=directory, live=live)
        metrics.watch(cluster.status)
        metrics.watch_persons(people.privacy)
        metrics.watch_cameras(lambda: cameras.rows)
        metrics.watch_feeds(lambda: live.feed.followers, lambda: live.webhooks.statuses)
        return cls(
            drain,
            metrics,
            database,
            keys,
            sessions,
            FailedKeys(),
            RefusalBrake(),
            _openid(settings),
            trail,
            AdminKey(keys, settings.admin_key_file) if settings.admin_key_file else None,
            settings.keys == "required",
            clock,
            chain,
            cameras,
            recognition,
            people,
            Traffic(database, counting=chain.replicas.counting),
            live,
            background,
            cluster,
            certificate,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open what has to be opened, and work until the block ends.

        Raises ConfigurationError or StorageError when the record cannot be opened.
        """
        async with self.database, self.chain.client, self.live.webhook_client:
            await check_keys(self.database)
            await self._start_keys()
            await self.clock.start()
            await self.people.start()
            await self.chain.start()
            try:
                await self.trail.start()
                async with self.background:
                    yield
            finally:
                await self.trail.close()

    async def _start_keys(self) -> None:
        await self.keys.refresh()
        if self.admin_key is not None:
            await self.admin_key.ensure()
        if self.keys_required:
            warn_without_admin(self.keys)


def _directory(
    settings: GatewaySettings, chain: Chain, metrics: GatewayMetrics
) -> Directory | None:
    if settings.directory_address is None:
        return None
    return Directory(
        settings.directory_address,
        chain.shards,
        chain.replicas,
        current=chain.current,
        seconds=settings.directory_seconds,
        counted=metrics.asked_directory,
    )


def _openid(settings: GatewaySettings) -> OpenIdProvider | None:
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_roles):
        return None  # all or none of them, as the settings say
    return OpenIdProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        RoleClaims.read(settings.oidc_roles),
    )


def _mqtt(settings: GatewaySettings) -> MqttOptions | None:
    if settings.mqtt_url is None:
        return None
    return MqttOptions(
        BrokerAddress.parse(settings.mqtt_url.get_secret_value(), settings.mqtt_password_file),
        settings.mqtt_certificates,
        Topics(settings.mqtt_prefix, settings.mqtt_discovery),
        settings.mqtt_names,
    )


def _cluster(
    chain: Chain,
    database: Database,
    clock: ClockWatch,
    background: Background,
    *,
    directory: Directory | None,
    live: LiveServices,
) -> Cluster:
    return Cluster(
        chain.watcher,
        chain.replicas,
        database.check,
        background=lambda: background.statuses,
        orphans=lambda: chain.orphans.found,
        clock=clock.steady,
        directory=lambda: None if directory is None else directory.status,
        broker=lambda: live.broker_status,
    )
