"""The live feed over a real record: at once, in order, nothing twice and nothing lost."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from contract.errors import Busy, NotReady
from gateway.live import live_feed as live
from gateway.live.live_feed import POLL_SECONDS, FeedMessage, LiveFeed
from gateway.record.database import Database
from gateway.record.feed.feed import prune
from gateway.record.feed.position import Position
from tests.gateway.happenings import arrival, event


class Ending:
    """Whether the gateway is about to stop."""

    begun = False

    def __call__(self) -> bool:
        return self.begun


@asynccontextmanager
async def running(
    database: Database, ending: Ending | None = None, heartbeat_seconds: float = 60
) -> AsyncIterator[LiveFeed]:
    feed = LiveFeed(database, ending or Ending(), heartbeat_seconds)
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[LiveFeed]:
    async with running(database) as feed:
        yield feed


async def take(following: AsyncGenerator[FeedMessage, None], count: int) -> list[FeedMessage]:
    return [await asyncio.wait_for(anext(following), 60) for _ in range(count)]


async def test_a_visit_is_told_as_soon_as_it_is_written(database: Database, feed: LiveFeed) -> None:
    async with aclosing(feed.follow("a", None)) as following:
        [start] = await take(following, 1)
        telling = asyncio.create_task(take(following, 1))
        await asyncio.sleep(0)
        seq = await database.write(None, arrival, "a", 0, "Anna")
        [told] = await telling

    assert (start.message, start.position) == (None, Position(0, 0))
    assert (told.name, told.position) == ("visit", Position(seq, 0))
    assert POLL_SECONDS < 1


async def test_a_store_hears_of_itself_and_of_the_chain_alone(
    database: Database, feed: LiveFeed
) -> None:
    async with aclosing(feed.follow("a", None)) as following:
        await take(following, 1)
        await database.write(None, arrival, "b", 0)
        chain = await database.write(None, event, "", "member.changed")
        own = await database.write(None, arrival, "a", 0)

        told = await take(following, 2)

    assert {(one.name, one.position) for one in told[1:]} <= {
        ("visit", Position(own, chain)),
        ("member", Position(own, chain)),
    }


async def test_who_comes_back_gets_what_was_missed_once(database: Database, feed: LiveFeed) -> None:
    seqs = [await database.write(None, arrival, "a", at) for at in range(5)]
    async with aclosing(feed.follow("a", Position(0, 0))) as following:
        _, *first = await take(following, 3)
    async with aclosing(feed.follow("a", first[-1].position)) as following:
        _, *rest = await take(following, 4)
        seqs.append(await database.write(None, arrival, "a", 9))
        rest += await take(following, 1)

    assert [told.position.store for told in first + rest] == seqs


async def test_a_reader_that_sleeps_through_more_than_is_kept_loses_nothing(
    database: Database, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_RECENT", 3)
    monkeypatch.setattr(live, "PAGE", 4)
    async with aclosing(feed.follow("a", None)) as slow, aclosing(feed.follow("a", None)) as fast:
        await take(slow, 1)
        await take(fast, 1)
        seqs = [await database.write(None, arrival, "a", 0)]
        seen = await take(slow, 1)  # it is connected, and then it sleeps
        seqs += [await database.write(None, arrival, "a", at) for at in range(20)]
        await take(fast, 21)

        seen += await take(slow, 20)

    assert [told.position.store for told in seen] == seqs


async def test_many_readers_and_writers_agree_on_the_order(
    database: Database, feed: LiveFeed
) -> None:
    connected = asyncio.Barrier(6)

    async def read() -> list[int]:
        async with aclosing(feed.follow("a", None)) as following:
            await take(following, 1)
            await connected.wait()
            return [told.position.store for told in await take(following, 40)]

    readers = [asyncio.create_task(read()) for _ in range(5)]
    await connected.wait()
    seqs = await asyncio.gather(
        *(database.write(None, arrival, "ab"[at % 2], at) for at in range(80))
    )

    own = sorted(seqs[0::2])
    assert [await reader for reader in readers] == [own] * 5


async def test_a_position_that_is_no_longer_kept_is_told(
    database: Database, feed: LiveFeed
) -> None:
    for at in range(6):
        await database.write(None, arrival, "a", at)
    await database.write(None, prune, 3, 10)

    async with aclosing(feed.follow("a", Position(1, 0))) as following:
        start, reset = await take(following, 2)

    assert (start.position, reset.name, reset.position) == ((6, 0), "reset", (6, 0))


async def test_silence_is_filled_with_signs_of_life(database: Database) -> None:
    async with (
        running(database, heartbeat_seconds=0.05) as feed,
        aclosing(feed.follow("a", None)) as following,
    ):
        told = await take(following, 4)

    assert [one.message for one in told] == [None] * 4


async def test_the_end_of_the_gateway_ends_every_feed(database: Database) -> None:
    ending = Ending()
    async with (
        running(database, ending) as feed,
        aclosing(feed.follow("a", None)) as following,
    ):
        await take(following, 1)
        rest = asyncio.create_task(take(following, 1))
        await asyncio.sleep(0)
        ending.begun = True

        with pytest.raises(StopAsyncIteration):
            await rest
        with pytest.raises(NotReady):
            await anext(feed.follow("a", None))
        assert feed.followers == 0


async def test_there_is_an_end_to_followers(
    database: Database, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_FOLLOWERS", 1)
    async with aclosing(feed.follow("a", Position(0, 0))) as following:
        await take(following, 1)
        await database.write(None, arrival, "a", 0)
        await take(following, 1)

        with pytest.raises(Busy):
            await anext(feed.follow("b", None))


async def test_what_another_gateway_writes_is_told_here(
    postgresql_url: str, tmp_path: Path
) -> None:
    async with (
        Database.at(postgresql_url, tmp_path) as here,
        Database.at(postgresql_url, tmp_path) as there,
        running(here) as feed,
        aclosing(feed.follow("a", None)) as following,
    ):
        await take(following, 1)
        telling = asyncio.create_task(take(following, 1))
        await asyncio.sleep(0)
        seq = await there.write(None, arrival, "a", 0)

        assert [told.position.store for told in await telling] == [seq]
