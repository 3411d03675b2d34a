"""A camera that was seen and is silent is missed: told once, and again when it is back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from contract.errors import StorageUnavailable
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.camera_watch.silence import is_missed
from gateway.clock.store_clock import milliseconds
from gateway.record.cameras.camera_rows import delete_old_cameras
from gateway.record.cameras.tallies import MOST_CAMERAS
from gateway.record.database import Database
from gateway.record.feed.schema import events
from gateway.record.store_rename import rename_store

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = milliseconds(datetime(2026, 5, 4, 12, tzinfo=UTC))
MAP = """
stores:
  west:
    shards: h:1
    silent_after: 1h
    cameras: {door: {silent_after: 10m}, never: }
  east: {shards: h:2, opening_hours: 09:00-18:00, silent_after: 30m}
"""


def stores(text: str = MAP) -> StoreMap:
    return parse_store_map(text.encode(), Path("stores.yaml"))


class Time:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


class Chain:
    """Watches of several gateways of one chain, with the same record and clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.time = Time()
        self.map = stores()

    def gateway(self) -> CameraWatch:
        return CameraWatch(self.database, lambda: self.map, self.time)

    async def told(self) -> list[tuple[str, str, str]]:
        def read(connection: sa.Connection) -> list[Any]:
            return list(connection.execute(sa.select(events).order_by(events.c.seq)))

        rows = await self.database.read(None, read)
        return [(row.store, row.kind, row.payload["camera"]) for row in rows]


class FlakyDatabase:
    """A database whose disk may be away."""

    def __init__(self, database: Database) -> None:
        self.is_away = False
        self.read = database.read
        self._database = database

    async def write(self, *work: Any) -> Any:
        if self.is_away:
            raise StorageUnavailable("the disk is away")
        return await self._database.write(*work)


@pytest.fixture
def chain(database: Database) -> Chain:
    return Chain(database)


def silent(watch: CameraWatch) -> list[str]:
    return [f"{each.store}/{each.camera}" for each in watch.rows if each.silent_since]


async def test_who_is_silent_is_told_once_by_all_gateways_and_when_it_is_back(chain: Chain) -> None:
    one, other = chain.gateway(), chain.gateway()
    for camera in ("door", "yard"):
        one.alive("west", camera)
    await one.step()
    assert silent(one) == []

    chain.time.now += 11 * MINUTE
    for watch in (one, other, one):
        await watch.step()
    assert silent(one) == silent(other) == ["west/door"]
    assert await chain.told() == [("west", "camera.silent", "door")]

    other.alive("west", "door")
    await other.step()
    await one.step()
    assert silent(one) == silent(other) == []
    assert (await chain.told())[1:] == [("west", "camera.back", "door")]


async def test_a_camera_that_is_listed_and_was_never_seen_is_not_missed(chain: Chain) -> None:
    watch = chain.gateway()
    chain.time.now += 7 * DAY
    await watch.step()

    assert silent(watch) == []
    assert await chain.told() == []


async def test_pictures_that_name_no_camera_are_not_missed(chain: Chain) -> None:
    watch = chain.gateway()
    watch.refused("west", None, "BROKEN_PICTURE")
    chain.time.now += 2 * HOUR
    await watch.step()

    assert [each.camera for each in watch.rows] == [""]
    assert silent(watch) == []


async def test_an_edit_of_the_map_ends_a_silence(chain: Chain) -> None:
    watch = chain.gateway()
    watch.alive("west", "door")
    chain.time.now += HOUR
    await watch.step()
    chain.map = stores(MAP.replace("10m", "3h"))
    await watch.step()

    assert silent(watch) == []
    assert [kind for _, kind, _ in await chain.told()] == ["camera.silent", "camera.back"]


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ((4, 12, 0), (4, 12, 29), False),
        ((4, 12, 0), (4, 12, 30), True),
        ((4, 17, 55), (4, 18, 30), False),  # closed
        ((4, 17, 55), (5, 9, 10), False),  # has just opened
        ((4, 17, 55), (5, 9, 30), True),
    ],
)
def test_cameras_are_missed_while_the_store_is_open(
    last: tuple[int, int, int], now: tuple[int, int, int], expected: bool
) -> None:
    at: Callable[[tuple[int, int, int]], int] = lambda when: milliseconds(  # noqa: E731
        datetime(2026, 5, *when, tzinfo=UTC)
    )

    assert is_missed(stores().store("east"), "door", at(last), at(now)) is expected


async def test_what_cannot_be_stored_is_kept_for_later(
    chain: Chain,
) -> None:
    disk = FlakyDatabase(chain.database)
    watch = CameraWatch(cast(Database, disk), lambda: chain.map, chain.time)
    watch.refused("west", "door", "BUSY")
    disk.is_away = True
    with pytest.raises(StorageUnavailable):
        await watch.flush()
    watch.refused("west", "door", "BUSY")
    disk.is_away = False

    [door] = [each for each in await watch.list_cameras([chain.map.store("west")]) if each.refused]
    assert door.refused == 2


async def test_a_name_for_each_picture_fills_nothing(chain: Chain) -> None:
    watch = chain.gateway()
    watch.alive("west", "door")
    await watch.flush()
    for number in range(MOST_CAMERAS + 50):
        watch.alive("west", f"frame-{number}")

    found = await watch.list_cameras([chain.map.store("west")])

    assert sum(each.last_at is not None for each in found) == MOST_CAMERAS
    assert found[0].camera == "door"


async def test_what_is_old_goes_and_a_rename_of_its_store_takes_a_camera_along(
    chain: Chain,
) -> None:
    watch = chain.gateway()
    watch.refused("west", "door", "BUSY")
    await watch.flush()
    chain.time.now += 2 * DAY
    await chain.database.write(None, delete_old_cameras, chain.time.now)
    await chain.database.write(None, rename_store, "west", "occident")
    chain.map = stores(MAP.replace("west", "occident"))

    [door, _] = await watch.list_cameras([chain.map.store("occident")])
    assert (door.last_at is not None, door.refused) == (True, 0)

    await chain.database.write(None, delete_old_cameras, chain.time.now + 30 * DAY)
    [door, _] = await watch.list_cameras([chain.map.store("occident")])
    assert door.last_at is None
