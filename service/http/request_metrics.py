"""What both services count of their requests, for Prometheus."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.http.door import Limit

_KEPT = 1024
"""Metrics of which it is remembered where they are: finding one by its labels takes longer than
counting."""


class RequestMetrics:
    """Requests by method, route and status, how long they took, and the connections of them."""

    def __init__(self, registry: CollectorRegistry, prefix: str, buckets: Sequence[float]) -> None:
        """Register what begins with `<prefix>_request` and `<prefix>_connection`.

        `buckets` are in seconds.
        """
        requests = Counter(
            f"{prefix}_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        seconds = Histogram(
            f"{prefix}_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=buckets,
            registry=registry,
        )
        self._limits = Counter(
            f"{prefix}_connection_limits",
            "Connections that were closed or refused, by the limit that was met",
            ["limit"],
            registry=registry,
        )
        self._connections = Gauge(f"{prefix}_connections", "Open connections", registry=registry)
        self._certificates = Gauge(
            f"{prefix}_certificate_expires_timestamp_seconds",
            "When a certificate of the service's own expires",
            ["use"],
            registry=registry,
        )
        self._count_of = lru_cache(maxsize=_KEPT)(requests.labels)
        self._seconds_of = lru_cache(maxsize=_KEPT)(seconds.labels)

    def met(self, limit: Limit) -> None:
        """Count that a limit on connections was met."""
        self._limits.labels(limit).inc()

    def watch_connections(self, count: Callable[[], int]) -> None:
        """Show at each scrape how many connections are open."""
        self._connections.set_function(count)

    def watch_certificate(self, use: str, expires_at: Callable[[], datetime]) -> None:
        """Show at each scrape when a certificate expires, in seconds since 1970."""
        self._certificates.labels(use).set_function(lambda: expires_at().timestamp())

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._count_of(method, route, status).inc()
        self._seconds_of(route).observe(seconds)


class StageMetrics:
    """How long the stages of a request took."""

    def __init__(
        self, registry: CollectorRegistry, name: str, text: str, buckets: Sequence[float]
    ) -> None:
        """Register the histogram called `name`, which `text` describes; `buckets` in seconds."""
        seconds = Histogram(name, text, ["stage"], buckets=buckets, registry=registry)
        self._seconds_of = lru_cache(maxsize=_KEPT)(seconds.labels)

    def observe(self, stage: str, seconds: float) -> None:
        """Count a stage."""
        self._seconds_of(stage).observe(seconds)
