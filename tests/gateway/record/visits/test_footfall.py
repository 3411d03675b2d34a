"""Every number of the footfall, against counting by hand, whatever happened before."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.messages.face import TrackState
from contract.messages.message import Match
from gateway.record.database import Database
from gateway.record.people.erasure.visitors import erase_pending_visitors
from gateway.record.people.persons import erase_person, merge_persons, set_staff
from gateway.record.people.schema import identities, persons
from gateway.record.visits.cutoff import Cutoff, LocalMoment
from gateway.record.visits.footfall_counts import (
    By,
    FootfallCounts,
    Hours,
    RoamingSum,
    footfall,
    roaming_sums,
)
from gateway.record.visits.footfall_until import footfall_until
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.naming import name_pending_visit
from gateway.record.visits.pending_visits import PendingVector, take_due_visits
from gateway.record.visits.schema import pending_visits, visits
from gateway.record.visits.seen_visits import seen_visits
from tests.gateway.record.faces import face
from tests.gateway.record.wiping import wipe

ZONES = {"a": "Europe/Berlin", "b": "America/New_York", "c": "Australia/Lord_Howe"}
"""Lord Howe Island's summer time is half an hour."""
STARTS = [
    datetime(2026, 3, 28, 12, tzinfo=UTC),  # summer time begins in Berlin
    datetime(2026, 10, 24, 12, tzinfo=UTC),  # and ends
    datetime(2026, 4, 4, 0, tzinfo=UTC),  # it ends on Lord Howe Island
    datetime(2026, 12, 31, 0, tzinfo=UTC),
]
GAP = timedelta(minutes=30)
HOUR = 3_600_000
NOW = 1_800_000_000_000
WAITING = PendingVector(b"\0\0\0\0", "model", 1, False)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock on a wall shows has no zone
UNITS: dict[By, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


@dataclass(frozen=True)
class Seen:
    """Somebody is seen in a store."""

    store: str
    who: int
    at: int
    member: bool
    track: str | None


class Waits(NamedTuple):
    """A frame of a track does not say who it is."""

    store: str
    at: int
    track: str


class Named(NamedTuple):
    """Whoever waits longest in a store is named in the background."""

    store: str
    who: int


class Expired(NamedTuple):
    """Whoever waits in a store since before a moment is erased."""

    store: str
    before: int


class Merged(NamedTuple):
    into: int
    source: int


class Staff(NamedTuple):
    who: int
    staff: bool


class Erased(NamedTuple):
    who: int


Step = Seen | Waits | Named | Expired | Merged | Staff | Erased

PEOPLE = st.integers(0, 3)


def moments(start: datetime) -> st.SearchStrategy[int]:
    first = int(start.timestamp() * 1000)
    return st.integers(0, 60 * 60).map(lambda minute: first + minute * 60_000)


def steps(start: datetime) -> st.SearchStrategy[list[Step]]:
    seen = st.builds(
        Seen,
        store=st.sampled_from(sorted(ZONES)),
        who=PEOPLE,
        at=moments(start),
        member=st.booleans(),
        track=st.sampled_from([None, None, "t1", "t2"]),
    )
    stores = st.sampled_from(sorted(ZONES))
    waits = st.builds(Waits, stores, moments(start), st.sampled_from(["t1", "t2"]))
    rare = st.one_of(
        st.builds(Expired, stores, moments(start)),
        st.builds(Merged, PEOPLE, PEOPLE),
        st.builds(Staff, PEOPLE, st.booleans()),
        st.builds(Erased, PEOPLE),
    )
    often = st.one_of(seen, seen, waits, st.builds(Named, stores, PEOPLE))
    step = st.integers(0, 9).flatmap(lambda chance: rare if chance == 9 else often)
    return st.lists(step, min_size=10, max_size=30)


class World:
    """The record under test, and who was behind each visit, also of those that are erased."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._erased: dict[int, int] = {}

    def take(self, step: Step) -> None:
        match step:
            case Seen(store, who, at, member, track):
                home = "abc"[who % 3]
                found: Match = (
                    "new" if track and not member else "home" if home == store else "roaming"
                )
                kind = "member" if member else "visitor"
                frame = Frame(store, ZONES[store], GAP, at, NOW, "cam", track)
                state = TrackState(id=track, frames=1) if track else None
                seen = face(f"{who}", home, found, kind=kind, track=state)
                record_frame(self._connection, frame, [seen])
            case Waits(store, at, track):
                frame = Frame(store, ZONES[store], GAP, at, NOW, "cam", track, WAITING)
                state = TrackState(id=track, frames=1)
                nobody = face(None, None, "pending", kind=None, score=None, track=state)
                record_frame(self._connection, frame, [nobody])
            case Named(store, who):
                frame = Frame(store, ZONES[store], GAP, NOW, NOW)
                for due in take_due_visits(self._connection, store, now=NOW, again_at=NOW, limit=1):
                    known = face(f"{who}", "abc"[who % 3], "new")
                    name_pending_visit(self._connection, frame, due.visit, known)
            case Expired(store, before):
                waiting = sa.select(visits.c.visit, visits.c.person).where(
                    visits.c.store == store,
                    visits.c.last_at < before,
                    visits.c.visit.in_(sa.select(pending_visits.c.visit)),
                )
                self._erased |= {row.visit: row.person for row in self._connection.execute(waiting)}
                erase_pending_visitors(self._connection, store, before)
            case Merged(into, source):
                one, two = self._person(into), self._person(source)
                if one and two and one != two:
                    with Ledger(self._connection) as ledger:
                        merge_persons(
                            self._connection, ledger, into=one, source=two, cause="hand", at=NOW
                        )
            case Staff(who, staff):
                if person := self._person(who):
                    with Ledger(self._connection) as ledger:
                        set_staff(self._connection, ledger, person, staff)
            case Erased(who):
                if person := self._person(who):
                    theirs = sa.select(visits.c.visit).where(visits.c.person == person)
                    self._erased |= dict.fromkeys(self._connection.scalars(theirs), person)
                    erase_person(self._connection, person)

    def _person(self, who: int) -> int | None:
        query = sa.select(identities.c.person).where(identities.c.face_id == f"{who}")
        return self._connection.execute(query).scalar()

    def visits(self) -> list[dict[str, Any]]:
        """Return the visits that count, in order, each with its person and its local hour."""
        known = {row.person: row for row in self._connection.execute(sa.select(persons))}
        rows = []
        for row in self._connection.execute(sa.select(visits)):
            visit = row._asdict()
            person = visit["person"] or self._erased[visit["visit"]]
            if person in known:
                visit["member"], visit["counted"] = known[person].member, not known[person].staff
            if visit["counted"]:
                hour = local_hour(visit["first_at"], ZONES[visit["store"]])
                rows.append({**visit, "person": person, "local": hour})
        return sorted(rows, key=lambda v: (v["local"], v["first_at"], v["visit"]))


def local_hour(at: int, zone: str) -> datetime:
    shown = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).replace(tzinfo=None)
    return shown.replace(minute=0, second=0, microsecond=0)


def bucket(hour: datetime, by: By) -> datetime:
    if by == "hour":
        return hour
    day = hour.replace(hour=0)
    return day if by == "day" else day - timedelta(days=day.weekday())


def number(start: datetime, by: By) -> int:
    since = start - EPOCH
    return {
        "hour": since // timedelta(hours=1),
        "day": since.days,
        "week": (since.days + 3) // 7,
    }[by]


def counted(
    all_visits: Sequence[dict[str, Any]], store: str | None, by: By, span: tuple[datetime, datetime]
) -> tuple[dict[int, FootfallCounts], int]:
    """Count by hand."""
    scope = [v for v in all_visits if store in (None, v["store"])]
    firsts = set[int]()
    known = set[int]()
    for visit in scope:
        if visit["person"] not in known:
            known.add(visit["person"])
            firsts.add(visit["visit"])
    inside = [v for v in scope if span[0] <= v["local"] < span[1]]
    buckets: dict[datetime, list[dict[str, Any]]] = {}
    for visit in inside:
        buckets.setdefault(bucket(visit["local"], by), []).append(visit)
    rows = {
        number(start, by): FootfallCounts(
            pv=len(found),
            uv=len({v["person"] for v in found}),
            new=sum(v["visit"] in firsts for v in found),
            roaming=sum(v["kind"] == "roaming" for v in found),
            members=sum(v["member"] for v in found),
            dwell_ms=sum(v["last_at"] - v["first_at"] for v in found),
        )
        for start, found in buckets.items()
    }
    return rows, len({v["person"] for v in inside})


def came_from(
    all_visits: Sequence[dict[str, Any]], span: tuple[datetime, datetime]
) -> Iterator[RoamingSum]:
    """Count the roaming by hand; a visitor counts where the first visit of the span says."""
    inside = [v for v in all_visits if span[0] <= v["local"] < span[1]]
    known = set[tuple[str, int]]()
    pairs: dict[tuple[str, str], list[int]] = {}
    for visit in inside:
        first = (visit["store"], visit["person"]) not in known
        known.add((visit["store"], visit["person"]))
        if visit["kind"] == "roaming":
            sums = pairs.setdefault((visit["store"], visit["home_store"]), [0, 0])
            sums[0] += 1
            sums[1] += first
    for (store, home), (count, distinct) in sorted(pairs.items()):
        yield RoamingSum(store, home, count, distinct)


def run(connection: sa.Connection, taken: list[Step], first: int, length: int) -> None:
    wipe(connection)
    world = World(connection)
    for step in taken:
        world.take(step)
    check(connection, world, first, length)


def check(connection: sa.Connection, world: World, first: int, length: int) -> None:
    """Compare every number of a range that begins about the visit number `first`."""
    stored = world.visits()
    began = stored[first % len(stored)]["local"] if stored else EPOCH
    for by, unit in UNITS.items():
        begin = bucket(began, by) - (first % 2) * unit
        span = (begin, begin + length * unit)
        hours = Hours(number(span[0], "hour"), number(span[1], "hour"))
        for store in (*ZONES, None):
            expected = counted(stored, store, by, span)
            found = footfall(connection, store, hours, by)
            assert (_busy(found[0]), found[1]) == expected
            check_seen(connection, stored, store, hours.end)
        assert roaming_sums(connection, hours) == list(came_from(stored, span))
        check_until(connection, stored, hours, span, first)


def check_seen(
    connection: sa.Connection, stored: Sequence[dict[str, Any]], store: str | None, end: int
) -> None:
    """Compare what was seen in 30 hours, as whole days."""
    first, last = (end - 30) // 24 * 24, -(-end // 24) * 24
    inside = [
        v
        for v in stored
        if store in (None, v["store"]) and first <= number(v["local"], "hour") < last
    ]
    frames = [min(v["frames"], 3) for v in inside] or [1]
    expected = (len({v["person"] for v in inside}), len(inside), sum(frames) / len(frames))
    assert seen_visits(connection, store, end, 30) == pytest.approx(expected)


def check_until(
    connection: sa.Connection,
    stored: Sequence[dict[str, Any]],
    hours: Hours,
    span: tuple[datetime, datetime],
    place: int,
) -> None:
    """Compare the sums up to the moment when some visit began, to the minute.

    Whose first visit of the chain it is goes by the hour on the wall; so visitors and new ones of
    several time zones are not compared, for the moment cuts their order anyhow.
    """
    at = stored[(place * 7) % len(stored)]["first_at"] + place % 2 if stored else 0
    cuts = {
        store: LocalMoment(number(local_hour(at, zone), "hour"), at)
        for store, zone in ZONES.items()
    }
    until = Cutoff(cuts["a"], {cuts["b"]: ["b"], cuts["c"]: ["c"]})
    begun = [v for v in stored if _is_before(v, cuts[v["store"]])]
    for store in ZONES:
        assert footfall_until(connection, store, hours, until) == _all(begun, store, span)
    whole = _all(begun, None, span)
    found = footfall_until(connection, None, hours, until)
    assert found == whole._replace(uv=found.uv, new=found.new)
    one_zone = [v for v in stored if _is_before(v, cuts["a"])]
    found = footfall_until(connection, None, hours, Cutoff(cuts["a"]))
    assert found == _all(one_zone, None, span)


def _all(
    begun: Sequence[dict[str, Any]], store: str | None, span: tuple[datetime, datetime]
) -> FootfallCounts:
    rows, distinct = counted(begun, store, "hour", span)
    sums = [sum(column) for column in zip(*rows.values(), strict=True)] or [0] * 6
    return FootfallCounts(*sums)._replace(uv=distinct)


def _is_before(visit: dict[str, Any], cut: LocalMoment) -> bool:
    hour = number(visit["local"], "hour")
    return hour < cut.hour or (hour == cut.hour and visit["first_at"] < cut.at)


def _busy(rows: dict[int, FootfallCounts]) -> dict[int, FootfallCounts]:
    return {number: row for number, row in rows.items() if any(row)}


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    taken=st.sampled_from(STARTS).flatmap(steps),
    first=st.integers(0, 20),
    length=st.integers(1, 30),
)
async def test_every_number_is_what_counting_by_hand_gives(
    database: Database, taken: list[Step], first: int, length: int
) -> None:
    await database.write(None, run, taken, first, length)


async def test_gateways_that_write_at_once_count_right(postgresql_url: str, tmp_path: Path) -> None:
    """The same few persons in three stores, late and early, and merged meanwhile."""
    random = Random(4)
    start = int(STARTS[1].timestamp() * 1000)
    taken: list[Step] = [
        Seen(
            random.choice("abc"),
            random.randrange(4),
            start + random.randrange(72) * HOUR,
            False,
            None,
        )
        for _ in range(150)
    ]
    taken[100:100] = [Merged(0, 1)]

    def take(connection: sa.Connection, step: Step) -> None:
        World(connection).take(step)

    async with (
        Database.at(postgresql_url, tmp_path) as one,
        Database.at(postgresql_url, tmp_path) as two,
    ):
        await asyncio.gather(*(random.choice((one, two)).write(None, take, step) for step in taken))

        await one.read(None, lambda connection: check(connection, World(connection), 0, 72))


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.integers(0, 240)), max_size=14
    )
)
async def test_frames_in_any_order_give_the_visits_that_their_times_say(
    database: Database, data: list[tuple[str, int, int]]
) -> None:
    """A visit is the longest run of frames with no more than the gap between one and the next."""

    def take(connection: sa.Connection) -> list[tuple[Any, ...]]:
        wipe(connection)
        for store, who, minute in data:
            frame = Frame(store, ZONES[store], GAP, minute * 60_000, NOW)
            record_frame(connection, frame, [face(f"{who}", store)])
        query = sa.select(
            visits.c.store, visits.c.face_id, visits.c.first_at, visits.c.last_at, visits.c.frames
        )
        return sorted(tuple(row) for row in connection.execute(query))

    assert await database.write(None, take) == sorted(runs(data))


def runs(data: list[tuple[str, int, int]]) -> Iterator[tuple[Any, ...]]:
    for store, who in {(store, who) for store, who, _ in data}:
        minutes = sorted(m for s, w, m in data if (s, w) == (store, who))
        run: list[int] = []
        for minute in [*minutes, 10_000]:
            if run and minute - run[-1] > GAP.total_seconds() / 60:
                yield store, f"{who}", run[0] * 60_000, run[-1] * 60_000, len(run)
                run = []
            run.append(minute)
