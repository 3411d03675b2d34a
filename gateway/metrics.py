"""What the gateway counts, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contract.messages.cluster import BackgroundStatus, ClusterStatus
from contract.messages.directory.status import DirectoryStatus
from contract.messages.looking_again import LookReport
from contract.messages.recognition import Coverage, RecognizeAnswer
from contract.messages.webhooks import WebhookStatus
from gateway.people.privacy.privacy_desk import PrivacyDesk
from gateway.record.cameras.camera_rows import CameraRow
from service.http.request_metrics import RequestMetrics, StageMetrics

Stage = Literal["encode", "home", "fan_out", "mint", "record", "total"]
KeyRefusal = Literal["no_key", "not_valid", "role", "store", "too_many"]
"""Why a request was not let in."""
Taught = Literal["learned", "refused", "failed", "dropped"]
PushOutcome = Literal[
    "faces", "nobody", "no_picture", "picture_address", "refused_picture", "unreadable"
]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class GatewayMetrics:
    """The gateway's counters and histograms."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry, "facegate", _SECONDS)
        self._stages = StageMetrics(
            self.registry,
            "facegate_recognition_seconds",
            "Time of each stage of a recognition",
            _SECONDS,
        )
        self._faces = Counter(
            "facegate_faces", "Faces seen by cameras", ["store", "match"], registry=self.registry
        )
        self._fan_outs = Counter(
            "facegate_fan_outs",
            "Searches of missed faces in the other stores",
            ["complete"],
            registry=self.registry,
        )
        self._fan_out_failures = Counter(
            "facegate_fan_out_failures",
            "Stores that a fan-out asked without an answer",
            ["store"],
            registry=self.registry,
        )
        self._fan_out_stores = Counter(
            "facegate_fan_out_stores", "Stores asked by fan-outs", registry=self.registry
        )
        self._fan_out_unawaited = Counter(
            "facegate_fan_out_unawaited",
            "Stores whose answers fan-outs did not wait for, since it was certain who came",
            registry=self.registry,
        )

        self._directory = Counter(
            "facegate_directory_searches",
            "Searches that asked the directory which stores are worth asking",
            ["outcome"],
            registry=self.registry,
        )
        self._merged = Counter(
            "facegate_visitors_merged",
            "FaceIds of visitors that were found to be one person by looking again",
            ["store"],
            registry=self.registry,
        )
        self._look_failures = Counter(
            "facegate_look_failures",
            "Stores whose visitors could not all be looked at again",
            ["store"],
            registry=self.registry,
        )
        self._deliveries = Counter(
            "facegate_webhook_deliveries",
            "Events sent to webhooks, once for each try",
            ["webhook", "outcome"],
            registry=self.registry,
        )

        self._pushes = Counter(
            "facegate_camera_pushes",
            "What cameras have pushed, and what came of it",
            ["store", "maker", "outcome"],
            registry=self.registry,
        )
        self._doubted_clocks = Counter(
            "facegate_camera_clocks_doubted",
            "Pushes whose cameras' clocks cannot be right: they count as of their arrival",
            ["store"],
            registry=self.registry,
        )
        self._refused_keys = Counter(
            "facegate_keys_refused",
            "Requests that were not let in, for want of a key that may do this",
            ["reason"],
            registry=self.registry,
        )
        self._lessons = Counter(
            "facegate_lessons",
            "Visits from which FaceIds might learn",
            ["outcome"],
            registry=self.registry,
        )

    def refused_key(self, reason: KeyRefusal) -> None:
        """Count a request that was not let in for want of a key that may do it."""
        self._refused_keys.labels(reason).inc()

    def recognized(self, answer: RecognizeAnswer) -> None:
        """Count a recognition and its faces."""
        self._observe("encode", answer.timing_ms.encode / 1000)
        self._observe("home", answer.timing_ms.home / 1000)
        self._observe("total", answer.timing_ms.total / 1000)
        for face in answer.faces:
            self._faces.labels(answer.store, face.match).inc()

    def fanned_out(self, coverage: Coverage, seconds: float) -> None:
        """Count a fan-out and the stores that failed in it."""
        self._observe("fan_out", seconds)
        self._fan_outs.labels("true" if coverage.complete else "false").inc()
        self._fan_out_stores.inc(coverage.asked)
        self._fan_out_unawaited.inc(len(coverage.unawaited))
        for store in coverage.failed:
            self._fan_out_failures.labels(store).inc()

    def asked_directory(self, outcome: Literal["used", "failed"]) -> None:
        """Count a search that asked the directory."""
        self._directory.labels(outcome).inc()

    def looked_again(self, report: LookReport) -> None:
        """Count what looking again at visitors has done."""
        for merged in report.merged:
            self._merged.labels(merged.source.store).inc()
        for store in report.failed:
            self._look_failures.labels(store).inc()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Measure one stage of a recognition."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._observe(stage, time.perf_counter() - started)

    def delivered(self, webhook: str, confirmed: bool) -> None:
        """Count a try to tell a webhook something."""
        self._deliveries.labels(webhook, "confirmed" if confirmed else "failed").inc()

    def pushed(self, store: str, maker: str, outcome: PushOutcome) -> None:
        """Count what a camera has pushed."""
        self._pushes.labels(store, maker, outcome).inc()

    def doubted_clock(self, store: str) -> None:
        """Count a push whose camera's clock cannot be right."""
        self._doubted_clocks.labels(store).inc()

    def taught(self, outcome: Taught) -> None:
        """Count a lesson for a FaceId, and what became of it."""
        self._lessons.labels(outcome).inc()

    def watch(self, cluster: Callable[[], ClusterStatus]) -> None:
        """Show what `cluster` says at each scrape."""
        self.registry.register(_ClusterCollector(cluster))

    def watch_feeds(
        self, followers: Callable[[], int], webhooks: Callable[[], list[WebhookStatus]]
    ) -> None:
        """Show at each scrape how many read live feeds, and how the webhooks are doing."""
        self.registry.register(_FeedCollector(followers, webhooks))

    def watch_persons(self, privacy: PrivacyDesk) -> None:
        """Show how many persons were counted last, and whether somebody has to be told of it."""
        Gauge(
            "facegate_persons", "Persons with FaceIds in the chain", registry=self.registry
        ).set_function(lambda: privacy.persons or 0)
        Gauge(
            "facegate_persons_reached",
            "1 when there are as many as FACEGATE_PERSONS_ALARM",
            registry=self.registry,
        ).set_function(lambda: privacy.reached)

    def watch_cameras(self, cameras: Callable[[], list[CameraRow]]) -> None:
        """Show at each scrape how the cameras are."""
        self.registry.register(_CameraCollector(cameras))

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)

    def _observe(self, stage: Stage, seconds: float) -> None:
        self._stages.observe(stage, seconds)


