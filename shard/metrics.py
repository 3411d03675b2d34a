"""What a shard counts, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from contract.messages.cluster import ShardStatus

Stage = Literal["encode", "search", "total"]

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


_KEPT = 1024
"""Metrics of which it is remembered where they are."""


class Span:
    """A stage that was measured: its milliseconds, once it is over."""

    ms: float = 0.0


class ShardMetrics:
    """A shard's counters and histograms."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "facegate_shard_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "facegate_shard_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stage_seconds = Histogram(
            "facegate_shard_stage_seconds",
            "Time of each stage; encode is with the wait for a worker, total that of a recognition",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )

        # Finding a metric by its labels takes longer than counting.
        self._count_of = lru_cache(maxsize=_KEPT)(self._requests.labels)
        self._seconds_of = lru_cache(maxsize=_KEPT)(self._request_seconds.labels)
        self._stage_of = lru_cache(maxsize=_KEPT)(self._stage_seconds.labels)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._count_of(method, route, status).inc()
        self._seconds_of(route).observe(seconds)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[Span]:
        """Measure one stage."""
        span = Span()
        started = time.perf_counter()
        try:
            yield span
        finally:
            seconds = time.perf_counter() - started
            span.ms = round(seconds * 1000, 3)
            self._stage_of(stage).observe(seconds)

    def watch(self, status: Callable[[], ShardStatus], waiting: Callable[[], int]) -> None:
        """Show at each scrape what `status` says, and how many pictures are `waiting`."""
        self._gauge("faces", "FaceIds stored", lambda: status().counts.faces)
        self._gauge("members", "FaceIds that are members", lambda: status().counts.members)
        self._gauge("templates", "Face vectors stored", lambda: status().counts.templates)
        self._gauge("seq", "Number of the last change", lambda: status().seq)
        self._gauge("ready", "1 when recognition may be trusted", lambda: int(status().ready))
        self._gauge("encoder_waiting", "Pictures that wait for an encoder worker", waiting)
        self._gauge(
            "background_failures",
            "How often work beside the requests ended unexpectedly",
            lambda: sum(work.failures for work in status().background),
        )
        self._gauge(
            "background_stopped",
            "Pieces of work beside the requests that wait to be begun again",
            lambda: sum(not work.running for work in status().background),
        )

    def _gauge(self, name: str, text: str, value: Callable[[], int]) -> None:
        Gauge(f"facegate_shard_{name}", text, registry=self.registry).set_function(value)

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)
