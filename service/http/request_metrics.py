"""What both services count of their requests, for Prometheus."""

from collections.abc import Sequence
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram

_KEPT = 1024
"""Metrics of which it is remembered where they are: finding one by its labels takes longer than
counting."""


class RequestMetrics:
    """Requests by method, route and status, and how long they took."""

    def __init__(self, registry: CollectorRegistry, prefix: str, buckets: Sequence[float]) -> None:
        """Register `<prefix>_requests` and `<prefix>_request_seconds`; `buckets` are in seconds."""
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
        self._count_of = lru_cache(maxsize=_KEPT)(requests.labels)
        self._seconds_of = lru_cache(maxsize=_KEPT)(seconds.labels)

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
