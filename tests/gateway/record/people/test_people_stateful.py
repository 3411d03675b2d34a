"""Whatever is bound, merged, undone and erased: PV stays, and UV counts the persons known now."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import AlreadyBound, NotFound, NotTheSame, UnknownFace, UnknownMember
from contract.messages.members import MemberDraft
from contract.messages.message import Match
from gateway.record.database import Database
from gateway.record.people import bindings, merges
from gateway.record.people.alike import merge_alike
from gateway.record.people.erasure import confirmations, erasures
from gateway.record.people.member_search import read_member
from gateway.record.people.members import put_member
from gateway.record.people.schema import erasure_parts
from gateway.record.visits.footfall_counts import Hours, footfall
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from gateway.record.visits.schema import visits
from tests.gateway.record.faces import face
from tests.gateway.record.wiping import wipe

FACES = [("a", "v-1"), ("a", "x"), ("b", "y"), ("b", "v-2"), ("a", "v-3")]
MEMBERS = ["m-1", "m-2"]
START = 1_790_000_000_000
HOUR = 3_600_000
GAP = timedelta(minutes=30)
EVER = Hours(0, 2**31 - 1)

Pair = tuple[str, str]
Step = tuple[Any, ...]

faces = st.sampled_from(FACES)
members = st.sampled_from(MEMBERS)
step = st.one_of(
    st.tuples(st.just("seen"), st.sampled_from("ab"), faces),
    st.tuples(st.just("seen"), st.sampled_from("ab"), faces),
    st.tuples(st.just("put"), members),
    st.tuples(st.just("bind"), members, faces),
    st.tuples(st.just("unbind"), members, faces),
    st.tuples(st.just("merge"), faces, faces),
    st.tuples(st.just("alike"), faces, faces),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("erase"), members),
    st.tuples(st.just("erase_face"), faces),
)


@dataclass
class Visit:
    store: str
    face: Pair | None
    person: int


@dataclass
class Merge:
    number: int
    pair: tuple[Pair, ...]
    into_person: int
    source: int
    faces: list[Pair]
    member: str | None = None
    undone: bool = False
    bound: bool = False


@dataclass
class Model:
    """Who is who, in the simplest way to say it."""

    visits: list[Visit] = field(default_factory=list)
    person_of: dict[Pair, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    persons: int = 0

    def somebody(self) -> int:
        self.persons += 1
        return self.persons

    def person(self, pair: Pair) -> int:
        return self.person_of.setdefault(pair, self.somebody())

    def of(self, person: int) -> list[Pair]:
        return [pair for pair, owner in self.person_of.items() if owner == person]

    def member_of(self, person: int) -> str | None:
        return next((m for m, owner in self.members.items() if owner == person), None)

    def is_member(self, person: int) -> bool:
        named = any(not face_id.startswith("v-") for _, face_id in self.of(person))
        return named or self.member_of(person) is not None

    def undone_between(self, mine: list[Pair], theirs: list[Pair]) -> bool:
        return any(
            merge.undone and (merge.pair[0] in mine) != (merge.pair[1] in mine)
            for merge in self.merges
            if not merge.bound and set(merge.pair) <= {*mine, *theirs}
        )

    def move(self, pairs: list[Pair], source: int, into: int) -> None:
        for pair in pairs:
            self.person_of[pair] = into
        for visit in self.visits:
            if visit.person == source and visit.face in pairs:
                visit.person = into

    def closure(self, person: int) -> set[int]:
        whole = {person}
        while True:
            found = whole | {m.source for m in self.merges if m.into_person in whole}
            if found == whole:
                return whole
            whole = found

    def forget(self, person: int) -> None:
        whole = self.closure(person)
        self.merges = [
            m for m in self.merges if m.into_person not in whole and m.source not in whole
        ]
        for pair in self.of(person):
            del self.person_of[pair]
        for visit in self.visits:
            if visit.person == person:
                visit.face = None


class World:
    """The record under test beside the model."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.model = Model()
        self.now = START

    def take(self, step: Step) -> None:
        self.now += 2 * HOUR
        getattr(self, step[0])(*step[1:])

    def seen(self, store: str, pair: Pair) -> None:
        pending = confirmations.pending_erasures(self.connection, pair[0], 100)
        for due in pending:  # the shards confirm long before anybody comes again
            self.connection.execute(
                sa.update(erasure_parts)
                .where(erasure_parts.c.erasure == due.erasure)
                .values(confirmed_at=self.now - HOUR)
            )
        model = self.model
        bound = model.member_of(model.person_of.get(pair, -1))
        kind = "visitor" if pair[1].startswith("v-") and not bound else "member"
        match: Match = "home" if pair[0] == store else "roaming"
        frame = Frame(store, "UTC", GAP, self.now, self.now)
        record_frame(self.connection, frame, [face(pair[1], pair[0], match, kind=kind)])
        model.visits.append(Visit(store, pair, model.person(pair)))

    def put(self, member: str) -> None:
        put_member(self.connection, member, MemberDraft(name=member), self.now)
        if member not in self.model.members:
            self.model.members[member] = self.model.somebody()

    def bind(self, member: str, pair: Pair) -> None:
        model = self.model
        into = model.members.get(member)
        if into is None:
            with pytest.raises(UnknownMember):
                bindings.bind_face(self.connection, member, pair, self.now)
            return
        source = model.person_of.get(pair, into)
        if model.member_of(source) not in {None, member}:
            with pytest.raises(AlreadyBound):
                bindings.bind_face(self.connection, member, pair, self.now)
            return
        bindings.bind_face(self.connection, member, pair, self.now)
        if source != into:
            moved = model.of(source)
            model.merges.append(Merge(-1, (), into, source, moved, bound=True))
            model.move(moved, source, into)
        model.person_of[pair] = into

    def unbind(self, member: str, pair: Pair) -> None:
        model = self.model
        person = model.members.get(member)
        if person is None or model.person_of.get(pair) != person:
            with pytest.raises((UnknownMember, UnknownFace)):
                bindings.unbind_face(self.connection, member, pair, self.now)
            return
        bindings.unbind_face(self.connection, member, pair, self.now)
        model.move([pair], person, model.somebody())

    def merge(self, into: Pair, source: Pair) -> None:
        if into == source:
            return
        model = self.model
        one, two = model.person(into), model.person(source)
        mine, theirs = model.member_of(one), model.member_of(two)
        if mine and theirs and one != two:
            with pytest.raises(AlreadyBound):
                merges.merge_faces(self.connection, into, source, self.now)
            return
        number = merges.merge_faces(self.connection, into, source, self.now)
        made = Merge(number, (into, source), one, two, model.of(two))
        model.move(made.faces, two, one)
        if theirs and one != two:
            made.member = theirs
            model.members[theirs] = one
        model.merges.append(made)

    def alike(self, into: Pair, source: Pair) -> None:
        model = self.model
        one, two = model.person_of.get(into), model.person_of.get(source)
        if one is None or two is None or one == two:
            assert merge_alike(self.connection, into, source, self.now) is None
            return
        mine, theirs = model.of(one), model.of(two)
        try:
            number = merge_alike(self.connection, into, source, self.now)
        except AlreadyBound:
            assert model.is_member(one) or model.is_member(two)
            return
        except NotTheSame:
            shared = {store for store, _ in mine} & {store for store, _ in theirs}
            assert model.undone_between(mine, theirs) or (into[0] != source[0] and shared)
            return
        assert number is not None
        assert [model.is_member(person) for person in (one, two)] == [False, False]
        assert not model.undone_between(mine, theirs)
        model.merges.append(Merge(number, (into, source), one, two, theirs))
        model.move(theirs, two, one)

    def undo(self, place: int) -> None:
        model = self.model
        mine = [m for m in model.merges if not m.bound]
        if not mine:
            with pytest.raises(NotFound):
                merges.undo_merge(self.connection, 10**9, self.now)
            return
        merge = mine[place % len(mine)]
        merges.undo_merge(self.connection, merge.number, self.now)
        if merge.undone:
            return
        merge.undone = True
        into = model.person_of.get(merge.pair[0], merge.into_person)
        if into == merge.source:
            return
        moved = [pair for pair in merge.faces if model.person_of.get(pair) == into]
        model.move(moved, into, merge.source)
        if merge.member and model.members.get(merge.member) == into:
            model.members[merge.member] = merge.source

    def erase(self, member: str) -> None:
        model = self.model
        person = model.members.pop(member, None)
        if person is None:
            with pytest.raises(UnknownMember):
                erasures.erase_member(self.connection, member, ["a", "b"], self.now)
            return
        erasures.erase_member(self.connection, member, ["a", "b"], self.now)
        model.forget(person)

    def erase_face(self, pair: Pair) -> None:
        model = self.model
        erasures.erase_faces(self.connection, "face", [pair], ["a", "b"], self.now)
        person = model.person_of.get(pair)
        if person is None:
            return
        if model.of(person) == [pair] and model.member_of(person) is None:
            model.forget(person)
            return
        whole = model.closure(person)
        concerned = [m for m in model.merges if m.into_person in whole or m.source in whole]
        model.merges = [m for m in model.merges if m not in concerned or pair not in m.pair]
        for merge in concerned:
            merge.faces = [one for one in merge.faces if one != pair]
        alone = model.somebody()
        model.move([pair], person, alone)
        model.forget(alone)

    def check(self) -> None:
        model = self.model
        for store in (None, "a", "b"):
            seen = [v for v in model.visits if store in {None, v.store}]
            days, visitors = footfall(self.connection, store, EVER, "day")
            assert sum(day.pv for day in days.values()) == len(seen)
            assert visitors == len({visit.person for visit in seen})
        for member, person in model.members.items():
            read = read_member(self.connection, member, self.now)
            assert [(f.store, f.face_id) for f in read.faces] == sorted(model.of(person))
            assert read.visits.count == sum(v.person == person for v in model.visits)
        named = self.connection.execute(sa.select(visits.c.face_id).order_by(visits.c.visit))
        assert [row.face_id for row in named] == [v.face and v.face[1] for v in model.visits]


def run(connection: sa.Connection, steps: list[Step]) -> None:
    wipe(connection)
    world = World(connection)
    for one in steps:
        world.take(one)
    world.check()


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(step, min_size=5, max_size=40))
async def test_counts_follow_who_is_who(database: Database, steps: list[Step]) -> None:
    await database.write(None, run, steps)
