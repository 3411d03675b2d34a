"""What a shard counts, for Prometheus: its requests, and each of its stores."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from contract.messages.cluster import ShardStatus
from service.http.request_metrics import RequestMetrics

Stage = Literal["encode", "search", "total"]

_GAUGES = {
    "faces": "FaceIds stored",
    "members": "FaceIds that are members",
    "templates": "Face vectors stored",
    "seq": "Number of the last change",
    "ready": "1 when recognition may be trusted",
    "encoder_waiting": "Pictures that wait for an encoder worker",
    "background_failures": "How often work beside the requests ended unexpectedly",
    "background_stopped": "Pieces of work beside the requests that wait to be begun again",
}
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Span:
    """A stage that was measured: its milliseconds, once it is over."""

    ms: float = 0.0


class ShardMetrics:
    """The counters, gauges and histograms of a process; those of a store have its name as label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry, "facegate_shard", _SECONDS)
        self.stages = Histogram(
            "facegate_shard_stage_seconds",
            "Time of each stage; encode is with the wait for a worker, total that of a recognition",
            ["store", "stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.gauges = {
            name: Gauge(f"facegate_shard_{name}", text, ["store"], registry=self.registry)
            for name, text in _GAUGES.items()
        }

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


class StoreMetrics:
    """What is counted of one store."""

    def __init__(self, metrics: ShardMetrics, store: str) -> None:
        self._gauges = metrics.gauges
        self._stage: dict[Stage, Histogram] = {
            stage: metrics.stages.labels(store, stage) for stage in get_args(Stage)
        }
        self._store = store

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
            self._stage[stage].observe(seconds)

    def watch(self, status: Callable[[], ShardStatus], waiting: Callable[[], int]) -> None:
        """Show at each scrape what `status` says, and how many pictures are `waiting`."""
        values: dict[str, Callable[[], int]] = {
            "faces": lambda: status().counts.faces,
            "members": lambda: status().counts.members,
            "templates": lambda: status().counts.templates,
            "seq": lambda: status().seq,
            "ready": lambda: int(status().ready),
            "encoder_waiting": waiting,
            "background_failures": lambda: sum(work.failures for work in status().background),
            "background_stopped": lambda: sum(not work.running for work in status().background),
        }
        for name, value in values.items():
            self._gauges[name].labels(self._store).set_function(value)
