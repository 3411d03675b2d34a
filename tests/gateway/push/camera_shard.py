"""A fake shard that takes pictures which look like JPEG from outside, and a chain before it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from contract.errors import BrokenPicture
from service.http.multipart_form import Parts, is_multipart
from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import FakeShard, Point, picture, problem
from tests.gateway.push.bodies import Body

JPEG = b"\xff\xd8\xff\xe0"
BROKEN = JPEG + b"[" * 200
PATH = "/v1/stores/store-a/cameras/door/push"


def jpeg(*faces: Point, size: int = 300) -> bytes:
    """Return a "picture" of at least `size` bytes that begins as a JPEG does."""
    return (JPEG + picture(*faces)).ljust(size)


class CameraShard(FakeShard):
    """A fake shard whose pictures are those of `jpeg`; BROKEN is refused as an encoder would."""

    async def recognize(self, request: web.Request) -> web.Response:
        if JPEG not in (body := await request.read()) or BROKEN in body:
            return problem(BrokenPicture.status, BrokenPicture.code)
        return await super().recognize(request)

    async def _picture(self, request: web.Request) -> list[Point]:
        body = await request.read()
        kind = request.headers.get("content-type", "")
        files = Parts.of(kind, body).pictures() if is_multipart(kind) else [body]
        faces: list[Point] = json.loads(files[-1].removeprefix(JPEG))
        return faces

    @property
    def pictures(self) -> list[bytes]:
        """The bodies that were to be recognized."""
        return [request.body for request in self.asked("/recognize")]

    @property
    def tracks(self) -> list[str | None]:
        """Their tracks."""
        return [request.query.get("track") for request in self.asked("/recognize")]


@asynccontextmanager
async def pushed_to(folder: Path, **options: Any) -> AsyncIterator[Chain]:
    """Run a chain of one store, whose member is Anna; `options` are those of the store."""
    shard = CameraShard("store-a")
    shard.member("anna", ANNA)
    async with running(folder, {"store-a": [shard]}, {"store-a": options}) as chain:
        yield chain


def shard_of(chain: Chain) -> CameraShard:
    shard = chain.shard("store-a")
    assert isinstance(shard, CameraShard)
    return shard


async def push(chain: Chain, body: Body, method: str = "POST", **query: Any) -> httpx.Response:
    headers = {"Content-Type": body.content_type} if body.content_type else {}
    return await chain.http.request(
        method, PATH, content=body.content, headers=headers, params=query
    )


async def counted(chain: Chain, maker: str, outcome: str) -> bool:
    """Say whether one push of this kind is counted."""
    labels = f'maker="{maker}",outcome="{outcome}",store="store-a"'
    return f"facegate_camera_pushes_total{{{labels}}} 1.0" in await chain.metrics()


async def visits(chain: Chain) -> tuple[int, int]:
    """Return the visits and the visitors of the last week."""
    answer = await chain.http.get("/v1/stores/store-a/traffic", params={"by": "day"})
    found = answer.json()
    return found["pv"], found["uv"]
