"""`facegate audit` against a gateway that is killed, and whose trail is tampered with."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from facegate.command import main
from tests import plain_http
from tests.gateway.test_process import process

pytestmark = pytest.mark.processes


async def run(*arguments: str | Path) -> Result:
    """Run the command beside the gateway."""
    given = [str(argument) for argument in ("audit", *arguments)]
    return await asyncio.to_thread(CliRunner().invoke, main, given)


async def faults(*arguments: str | Path) -> list[str]:
    """Return what `verify` finds wrong."""
    result = await run("verify", "--json", *arguments)
    rows = json.loads(result.stdout)
    found = [row["fault"] for row in rows if row["fault"] is not None]
    assert result.exit_code == (1 if found else 0), result.output
    return found


async def looks(url: str, until: asyncio.Event) -> int:
    """Look at members, several at once, until the gateway is gone; return how often it answered."""
    answered = 0

    async def look(http: httpx.AsyncClient) -> None:
        nonlocal answered
        while True:
            try:
                answer = await http.get("/v1/members/m-1")
            except httpx.TransportError:
                return
            answered += answer.status_code == 200
            if answered > 40:
                until.set()

    async with plain_http.AsyncClient(base_url=url) as http:
        await asyncio.gather(*(look(http) for _ in range(8)))
    return answered


def tamper(record: Path, statements: Sequence[str]) -> None:
    """Change the record as somebody does who has its file."""
    with closing(sqlite3.connect(record)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_two_gateways_that_write_at_once_keep_their_chains_whole(
    postgresql_record_url: str, tmp_path: Path
) -> None:
    stores = tmp_path / "stores.yaml"
    stores.write_text("store-a: 127.0.0.1:9\n", encoding="utf-8")

    async def look(http: httpx.AsyncClient, times: int) -> None:
        for _ in range(times):
            assert (await http.get("/v1/members/m-1")).status_code == 200

    async with (
        process(stores, record_url=postgresql_record_url) as (one, _),
        process(stores, record_url=postgresql_record_url) as (other, _),
        plain_http.AsyncClient(base_url=one) as at_one,
        plain_http.AsyncClient(base_url=other) as at_other,
    ):
        assert (await at_one.put("/v1/members/m-1", json={"name": "Anna"})).status_code == 201
        await asyncio.gather(*(look(http, 10) for http in (at_one, at_other) for _ in range(4)))

        files = [tmp_path / "audit.jsonl", tmp_path / "audit-2.jsonl"]
        for file in files:
            told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            assert sum(entry["action"] == "member.get" for entry in told) == 40
            assert await faults(file, "--compare", "--url", other) == []
        assert await faults("--url", one) == []
        heads = (await at_one.get("/v1/audit/heads")).json()["heads"]
        assert len(heads) == 2


async def test_a_trail_survives_a_kill_and_tells_who_tampered_with_it(tmp_path: Path) -> None:
    stores, file = tmp_path / "stores.yaml", tmp_path / "audit.jsonl"
    stores.write_text("store-a: 127.0.0.1:9\n", encoding="utf-8")
    async with process(stores) as (url, gateway), plain_http.AsyncClient(base_url=url) as http:
        assert (await http.put("/v1/members/m-1", json={"name": "Anna"})).status_code == 201
        busy = asyncio.Event()
        looking = asyncio.create_task(looks(url, busy))
        await busy.wait()
        gateway.kill()
        answered = await looking
    with file.open("ab") as lines:
        lines.write(b'{"action":"member.ge')  # as a kill in the middle of a write leaves it

    async with process(stores) as (url, gateway):
        told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        assert sum(entry["action"] == "member.get" for entry in told) >= answered > 40
        assert await faults("--url", url) == []
        assert await faults(file, "--compare", "--url", url) == []
        copy = tmp_path / "copy.jsonl"
        assert (await run("export", "--to", copy, "--url", url)).exit_code == 0
        [head] = json.loads((await run("verify", "--json", "--url", url)).stdout)
        gateway.terminate()
        await asyncio.to_thread(gateway.wait)
    assert copy.stat().st_mode & 0o777 == 0o600
    copied = len(copy.read_text(encoding="utf-8").splitlines())
    assert await faults(copy) == []
    missing = f"{copied + 1} is missing: the chain had {head['last']}"
    assert await faults(copy, "--head", head["head"]) == [missing]

    record = tmp_path / "gateway.sqlite"
    tamper(
        record,
        [
            "UPDATE audit SET entry = replace(entry, '127.0.0.1', '10.0.0.1') WHERE number = 9",
            "UPDATE audit_subjects SET said = replace(said, 'm-1', 'm-2') WHERE number = 5",
        ],
    )
    async with process(stores) as (url, _):
        assert await faults("--url", url) == ["5 names somebody else"]
        named = ["5 names somebody else, in the record"]
        assert await faults(file, "--compare", "--url", url) == named