class _ClusterCollector(Collector):
    """The map and the replicas at the moment of the scrape: nothing of removed stores stays."""

    def __init__(self, cluster: Callable[[], ClusterStatus]) -> None:
        self._cluster = cluster

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        cluster = self._cluster()
        info = GaugeMetricFamily("facegate_map_info", "The store map in force", labels=["version"])
        info.add_metric([cluster.map.version], 1)
        yield info
        error = GaugeMetricFamily(
            "facegate_map_error", "1 when the file holds an edit that cannot be used"
        )
        error.add_metric([], 1 if cluster.map.error else 0)
        yield error
        healthy = GaugeMetricFamily(
            "facegate_replica_healthy", "1 when the replica is healthy", labels=["store", "address"]
        )
        busy = GaugeMetricFamily(
            "facegate_replica_in_flight",
            "Requests of this gateway under way",
            labels=["store", "address"],
        )
        for store in cluster.stores:
            for replica in store.replicas:
                labels = [store.store, replica.address]
                healthy.add_metric(labels, 1 if replica.healthy else 0)
                busy.add_metric(labels, replica.in_flight)
        yield healthy
        yield busy
        yield from _background(cluster.background)
        ahead = GaugeMetricFamily(
            "facegate_clock_ahead_seconds",
            "How far the clock is ahead of the time that things expire by; 0 when it is believed",
        )
        ahead.add_metric([], cluster.clock.ahead_seconds)
        yield ahead
        if cluster.directory is not None:
            yield from _directory(cluster.directory)
        if cluster.mqtt is not None:
            broker = GaugeMetricFamily(
                "facegate_mqtt_connected", "1 while there is a connection to the MQTT broker"
            )
            broker.add_metric([], int(cluster.mqtt.connected))
            yield broker


