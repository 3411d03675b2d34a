"""People whom home does not know, how their pictures arrive, and who is named."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
import numpy as np

from bench.chain.chain import HOME, Chain
from bench.chain.people import SearchedPeople
from contract.vectors import Vectors, pack

STRANGERS = 0.6
"""The share of those whom home does not know whom no other store knows either."""
_AT_ONCE = 2

Decision = tuple[str, str] | None
"""The store and the FaceId of whom a face is taken for."""


def faces(people: Vectors, count: int) -> Vectors:
    """Return so many faces: of strangers, and of `people` (n, d) who come again, in any order."""
    rng, drawn = np.random.default_rng(3), SearchedPeople(seed=2)
    strangers = drawn.draw(count)
    members = people[rng.integers(len(people), size=count)]
    either = np.where(rng.random(count)[:, None] < STRANGERS, strangers, members)
    return drawn.seen_again(either)


class Answered(NamedTuple):
    """A miss: milliseconds until it was answered, and how many stores had failed by then."""

    ms: float
    failed: int


async def answers(chain: Chain, seen: Vectors, a_second: float) -> list[Answered]:
    """Post the faces as a Poisson process, and return how each was answered.

    A request that waits, because those before it are not done, has begun to wait when it came.
    """
    gaps = np.random.default_rng(4).exponential(1 / a_second, size=len(seen))
    async with _client(chain) as client:
        start = time.perf_counter()

        async def come(face: Vectors, at: float) -> Answered:
            await asyncio.sleep(at - time.perf_counter())
            answer = await _post(client, face)
            ms = (time.perf_counter() - at) * 1000
            return Answered(ms, len(answer["coverage"]["failed"]))

        posts = [
            come(face, start + at) for face, at in zip(seen, np.cumsum(gaps).tolist(), strict=True)
        ]
        return await asyncio.gather(*posts)


async def decisions(chain: Chain, seen: Vectors, a_picture: int = 1) -> Sequence[Decision]:
    """Post the faces as quickly as they are answered, so many a picture; return who is named."""
    pictures = [seen[first : first + a_picture] for first in range(0, len(seen), a_picture)]
    turns = asyncio.Semaphore(_AT_ONCE)
    async with _client(chain) as client:

        async def decided(picture: Vectors) -> list[Decision]:
            async with turns:
                answer = await _post(client, picture)
            known = [(f["store"], f["face_id"], f["match"]) for f in answer["faces"]]
            return [(s, face_id) if match == "roaming" else None for s, face_id, match in known]

        found = await asyncio.gather(*map(decided, pictures))
    return [decision for of_picture in found for decision in of_picture]


def _client(chain: Chain) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx.AsyncClient(base_url=chain.gateway.url, timeout=60, limits=limits)


async def _post(client: httpx.AsyncClient, picture: Vectors) -> Any:
    answer = await client.post(
        f"/v1/stores/{HOME}/recognize",
        content=pack(picture),
        params={"mint": False, "visit": False},
    )
    answer.raise_for_status()
    return answer.json()
