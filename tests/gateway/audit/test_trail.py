"""The chain in record and file: after faults of the disk, after kills, by several gateways."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.audit_chain import Head
from contract.errors import ConfigurationError
from gateway.app import create_app
from gateway.audit.audit_file import AuditFile
from gateway.audit.draft import AuditDraft
from gateway.audit.trail import Trail
from gateway.record.audit.entries import chain_heads, chain_lines
from gateway.record.database import Database
from gateway.settings import GatewaySettings
from tests.gateway.audit.reading import Entry, check, entries, lines_of
from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import picture
from tests.new_database import put_record

DAY = 86_400_000
MEMBER = "/v1/members/m-1"


@asynccontextmanager
async def writing(trail: Trail) -> AsyncIterator[Trail]:
    """Run a trail as the gateway does."""
    await trail.start()
    work = asyncio.create_task(trail.run())
    try:
        yield trail
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await trail.close()


async def record_of(database: Database, writer: str) -> list[Entry]:
    page = await database.read(None, chain_lines, writer, 0, 1000)
    return [line.entry for line in page.lines]


async def say(trail: Trail, *actions: str) -> None:
    for action in actions:
        await trail.write(AuditDraft(action, 0))


def parts_in(folder: Path) -> list[Path]:
    """Return the parts that were set aside, in their order."""
    return sorted(folder.glob("audit.jsonl.*-*"))


async def statuses(chain: Chain) -> list[int]:
    """Return what is answered to a look, to a change and to a camera."""
    draft = {"name": "Anna"}
    return [
        (await chain.http.get("/v1/members")).status_code,
        (await chain.http.put(MEMBER, json=draft)).status_code,
        (await chain.http.post("/v1/stores/store-a/recognize", content=picture(ANNA))).status_code,
    ]


async def test_what_cannot_be_told_is_not_answered_and_not_done(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.symlink_to("/dev/full")
    async with running(tmp_path) as chain:
        assert await statuses(chain) == [507, 507, 200]
        assert await statuses(chain) == [507, 507, 200]

        file.unlink()

        assert (await chain.http.get(MEMBER)).status_code == 404  # it was not made
        assert await statuses(chain) == [200, 201, 200]
        told = await entries(chain.http)
    written = lines_of(file)
    assert check(written).faults == {}
    assert [e["digest"] for e in written] != []
    assert [(e["action"], e["status"]) for e in told] == [
        (e["action"], e["status"]) for e in written if e["action"] != "audit.search"
    ]


async def test_a_file_that_lacks_lines_gets_them_from_the_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "audit.jsonl"
    async with running(tmp_path) as chain:
        for _ in range(4):
            await chain.http.get("/v1/members")
    whole = file.read_bytes()
    cut = whole.splitlines(keepends=True)
    file.write_bytes(b"".join(cut[:2]) + cut[2][:30])

    async with running(tmp_path):
        pass

    assert file.read_bytes().startswith(whole)
    assert check(lines_of(file)).faults == {}
    assert "30 bytes of a line are cut off" in caplog.text
    assert "lacked 3 entries" in caplog.text
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_record_that_was_put_back_does_not_go_on_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path) as chain:
        await chain.http.get("/v1/members")
    shutil.copy(tmp_path / "gateway.sqlite", tmp_path / "backup")
    async with running(tmp_path) as chain:
        await chain.http.get("/v1/members")
    [former] = check(lines_of(tmp_path / "audit.jsonl")).heads.values()
    shutil.copy(tmp_path / "backup", tmp_path / "gateway.sqlite")

    async with running(tmp_path) as chain:
        heads = (await chain.http.get("/v1/audit/heads")).json()["heads"]

    assert f"ends with {former}, which is not in the record" in caplog.text
    assert len(heads) == 2
    new = lines_of(tmp_path / "audit.jsonl")
    assert {entry["writer"] for entry in new}.isdisjoint({former.writer})
    [aside] = parts_in(tmp_path)
    assert check([*lines_of(aside), *new]).faults == {}


async def test_a_file_of_something_else_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text("my letters\n")
    (tmp_path / "stores.yaml").write_text("a: 127.0.0.1:9\n")
    put_record(tmp_path)
    app = create_app(GatewaySettings(stores=tmp_path / "stores.yaml", data=tmp_path))

    with pytest.raises(ConfigurationError, match="is no file of an audit trail"):
        await app.router.lifespan_context(app).__aenter__()

    assert (tmp_path / "audit.jsonl").read_text() == "my letters\n"


async def test_gateways_of_one_record_write_chains_of_their_own(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    one, two = (Trail(database, AuditFile(path), days=0) for _ in range(2))
    async with writing(one), writing(two):
        await asyncio.gather(*(say(trail, *"abcdefgh") for trail in (one, two) for _ in range(5)))

    heads = await database.read(None, chain_heads)
    files = [lines_of(path), lines_of(tmp_path / "audit-2.jsonl")]
    assert {head.writer for head in heads} == {file[0]["writer"] for file in files}
    assert [len(file) for file in files] == [41, 41]
    for file in files:
        assert check(file).faults == {}
        assert await record_of(database, file[0]["writer"]) == file


async def test_a_large_file_is_set_aside_and_the_next_one_goes_on(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    for _ in range(2):
        async with writing(Trail(database, AuditFile(path, part_bytes=900), days=0)) as trail:
            await say(trail, *"abcd")
    parts = parts_in(tmp_path)

    assert len(parts) >= 3
    lines = [line for part in [*parts, path] for line in lines_of(part)]
    assert [line["number"] for line in lines] == list(range(1, 11))
    assert check(lines).faults == {}


async def test_what_is_too_old_is_dropped_and_that_is_told(
    database: Database, tmp_path: Path
) -> None:
    at = DAY
    trail = Trail(database, AuditFile(tmp_path / "audit.jsonl"), days=2, clock=lambda: at)
    async with writing(trail):
        await say(trail, "a", "b")
        at = 2 * DAY
        await say(trail, "c")
        at = 3 * DAY + 1
        await trail.drop_old()
        await trail.drop_old()
        [head] = await database.read(None, chain_heads)
        kept = await record_of(database, head.writer)

    assert [entry["action"] for entry in kept] == ["c", "audit.drop"]
    assert check(kept).faults == {}
    assert Head.parse(kept[1]["details"]["through"]).number == 3
    assert check(kept[:1]).faults != {}
    assert len(lines_of(tmp_path / "audit.jsonl")) == 5  # a file goes whole, once it is set aside


async def test_an_error_that_nobody_expects_is_told_to_who_waits(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with writing(Trail(database, AuditFile(tmp_path / "audit.jsonl"), days=0)) as trail:
        with caplog.at_level(logging.ERROR):
            await trail.tell("x", odd=object())  # which is no JSON

    assert "is not in the audit trail" in caplog.text
