"""Fetches snapshots from Frigate's HTTP API. The one module here that knows httpx."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

MOST_BYTES = 20_000_000
"""Of a snapshot: as many as a gateway takes."""
SECONDS = 10.0
_PLAIN = {"bbox": "0", "timestamp": "0", "crop": "0", "quality": "95"}
"""Nothing drawn into the picture, and all of it. Frigate itself draws into those of the past."""


class NoSnapshot(Exception):
    """Frigate has no such snapshot, or none yet; the text is short and says why."""


class FrigateUnreachable(Exception):
    """Frigate does not answer, or not well; it may later."""


class Snapshots:
    """The snapshots of one Frigate. `async with` closes its connections."""

    def __init__(self, url: str) -> None:
        """Fetch from the Frigate at `url`, such as `http://frigate:5000`."""
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"), timeout=SECONDS, trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def fetch(self, event: str) -> bytes:
        """Return the JPEG of an event. Raises NoSnapshot and FrigateUnreachable."""
        path = f"/api/events/{quote(event, safe='')}/snapshot.jpg"
        try:
            async with (
                asyncio.timeout(SECONDS),  # all of it: httpx counts from each piece to the next
                self._http.stream("GET", path, params=_PLAIN) as answer,
            ):
                if answer.status_code >= 500:
                    raise FrigateUnreachable(f"HTTP {answer.status_code}")
                if answer.status_code != 200:
                    raise NoSnapshot(f"HTTP {answer.status_code}")
                return await _body(answer)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise FrigateUnreachable(str(error) or type(error).__name__) from error


async def _body(answer: httpx.Response) -> bytes:
    picture = bytearray()
    async for some in answer.aiter_bytes():
        picture += some
        if len(picture) > MOST_BYTES:
            raise NoSnapshot("the snapshot is too large")
    return bytes(picture)
