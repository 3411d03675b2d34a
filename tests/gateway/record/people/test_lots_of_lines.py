"""Lines written together leave the record as they do one at a time, and so does undoing them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contract.errors import FacegateError
from contract.messages.member_table import MemberLine
from contract.messages.members import MemberDraft
from contract.messages.privacy.consent import Consent, ConsentDecision
from gateway.clock.clock import iso
from gateway.record.people.consent.schema import consents
from gateway.record.people.enrollments import Enrollment, begin_enrollment
from gateway.record.people.imports import jobs
from gateway.record.people.imports.lines import undo_lines, write_lines
from gateway.record.people.imports.schema import import_undo, imports
from gateway.record.people.schema import face_tasks, identities, member_tags, members, persons
from gateway.record.schema import metadata
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from gateway.record.visits.schema import traffic, visits
from tests.gateway.record.faces import face

NOW = 1_800_000_000_000
DAY = 24 * 3_600_000
FACES = [("a", "v-1"), ("a", "v-2"), ("a", "x"), ("b", "y"), ("b", "z")]
TIMES = [None, *(iso(NOW - days * DAY) for days in (1, 2, 3))]
EARLIER = [ConsentDecision(cross_store=True, at=iso(NOW - days * DAY)) for days in (4, 3)]

Lines = list[MemberLine]
Pair = tuple[str, str]

agreed = st.builds(
    Consent,
    cross_store=st.sampled_from([True, False, None]),
    at=st.sampled_from(TIMES),
    text=st.sampled_from([None, "form-1"]),
    former=st.sampled_from([[], EARLIER[:1], EARLIER]),
)
drafts = st.builds(
    MemberDraft,
    name=st.sampled_from([None, "Anna", "Bo"]),
    tags=st.lists(st.sampled_from(["staff", "vip", "VIP"]), max_size=2),
    consent=agreed,
)
lines = st.builds(
    MemberLine,
    line=st.just(2),
    member_id=st.sampled_from(["m-1", "m-2", "m-3", "m-4"]),
    draft=drafts,
    faces=st.lists(st.sampled_from(FACES), max_size=2),
)
tables = st.lists(lines, max_size=6)


@contextmanager
def an_import(known: Lines, seen: list[Pair]) -> Iterator[tuple[sa.Connection, str]]:
    """Give a record with members and with visits of yesterday, and an import that is written."""
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for pair in seen:
            kind = "visitor" if pair[1].startswith("v-") else "member"
            at = NOW - 3_600_000
            frame = Frame(pair[0], "UTC", timedelta(minutes=30), at, at)
            record_frame(connection, frame, [face(pair[1], pair[0], "home", kind=kind)])
        begin_enrollment(connection, Enrollment("e", "b", "z", "m-1", NOW + DAY))
        job = begun(connection)
        write(connection, job, known, 1)
        connection.execute(sa.delete(import_undo))
        yield connection, job
    engine.dispose()


def begun(connection: sa.Connection) -> str:
    job = jobs.begin(
        connection, b"x", partial=True, more=False, key="fg_1", now=1, deadline_at=NOW + DAY
    )
    jobs.claim(connection, "me", NOW)
    jobs.note_progress(connection, job, "me", "checking", state="writing")
    return job


def write(connection: sa.Connection, job: str, some: Lines, at_once: int) -> Lines:
    """Write lines in lots, and return those that are wrong, as an import does."""
    wrong: Lines = []
    for start in range(0, len(some), at_once):
        lot = some[start : start + at_once]
        try:
            with connection.begin_nested():
                write_lines(connection, job, "me", lot, through=1, now=NOW, by="fg_1")
        except FacegateError:
            wrong += lot if len(lot) == 1 else write(connection, job, lot, len(lot) // 2)
    return wrong


def undo(connection: sa.Connection, job: str, at_once: int) -> None:
    jobs.stop(connection, job, "writing", outcome="cancelled", reason=None, now=NOW)
    while undo_lines(connection, job, "me", at_once, NOW):
        pass


def state(connection: sa.Connection) -> dict[str, Any]:
    """Return what the record has, with persons named by who they are."""
    rows = {
        table.name: list(connection.execute(sa.select(table)).mappings())
        for table in (members, member_tags, consents, identities, persons, face_tasks, visits)
    }
    who: dict[int, tuple[Any, tuple[Any, ...]]] = {
        row["person"]: (row["member_id"], ()) for row in rows["members"]
    }
    for row in sorted(rows["identities"], key=lambda row: (row["store"], row["face_id"])):
        name, faces = who.get(row["person"], (None, ()))
        who[row["person"]] = name, (*faces, (row["store"], row["face_id"]))
    told = {
        table: sorted(
            repr({**row, "person": who[row["person"]]} if "person" in row else dict(row))
            for row in found
            if row.get("person") is None or row["person"] in who
        )
        for table, found in rows.items()
    }
    return told | {"traffic": sorted(map(repr, connection.execute(sa.select(traffic))))}


def undo_entries(connection: sa.Connection) -> list[Any]:
    columns = [column for column in import_undo.c if column.name not in {"undo", "id"}]
    query = sa.select(*columns).order_by(import_undo.c.undo)
    return [tuple(row) for row in connection.execute(query)]


def counts(connection: sa.Connection) -> Any:
    query = sa.select(imports.c.created, imports.c.updated, imports.c.kept)
    return tuple(connection.execute(query).one())


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(tables, tables, st.lists(st.sampled_from(FACES), max_size=3), st.integers(2, 6))
def test_a_lot_is_written_and_undone_as_its_lines_one_at_a_time(
    known: Lines, table: Lines, seen: list[Pair], at_once: int
) -> None:
    with an_import(known, seen) as (one, job), an_import(known, seen) as (other, other_job):
        before = state(one)

        assert write(one, job, table, 1) == write(other, other_job, table, at_once)

        assert state(one) == state(other)
        assert undo_entries(one) == undo_entries(other)
        assert counts(one) == counts(other)
        undo(one, job, 1)
        undo(other, other_job, at_once)
        assert state(one) == state(other)
        assert counts(one) == counts(other)
        for kept in ("members", "member_tags", "consents"):
            assert state(one)[kept] == before[kept]
