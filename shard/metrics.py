"""What a shard counts, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from contract.messages.cluster import ShardStatus
from service.http.request_metrics import RequestMetrics, StageMetrics

Stage = Literal["encode", "search", "total"]

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Span:
    """A stage that was measured: its milliseconds, once it is over."""

    ms: float = 0.0


class ShardMetrics:
    """A shard's counters and histograms."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry, "facegate_shard", _SECONDS)
        self._stages = StageMetrics(
            self.registry,
            "facegate_shard_stage_seconds",
            "Time of each stage; encode is with the wait for a worker, total that of a recognition",
            _SECONDS,
        )

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
            self._stages.observe(stage, seconds)

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
