"""What is decided about members reaches the directory, before it is confirmed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import postgresql
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running

pytestmark = pytest.mark.slow


@asynccontextmanager
async def chain_with(folder: Path, url: str) -> AsyncIterator[Chain]:
    """Three stores with a real shard each, and a member of `a` who roams."""
    async with running(folder, settings={"directory_url": url}) as chain:
        await chain.put_member("m-1", True)
        await chain.enroll("a", 1, "anna", member_id="m-1")
        await until(lambda: faces(url) == 1)
        yield chain


def faces(url: str) -> int | None:
    """Return how many entries the directory has; None when it has no tables yet."""
    with psycopg.connect(url) as connection:
        try:
            row = connection.execute("SELECT count(*) FROM directory_entries").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    assert row is not None
    return int(row[0])


async def erase(chain: Chain, status: int = 200) -> dict[str, Any]:
    receipt: dict[str, Any] = await chain.call(
        "DELETE", "/v1/members/m-1", status, params={"erase": True}
    )
    return receipt


async def test_a_complete_receipt_means_that_the_directory_knows_nobody(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        receipt = await erase(chain)

        assert receipt["complete"]
        assert faces(postgresql_url) == 0


async def test_consent_that_is_withdrawn_has_reached_the_directory_when_that_is_answered(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with chain_with(tmp_path, postgresql_url) as chain:
        await chain.put_member("m-1", False)
        assert faces(postgresql_url) == 0

        await chain.put_member("m-1", True)
        assert faces(postgresql_url) == 1


async def test_a_directory_that_is_down_keeps_a_receipt_open(
    tmp_path: Path, processes: None
) -> None:
    with postgresql.own_server() as server:
        async with chain_with(tmp_path, server.url) as chain:
            server.crash()

            receipt = await erase(chain, 202)

            [waiting] = {part["waiting_for"] for part in receipt["stores"]}
            assert not receipt["complete"]
            assert waiting.startswith("the directory")
            assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"

            server.start()
            await until(lambda: _is_complete(chain, receipt["erasure"]))
            assert faces(server.url) == 0


async def _is_complete(chain: Chain, erasure: str) -> bool:
    return bool((await chain.call("GET", f"/v1/erasures/{erasure}"))["complete"])
