"""With a directory a miss asks few stores, and the answer is the one that all would give."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from gateway.directory.tables.nearest_lists import LEAST
from tests import plain_http
from tests.gateway.directory.roaming_shard import RoamingShard
from tests.gateway.fake_chain import STRANGER, Chain, running, served, until
from tests.gateway.fakes import FakeShard, Point
from tests.ports import free_port

STORES = 10


def point(number: int) -> Point:
    """Return where the member of a store is."""
    vector = np.random.default_rng(number).normal(size=4)
    x, y, z, w = (vector / np.linalg.norm(vector)).tolist()
    return x, y, z, w


def many_stores() -> dict[str, list[FakeShard]]:
    """A member in each of ten stores, `m-3` of `store-3`."""
    shards = [RoamingShard(f"store-{number}") for number in range(STORES)]
    for number, shard in enumerate(shards):
        shard.member(f"m-{number}", point(number), f"member-{number}")
    return {shard.store: [shard] for shard in shards}


@asynccontextmanager
async def chain_with(
    folder: Path, url: str, stores: dict[str, list[FakeShard]] | None = None, **settings: Any
) -> AsyncIterator[Chain]:
    given = {"directory_url": url, "health_seconds": 0.2, **settings}
    async with running(folder, stores or many_stores(), **given) as chain:
        yield chain


async def directory(chain: Chain) -> dict[str, Any]:
    status: dict[str, Any] = (await chain.cluster())["directory"]
    return status


async def filled(chain: Chain, faces: int = STORES) -> None:
    """Return once the directory has so many faces, and knows everything of all stores."""

    async def done() -> bool:
        status = await directory(chain)
        return status["faces"] == faces and status["behind"] == 0 and status["problem"] is None

    await until(done)


def shard(chain: Chain, store: str) -> RoamingShard:
    found = chain.shard(store)
    assert isinstance(found, RoamingShard)
    return found


def asked(chain: Chain) -> set[str]:
    """Return the stores that were asked who somebody is, and forget that they were."""
    stores = {store for store in chain.stores if chain.shard(store).asked("/search")}
    for store in chain.stores:
        chain.shard(store).seen.clear()
    return stores


async def test_a_miss_asks_the_stores_of_those_who_are_most_alike(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        asked(chain)

        answer = await chain.recognize("store-0", point(7))

        [face] = answer["faces"]
        assert (face["match"], face["face_id"], face["store"]) == ("roaming", "m-7", "store-7")
        few = asked(chain)
        assert len(few) == 3
        assert "store-7" in few
        use = answer["coverage"]["directory"]
        assert set(use["skipped"]) == set(chain.stores) - few - {"store-0"}
        assert use["age_seconds"] < 30
        assert answer["coverage"]["complete"]
        assert answer["coverage"]["asked"] == 4


async def test_every_member_is_found_wherever_they_go(tmp_path: Path, postgresql_url: str) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        for number in range(1, STORES):
            [face] = (await chain.recognize("store-0", point(number)))["faces"]
            assert face["store"] == f"store-{number}"
        assert 'facegate_directory_searches_total{outcome="used"} 9.0' in await chain.metrics()
        assert "facegate_directory_faces 10.0" in await chain.metrics()


async def test_who_was_enrolled_or_removed_is_known_a_moment_later(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        shard(chain, "store-5").member("new", STRANGER)
        shard(chain, "store-5").member("m-5", point(50))
        await filled(chain, STORES + 1)
        [new] = (await chain.recognize("store-0", STRANGER))["faces"]
        [moved] = (await chain.recognize("store-0", point(50)))["faces"]
        assert (new["face_id"], moved["face_id"]) == ("new", "m-5")

        shard(chain, "store-5").remove("new")
        await filled(chain, STORES)
        assert (await chain.recognize("store-0", STRANGER))["faces"][0]["match"] == "new"


async def test_a_store_is_read_page_by_page(tmp_path: Path, postgresql_url: str) -> None:
    stores = many_stores()
    [big] = stores["store-3"]
    assert isinstance(big, RoamingShard)
    big.page = 2
    for number in range(100, 109):
        big.member(f"m-{number}", point(number))
    async with chain_with(tmp_path, postgresql_url, stores) as chain:
        await filled(chain, STORES + 9)

        assert len(big.asked("/roaming")) >= 5
        [face] = (await chain.recognize("store-0", point(108)))["faces"]
        assert face["face_id"] == "m-108"


@pytest.mark.slow
async def test_lists_are_made_as_soon_as_there_are_enough_entries(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)  # and what there is has been counted
        big = shard(chain, "store-3")
        for number in range(100, 100 + LEAST):
            big.member(f"m-{number}", point(number))

        await filled(chain, STORES + LEAST)
        await until(lambda: _lists(postgresql_url) > 0, seconds=30)


def _lists(url: str) -> int:
    return _number(url, b"SELECT max(lists) FROM directory_models")


async def test_stores_that_the_directory_cannot_tell_of_are_asked_in_any_case(
    tmp_path: Path, postgresql_url: str
) -> None:
    stores = many_stores()
    [other] = stores["store-1"]
    other.model = "model-2"
    [strange] = stores["store-2"]
    strange.cohort = "cohort-2"
    async with running(
        tmp_path,
        stores,
        options={"store-3": {"cross_store": "everyone"}, "store-4": {"cross_store": "nobody"}},
        directory_url=postgresql_url,
        health_seconds=0.2,
    ) as chain:
        await filled(chain, STORES - 2)
        asked(chain)

        answer = await chain.recognize("store-0", STRANGER, mint=False)

        assert {"store-2", "store-3"} <= asked(chain)
        assert answer["coverage"]["failed"] == {"store-1": "model mismatch"}
        assert set(answer["coverage"]["skipped"]) == {"store-4"}


async def test_who_lists_candidates_gets_those_of_more_stores(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        asked(chain)

        answer = await chain.recognize("store-0", STRANGER, mint=False, candidates=4)

        assert len(asked(chain)) == 6
        nearest = sorted(range(1, STORES), key=lambda n: float(np.dot(point(n), STRANGER)))
        # their places being the same, the nearest are the most alike
        found = [face["face_id"] for face in answer["faces"][0]["candidates"]]
        assert {f"m-{number}" for number in nearest[-4:]} == set(found) - {"m-0"} or "m-0" in found


async def test_a_chain_without_a_database_asks_everybody_and_says_why(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    async with chain_with(tmp_path, nowhere) as chain:
        await until(lambda: _has_problem(chain, "the database does not answer"))

        answer = await chain.recognize("store-0", point(7))

        assert answer["faces"][0]["face_id"] == "m-7"
        assert answer["coverage"]["directory"] is None
        assert len(asked(chain)) == STORES - 1


async def _has_problem(chain: Chain, text: str) -> bool:
    return text in ((await directory(chain))["problem"] or "")


async def test_what_somebody_else_has_changed_is_read_anew(
    tmp_path: Path, postgresql_url: str
) -> None:
    stores = many_stores()
    async with chain_with(tmp_path, postgresql_url, stores) as chain:
        await filled(chain)
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("DELETE FROM directory_entries WHERE store IN ('store-3', 'store-7')")

    async with chain_with(tmp_path, postgresql_url, stores) as chain:
        await until(lambda: _entries(postgresql_url) == STORES)
        await filled(chain)
        [face] = (await chain.recognize("store-0", point(7)))["faces"]
        assert face["face_id"] == "m-7"


def _entries(url: str) -> int:
    return _number(url, b"SELECT count(*) FROM directory_entries")


def _number(url: str, query: bytes) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_wrong_directory_names_nobody_wrongly(tmp_path: Path, postgresql_url: str) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute("UPDATE directory_entries SET vector = '[1,0,0,0]', mean = 0")

        for number in range(1, STORES):
            [face] = (await chain.recognize("store-0", point(number), mint=False))["faces"]
            assert face["face_id"] in {None, f"m-{number}"}


async def test_a_directory_that_loses_its_tables_costs_nobody_an_answer(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute("DROP TABLE directory_entries CASCADE")

        [face] = (await chain.recognize("store-0", point(7)))["faces"]
        assert face["face_id"] == "m-7"


async def test_a_directory_that_has_lost_entries_is_not_believed(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute("DELETE FROM directory_entries WHERE number > 0")

        answer = await chain.recognize("store-0", point(7))

        assert answer["faces"][0]["face_id"] == "m-7"
        assert answer["coverage"]["directory"] is None


async def test_a_directory_that_is_late_is_not_waited_for(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url, directory_ms=100) as chain:
        await filled(chain)
        asked(chain)
        with psycopg.connect(postgresql_url) as connection:
            connection.execute("LOCK TABLE directory_entries")
            answer = await chain.recognize("store-0", point(7))

        assert answer["faces"][0]["face_id"] == "m-7"
        assert answer["coverage"]["directory"] is None
        assert asked(chain) == set(chain.stores) - {"store-0"}
        failed = 'facegate_directory_searches_total{outcome="failed"} 1.0'
        assert failed in await chain.metrics()


async def test_a_store_that_leaves_the_map_leaves_the_directory(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        chain.options["store-2"] = {"cross_store": "nobody"}
        chain.write_map()

        await filled(chain, STORES - 1)
        assert _entries(postgresql_url) == STORES - 1


async def test_two_gateways_share_a_directory(tmp_path: Path, postgresql_url: str) -> None:
    stores = many_stores()
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with (
        chain_with(tmp_path / "one", postgresql_url, stores) as first,
        running_beside(tmp_path / "two", stores, postgresql_url) as second,
    ):
        await filled(first)
        await filled(second)
        shard(first, "store-5").member("new", STRANGER)
        await filled(first, STORES + 1)
        await filled(second, STORES + 1)
        for chain in (first, second):
            answer = await chain.recognize("store-0", STRANGER)
            assert answer["faces"][0]["face_id"] == "new"
            assert len(answer["coverage"]["directory"]["skipped"]) == 6


@asynccontextmanager
async def running_beside(
    folder: Path, stores: dict[str, list[FakeShard]], url: str
) -> AsyncIterator[Chain]:
    """Run a second gateway before the shards of a chain that runs."""
    chain = Chain(folder / "stores.yaml", stores)
    chain.write_map()
    given = {"directory_url": url, "health_seconds": 0.2}
    async with (
        served(chain.path, folder, **given) as gateway,
        plain_http.AsyncClient(base_url=gateway) as http,
    ):
        chain.http = http
        yield chain
