"""Who was erased is named in the audit trail by the receipt, and found in no other way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.audit_chain import GENESIS, ChainCheck, Head
from gateway.audit.draft import AuditDraft
from gateway.audit.trail import row_of
from gateway.record.audit.entries import add_entries, chain_lines
from gateway.record.audit.schema import audit_subjects
from gateway.record.audit.subject import Subject
from gateway.record.database import Database
from gateway.record.people.erasure.erasures import erase_faces
from gateway.record.people.rename_updates import read_rename
from gateway.record.people.renames import add_rename, apply_rename
from tests.gateway.audit.reading import Entry, entries
from tests.gateway.people.chain import Chain, everything_in, running

HOUR = 3_600_000


@pytest.fixture
async def people(slow: None, tmp_path: Path) -> AsyncIterator[Chain]:
    """Three stores with one real shard each, nobody enrolled."""
    async with running(tmp_path) as chain:
        yield chain


async def salts(chain: Chain) -> list[str]:
    """Return every salt that the record has, and check the chain with whom it names."""
    [head] = (await chain.call("GET", "/v1/audit/heads"))["heads"]
    path = f"/v1/audit/chain?writer={head['writer']}"
    lines = (await chain.call("GET", path))["lines"]
    check = ChainCheck([Head(head["writer"], head["number"], head["digest"])])
    for line in lines:
        check.take(line["entry"])
        check.take_subjects(line["entry"], line["subjects"])
    check.require_noted()
    assert check.faults == {}
    return [s["salt"] for line in lines for s in line["subjects"] if s["salt"] is not None]


def about(found: list[Entry], name: str) -> list[Entry]:
    return [entry for entry in found if any(each["id"] == name for each in entry["subjects"])]


async def test_an_erasure_takes_a_person_out_of_the_trail(people: Chain) -> None:
    await people.put_member("m-1", True)
    await people.put_member("m-2", True)
    await people.enroll("a", 1, "anna", member_id="m-1")
    await people.enroll("a", 2, "bo", member_id="m-2")
    await people.call("GET", "/v1/members/m-1")
    await people.call("GET", "/v1/stores/a/faces/anna")
    await people.call("POST", "/v1/stores/a/faces/anna/rename", json={"face_id": "annika"})
    assert len(about(await entries(people.http, member_id="m-1"), "m-1")) == 5
    of_face = await entries(people.http, store="a", face_id="annika")
    assert [entry["action"] for entry in of_face].count("face.get") == 1  # by its name of now
    before = set(await salts(people))

    receipt = await people.call("DELETE", "/v1/members/m-1?erase=true")
    await people.refused("GET", "/v1/members/m-1")
    await people.refused("GET", "/v1/stores/a/faces/annika")

    found = await entries(people.http, erasure=receipt["erasure"])
    assert len(found) == 12
    named = {each["erasure"] for entry in found for each in entry["subjects"]}
    assert named == {receipt["erasure"]}
    everything = await entries(people.http)
    assert about(everything, "m-1") == about(everything, "annika") == []
    assert about(everything, "anna") == []
    assert len(about(everything, "m-2")) == 4
    after = set(await salts(people))
    await people.stop_gateway()
    left = everything_in(people.folder)
    gone = before - after
    assert len(gone) >= 9
    assert not any(salt.encode() in left for salt in gone)
    assert all(salt.encode() in left for salt in before & after)


async def look(database: Database, number: int, since: int) -> None:
    """Write that Anna was looked at, as one of a chain of its own."""
    draft = AuditDraft("face.get", since, subjects=[Subject.face(("a", "anna"))], status=200)
    row = row_of(draft, Head(f"w{number}", 0, GENESIS), since)
    await database.write(None, add_entries, [row])


async def named(database: Database) -> list[tuple[str | None, bool]]:
    """Return how Anna is named in each entry, and whether a receipt does so."""

    def read(connection: sa.Connection) -> list[tuple[str | None, bool]]:
        rows = connection.execute(sa.select(audit_subjects))
        return [(row.name, row.erasure is not None and row.said is None) for row in rows]

    return await database.read(None, read)


async def test_an_answer_that_was_on_its_way_brings_nobody_back(database: Database) -> None:
    await look(database, 0, HOUR)
    await database.write(None, erase_faces, "face", [("a", "anna")], ["a"], 2 * HOUR)
    await look(database, 1, 2 * HOUR - 5000)
    assert await named(database) == [(None, True)] * 2

    await look(database, 2, 3 * HOUR)  # somebody else, who got the FaceId since

    assert sorted(await named(database), key=str) == [("anna", False), (None, True), (None, True)]


async def test_looks_and_erasures_at_once_leave_no_name(database: Database) -> None:
    erased = database.write(None, erase_faces, "face", [("a", "anna")], ["a"], HOUR)

    await asyncio.gather(*(look(database, number, HOUR) for number in range(12)), erased)

    assert await named(database) == [(None, True)] * 12


async def test_a_look_under_the_former_name_is_found_by_the_new_one(database: Database) -> None:
    number = await database.write(None, add_rename, ("a", "anna"), "annika", HOUR)
    task = await database.read(None, read_rename, number)
    await look(database, 0, HOUR)
    await database.write(None, apply_rename, task, HOUR + 10)
    await look(database, 1, HOUR)

    assert await named(database) == [("annika", False)] * 2
    page = await database.read(None, chain_lines, "w1", 0, 10)
    check = ChainCheck()
    check.take(page.lines[0].entry)
    check.take_subjects(page.lines[0].entry, [each.model_dump() for each in page.lines[0].subjects])
    assert check.faults == {}
