"""A camera that floods is refused, and the others of its store are not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from contract.errors import TooManyPictures
from gateway.camera_watch.camera_places import CameraPlace, CameraPlaces
from tests.gateway.fake_chain import ANNA, Chain, running, until
from tests.gateway.fakes import picture


class Holding:
    """A shard that answers nobody before it is let go."""

    def __init__(self, chain: Chain) -> None:
        self.shard = chain.shard("store-a")
        self.inside = 0
        self._go = asyncio.Event()
        self.shard.faults["/recognize"] = self._recognize

    async def _recognize(self, request: web.Request) -> web.StreamResponse:
        self.inside += 1
        await self._go.wait()
        return await self.shard.recognize(request)

    def let_go(self) -> None:
        self._go.set()


@asynccontextmanager
async def holding(folder: Path) -> AsyncIterator[tuple[Chain, Holding]]:
    async with running(folder, camera_pictures=2) as chain:
        shard = Holding(chain)
        try:
            yield chain, shard
        finally:
            shard.let_go()


def sent(chain: Chain, **query: str) -> "asyncio.Task[httpx.Response]":
    post = chain.http.post(
        "/v1/stores/store-a/recognize", content=picture(ANNA), params={"mint": "false", **query}
    )
    return asyncio.create_task(post)


async def test_a_camera_has_so_many_places_and_the_others_have_theirs(tmp_path: Path) -> None:
    async with holding(tmp_path) as (chain, shard):
        first = [sent(chain, camera="door") for _ in range(2)]
        await until(lambda: shard.inside == 2)

        refused = await sent(chain, camera="door")
        others = [sent(chain, camera="till"), *(sent(chain) for _ in range(4))]
        await until(lambda: shard.inside == 7)
        nameless = await sent(chain)
        shard.let_go()

        for answer in (refused, nameless):
            assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_PICTURES")
            assert answer.headers["Retry-After"] == "1"
        assert "'door'" in refused.json()["detail"]
        assert "name no camera" in nameless.json()["detail"]
        assert {answer.status_code for answer in await asyncio.gather(*first, *others)} == {200}
        assert (await sent(chain, camera="door")).status_code == 200


async def test_a_frame_that_is_sent_again_meanwhile_takes_no_place(tmp_path: Path) -> None:
    async with holding(tmp_path) as (chain, shard):
        again = [sent(chain, camera="door", frame="1") for _ in range(5)]
        await until(lambda: shard.inside == 1)
        other = sent(chain, camera="door", frame="2")
        await until(lambda: shard.inside == 2)
        shard.let_go()

        assert {answer.status_code for answer in await asyncio.gather(*again, other)} == {200}


def test_a_place_is_free_again_however_its_picture_ends() -> None:
    places = CameraPlaces(1)
    door = CameraPlace("a", "door", "10.0.0.1")
    for _ in range(3):
        with pytest.raises(OSError, match="lost"), places.taken(door):
            raise OSError("lost")

    with places.taken(door), pytest.raises(TooManyPictures), places.taken(door):
        pass


def test_a_camera_is_one_wherever_it_sends_from_and_the_nameless_are_one_an_address() -> None:
    places = CameraPlaces(1)
    with places.taken(CameraPlace("a", "door", "10.0.0.1")):
        with pytest.raises(TooManyPictures), places.taken(CameraPlace("a", "door", "10.0.0.2")):
            pass
        with places.taken(CameraPlace("b", "door", "10.0.0.1")):
            pass
    nameless = CameraPlace("a", None, "10.0.0.1")
    with places.taken(nameless), places.taken(nameless):
        with pytest.raises(TooManyPictures), places.taken(nameless):
            pass
        with places.taken(CameraPlace("a", None, "10.0.0.2")):
            pass
