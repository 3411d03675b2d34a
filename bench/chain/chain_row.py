"""What a miss costs in one chain, searched in one way."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.chain.arrivals import Decision, answers
from bench.chain.chain import Chain, Cpu
from contract.vectors import Vectors

Way = Literal["plain", "grouped", "directory"]
"""A shard a store; many stores a shard; the same, and a directory names the stores to ask."""

IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class ChainRow:
    """What was measured of one chain; times in milliseconds, all of them of one miss."""

    stores: int
    way: Way
    a_second: float
    requests: float
    kilobytes: float
    gateway_cpu: float
    shards_cpu: float
    postgresql_cpu: float
    p50: float
    p99: float
    failed: int
    """Answers of stores that did not come in time, in all."""
    idle_cpu: float
    """Milliseconds of CPU of all processes a second while nobody comes."""
    fill_seconds: float | None = None
    """How long the directory took to be filled, its lists included."""
    same_decision: float | None = None
    """The share of faces for whom the directory's answer is that of all stores."""
    found: float | None = None
    """The share of those whom all stores together name who are named with the directory, too."""

    @property
    def cpu(self) -> float:
        """CPU of all processes."""
        return self.gateway_cpu + self.shards_cpu + self.postgresql_cpu


@dataclass(frozen=True)
class Agreement:
    """How often two ways decide alike."""

    same: float
    found: float

    @classmethod
    def of(cls, one: Sequence[Decision], all_stores: Sequence[Decision]) -> "Agreement":
        """Compare what one way says of each face with what all stores together say."""
        pairs = list(zip(one, all_stores, strict=True))
        named = [pair for pair in pairs if pair[1] is not None]
        return cls(_share_alike(pairs), _share_alike(named))


def _share_alike(pairs: Sequence[tuple[Decision, Decision]]) -> float:
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0


def a_second(stores: int, way: Way) -> float:
    """Return how many people come a second: what two cores can answer without a queue."""
    match way:
        case "plain":
            return 300 / (stores + 60)
        case "grouped":
            return 900 / (stores + 60)
        case "directory":
            return 8.0


def measure(chain: Chain, way: Way, seen: Vectors, agreement: Agreement | None = None) -> ChainRow:
    """Have the faces `seen` come, the first sixth to warm up."""
    rate, warm_up = a_second(chain.shards.stores, way), len(seen) // 6
    asyncio.run(answers(chain, seen[:warm_up], rate))
    idle = _idle(chain)
    cpu, traffic, began = chain.cpu(), chain.traffic(), time.perf_counter()
    found = asyncio.run(answers(chain, seen[warm_up:], rate))
    seconds, count = time.perf_counter() - began, len(found)
    used = (
        1000 * (part - at_rest * seconds) / count
        for part, at_rest in zip(chain.cpu().less(cpu), idle, strict=True)
    )
    requests, sent = (
        (after - before) / count for before, after in zip(traffic, chain.traffic(), strict=True)
    )
    gateway, shards, postgresql = used
    p50, p99 = np.percentile([each.ms for each in found], [50, 99])
    return ChainRow(
        stores=chain.shards.stores,
        way=way,
        a_second=rate,
        requests=requests,
        kilobytes=sent / 1000,
        gateway_cpu=gateway,
        shards_cpu=shards,
        postgresql_cpu=postgresql,
        p50=float(p50),
        p99=float(p99),
        failed=sum(each.failed for each in found),
        idle_cpu=1000 * sum(idle),
        fill_seconds=chain.fill_seconds,
        same_decision=None if agreement is None else agreement.same,
        found=None if agreement is None else agreement.found,
    )


def _idle(chain: Chain) -> Cpu:
    """Return CPU seconds a second of each part while nobody comes."""
    before, began = chain.cpu(), time.perf_counter()
    time.sleep(IDLE_SECONDS)
    seconds = time.perf_counter() - began
    return Cpu(*(used / seconds for used in chain.cpu().less(before)))
