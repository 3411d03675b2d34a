"""FaceIds are bound to members while cameras go on."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from contract.messages.members import MemberDraft
from gateway.record.database import Database
from gateway.record.people.bindings import put_with_faces
from gateway.record.people.identities import find_person
from gateway.record.people.members import person_of_member
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from gateway.record.visits.schema import visits
from tests import postgresql
from tests.gateway.fake_chain import until
from tests.gateway.record.faces import face

NOW = 1_790_000_000_000
FACE = ("a", "v-1")


async def test_who_is_seen_for_the_first_time_meanwhile_is_bound_with_the_visit(
    postgresql_record_url: str, tmp_path: Path
) -> None:
    seen, may_commit = threading.Event(), threading.Event()

    def see(connection: sa.Connection) -> None:
        frame = Frame("a", "UTC", timedelta(minutes=30), NOW, NOW)
        record_frame(connection, frame, [face(FACE[1])])
        seen.set()
        may_commit.wait(60)

    async with Database.at(postgresql_record_url, tmp_path) as database:
        async with asyncio.TaskGroup() as at_once:
            at_once.create_task(database.write(None, see))
            await asyncio.to_thread(seen.wait, 60)
            bound = database.write(None, put_with_faces, "anna", MemberDraft(), [FACE], NOW)
            at_once.create_task(bound)
            await until(lambda: postgresql.waits(postgresql_record_url, "INSERT INTO identities"))
            may_commit.set()

        member = await database.read(None, person_of_member, "anna")
        [visitor] = await database.read(None, lambda c: c.scalars(sa.select(visits.c.person)).all())
        known = await database.read(None, find_person, FACE)

    assert known == visitor == member
