"""What was measured of one system with so many people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.search.clients import Searched


@dataclass(frozen=True)
class Measured:
    """One system. `exact` says how often it found the same as the exact search of its kind.

    Of a system that keeps no names apart, such as Faiss by itself, a part is not known: None.
    """

    system: str
    people: int
    searched: Mapping[int, Searched]
    """By the number of clients."""
    exact: float
    start: float
    """Seconds until it answers, with what it keeps on disk where it does."""
    bytes_each: float
    """Memory beyond that of the same process without anybody, a vector."""
    add_ms: float | None = None
    remove_ms: float | None = None
    cpu_ms: float | None = None
    """CPU of the service, a search of one client."""
    same_decision: float | None = None
    """How often whoever matches is the same as with `flat`."""
    start_read: float | None = None
    """Seconds of a start that reads the record: without a snapshot, with places that are stored."""
    start_anew: float | None = None
    """Seconds of a start that has all places to tell, as the first one after an import."""


def share_alike(one: Sequence[str | None], other: Sequence[str | None]) -> float:
    """Return how often both say the same."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
