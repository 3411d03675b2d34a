"""Pictures that arrive when it suits them, not one after the other."""

import asyncio
import time
from typing import NamedTuple

import httpx
import numpy as np

from bench.chain.chain import HOME, Chain
from contract.vectors import Vectors, pack

STRANGERS = 0.6
"""The share of those whom home does not know whom no other store knows either."""


def faces(chain: Chain, count: int) -> Vectors:
    """Return the faces of so many people whom home does not know, in any order."""
    rng = np.random.default_rng(3)
    strangers = chain.drawn.draw(count)
    members = chain.people[rng.integers(len(chain.people), size=count)]
    either = np.where(rng.random(count)[:, None] < STRANGERS, strangers, members)
    return chain.drawn.seen_again(either)


class Answered(NamedTuple):
    """A miss: milliseconds until it was answered, and how many stores had failed by then."""

    ms: float
    failed: int


async def answers(chain: Chain, seen: Vectors, a_second: float) -> list[Answered]:
    """Post the faces as a Poisson process, and return how each was answered.

    A request that waits, because those before it are not done, has begun to wait when it came.
    """
    gaps = np.random.default_rng(4).exponential(1 / a_second, size=len(seen))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=chain.gateway.url, timeout=60, limits=limits) as client:
        start = time.perf_counter()
        posts = [
            _post(client, pack(face), start + at)
            for face, at in zip(seen, np.cumsum(gaps).tolist(), strict=True)
        ]
        return await asyncio.gather(*posts)


async def _post(client: httpx.AsyncClient, picture: bytes, at: float) -> Answered:
    await asyncio.sleep(at - time.perf_counter())
    answer = await client.post(
        f"/v1/stores/{HOME}/recognize", content=picture, params={"mint": False, "visit": False}
    )
    answer.raise_for_status()
    ms = (time.perf_counter() - at) * 1000
    return Answered(ms, len(answer.json()["coverage"]["failed"]))
