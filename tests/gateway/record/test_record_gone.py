"""A record whose file is not in its place any more, or damaged: nothing is acknowledged."""

import random
import sqlite3
from pathlib import Path

import pytest

from contract.errors import StorageUnavailable
from gateway.record.database import Database
from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import picture
from tests.gateway.record.test_database import note, notes

PAGE = 4096


async def says_so(chain: Chain) -> bool:
    ready = await chain.http.get("/readyz")
    problem = (await chain.cluster())["problem"]
    if ready.status_code == 200:
        assert problem is None
        return False
    assert (ready.status_code, ready.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert ready.json()["detail"] == problem
    assert (await chain.http.get("/healthz")).status_code == 200
    assert problem in (await chain.http.get("/cluster")).text
    return True


@pytest.mark.parametrize("gone", ["gateway.sqlite", "gateway.sqlite-wal"])
async def test_nothing_is_acknowledged_without_the_file_of_the_record(
    tmp_path: Path, gone: str
) -> None:
    async with running(tmp_path) as chain:
        assert not await says_so(chain)
        await chain.recognize("store-a", ANNA)
        (tmp_path / gone).rename(tmp_path / "aside")

        visit = await chain.http.post("/v1/stores/store-a/recognize", content=picture(ANNA))
        member = await chain.http.put("/v1/members/m1", json={"name": "Anna"})

        for refused in (visit, member):
            assert (refused.status_code, refused.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
        assert await says_so(chain)
        (tmp_path / "aside").rename(tmp_path / gone)
        assert not await says_so(chain)
        assert (await chain.http.get("/v1/members/m1")).status_code == 404
        assert (await chain.http.get("/v1/traffic")).json()["pv"] == 1


async def test_damage_that_is_met_while_running_is_remembered(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path) as database:
        for number in range(300):
            await database.write(None, note, f"{number} " + "x" * 500)
        await database.read(None, lambda connection: connection.exec_driver_sql("SELECT 1").all())
        database.check()
        damage(tmp_path / "gateway.sqlite")

        with pytest.raises(StorageUnavailable, match="is damaged"):
            await database.read(None, notes)

        with pytest.raises(StorageUnavailable, match="is damaged"):
            database.check()


def damage(path: Path) -> None:
    """Overwrite all that was checkpointed but the first page, and have it read again."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    with path.open("r+b") as file:
        pages = path.stat().st_size // PAGE
        file.seek(PAGE)
        file.write(random.Random(1).randbytes((pages - 1) * PAGE))
    connection.close()