def _directory(directory: DirectoryStatus) -> Iterator[Metric]:
    stores = GaugeMetricFamily(
        "facegate_directory_stores",
        "Stores whose members the directory knows up to now, and those that it should know so",
        labels=["state"],
    )
    stores.add_metric(["current"], directory.current)
    stores.add_metric(["behind"], directory.behind)
    yield stores
    faces = GaugeMetricFamily("facegate_directory_faces", "FaceIds in the directory")
    faces.add_metric([], directory.faces)
    yield faces
    age = GaugeMetricFamily(
        "facegate_directory_age_seconds",
        "How old what the directory knows of the current stores may be",
    )
    if directory.age_seconds is not None:
        age.add_metric([], directory.age_seconds)
    yield age


def _background(work: list[BackgroundStatus]) -> Iterator[Metric]:
    running = GaugeMetricFamily(
        "facegate_background_running",
        "0 while work beside the requests waits to be begun again",
        labels=["work"],
    )
    failures = CounterMetricFamily(
        "facegate_background_failures",
        "How often work beside the requests ended unexpectedly",
        labels=["work"],
    )
    for piece in work:
        running.add_metric([piece.name], int(piece.running))
        failures.add_metric([piece.name], piece.failures)
    yield running
    yield failures


class _CameraCollector(Collector):
    """How cameras were when the record was looked at last, a few seconds ago."""

    def __init__(self, cameras: Callable[[], list[CameraRow]]) -> None:
        self._cameras = cameras

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        labels = ["store", "camera"]
        silent = GaugeMetricFamily(
            "facegate_camera_silent", "1 while a camera is missed that was seen", labels=labels
        )
        last = GaugeMetricFamily(
            "facegate_camera_last_timestamp_seconds",
            "When a camera sent something last",
            labels=labels,
        )
        frames = GaugeMetricFamily(
            "facegate_camera_frames", "Frames of a camera in the last 24 hours", labels=labels
        )
        faces = GaugeMetricFamily("facegate_camera_faces", "Faces in them", labels=labels)
        for camera in self._cameras():
            place = [camera.store, camera.camera]
            silent.add_metric(place, int(camera.silent_since is not None))
            last.add_metric(place, camera.last_at / 1000)
            frames.add_metric(place, camera.frames)
            faces.add_metric(place, camera.faces)
        yield from (silent, last, frames, faces)


class _FeedCollector(Collector):
    """Who is told what happens, at the moment of the scrape."""

    def __init__(
        self, followers: Callable[[], int], webhooks: Callable[[], list[WebhookStatus]]
    ) -> None:
        self._followers = followers
        self._webhooks = webhooks

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        readers = GaugeMetricFamily("facegate_live_followers", "Readers of live feeds")
        readers.add_metric([], self._followers())
        yield readers
        pending = GaugeMetricFamily(
            "facegate_webhook_pending", "Events not confirmed yet", labels=["webhook"]
        )
        failing = GaugeMetricFamily(
            "facegate_webhook_failed_tries", "Failed tries in a row", labels=["webhook"]
        )
        for webhook in self._webhooks():
            pending.add_metric([webhook.webhook], webhook.pending)
            failing.add_metric([webhook.webhook], webhook.attempts)
        yield pending
        yield failing
