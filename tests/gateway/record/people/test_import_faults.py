"""An import whose gateway is killed goes on; one that is cancelled or late leaves nothing."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

import pytest

from contract.deadline import Deadline
from contract.errors import ShardUnavailable
from contract.messages.imports.import_job import FINAL, ImportJob
from contract.messages.members import Member, MemberDraft
from contract.messages.privacy.consent import Consent
from contract.stores.store_map import Store, StoreMap
from gateway.chain.shards import Shards
from gateway.people.imports.imports import Imports
from gateway.people.imports.pace import Pace
from gateway.people.members import Members
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.record.people.imports.jobs import IDLE, is_work_left
from gateway.record.people.imports.lines import write_lines
from gateway.record.people.member_search import MemberQuery, search_members
from gateway.record.people.members import put_member
from gateway.shard_updates.shard_updates import ShardUpdates
from tests.gateway.audit.told import tell_nobody

NOW = 1_800_000_000_000
LINES = 100
TABLE = "member_id,name,tags,cross_store\n" + "".join(
    f"k-{n:02},New {n},{'staff' if n % 5 == 0 else 'vip'},true\n" for n in range(LINES)
)
LATER = Deadline(36_000)  # of the whole suite: the file is read at its beginning


class PowerCut(Exception):
    """The gateway is gone in the middle of what it did."""


class Clock:
    """A clock that does something of the test's at one of the looks at it."""

    def __init__(self) -> None:
        self.now = NOW
        self.looks = 0
        self.at = dict[int, Callable[[], None]]()

    def __call__(self) -> int:
        self.looks += 1
        self.at.get(self.looks, lambda: None)()
        return self.now


class NoShards:
    """Shards that have to be told of nothing."""

    async def deliver(self, stores: Iterable[str]) -> None:
        assert not list(stores)


class CountedShards:
    """Shards of which each has FaceIds with one letter; they count who asks, and answer no more
    than `most` times.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked = list[str]()

    async def known_faces(self, store: Store, face_ids: Iterable[str], _: Deadline) -> set[str]:
        self.asked.append(store.id)
        if len(self.asked) > self.most:
            raise ShardUnavailable
        return {face_id for face_id in face_ids if len(face_id) == 1}

    async def deliver(self, stores: Iterable[str]) -> None:
        assert set(stores) <= {"a", "b"}


def gateway_of(database: Database, clock: Clock, shards: CountedShards | None = None) -> Imports:
    """Return the imports of another gateway of the record."""
    updates = cast(ShardUpdates, shards or NoShards())
    names = MemberNames(database)
    members = Members(database, updates, cast(Shards, shards), names, clock)
    names_of_stores = "" if shards is None else "ab"
    stores = {
        name: Store.model_validate({"id": name, "shards": "127.0.0.1:1"})
        for name in names_of_stores
    }
    return Imports(
        members,
        lambda: StoreMap(stores, "1"),
        Pace(lambda: False),
        tell=tell_nobody,
        seconds=3600,
        most_bytes=10**6,
    )


async def members_of(database: Database) -> list[Member]:
    page = await database.read(None, search_members, MemberQuery(limit=1000), NOW)
    return page.members


async def begun(imports: Imports) -> str:
    body = TABLE.encode()
    job = await imports.begin(body, partial=False, more=False, key="fg_1", deadline=LATER)
    return job.id


async def ended(imports: Imports, job: str) -> ImportJob:
    while (found := await imports.get(job, None)).state not in FINAL:
        await imports.step()
    await imports.step()
    assert not await imports._database.read(None, is_work_left)
    return found


@pytest.fixture
async def known(database: Database) -> list[Member]:
    """Some members of the table, as they are before it comes."""
    for n in (0, 7, 33):
        consent = Consent(cross_store=n == 7, text="form-1")
        draft = MemberDraft(name=f"Old {n}", tags=["a", "staff"][: n + 1], consent=consent)
        await database.write(None, put_member, f"k-{n:02}", draft, NOW - n)
    return await members_of(database)


def cut_the_power() -> None:
    raise PowerCut


class HalfWay:
    """A record in which something happens before the third lot of lines is written."""

    def __init__(self, database: Database, happens: Callable[[], Awaitable[object]]) -> None:
        self._database = database
        self._happens = happens
        self._lots = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def write(self, deadline: Deadline | None, work: Any, *given: Any, **more: Any) -> Any:
        if write_lines in given:
            self._lots += 1
            if self._lots == 3:
                await self._happens()
        return await self._database.write(deadline, work, *given, **more)


async def half_written(database: Database, clock: Clock) -> str:
    """Have the power cut when some of an import is written, and not all; return the import."""

    async def power_cut() -> None:
        cut_the_power()

    imports = gateway_of(cast(Database, HalfWay(database, power_cut)), clock)
    job = await begun(imports)
    with pytest.raises(PowerCut):
        await imports.step()
    found = await imports.get(job, None)
    assert (found.state, 0 < found.written < LINES) == ("writing", True)
    clock.now += IDLE + 1
    return job


async def test_another_gateway_goes_on_where_one_was_killed(database: Database) -> None:
    clock = Clock()
    job = await begun(gateway_of(database, clock))

    cuts = 0
    for looks in range(2, 9):
        clock.at = {clock.looks + looks: cut_the_power}
        try:
            await gateway_of(database, clock).step()
        except PowerCut:
            cuts += 1
        clock.now += IDLE + 1
    clock.at = {}
    done = await ended(gateway_of(database, clock), job)

    assert cuts > 5
    assert (done.state, done.created, done.updated) == ("done", LINES, 0)
    names = [member.name for member in await members_of(database)]
    assert names == [f"New {n}" for n in range(LINES)]


async def test_a_gateway_that_is_not_idle_for_long_keeps_its_import(database: Database) -> None:
    clock = Clock()
    first, second = gateway_of(database, clock), gateway_of(database, clock)
    job = await begun(first)
    clock.at = {clock.looks + 4: cut_the_power}
    with pytest.raises(PowerCut):
        await first.step()
    clock.now += IDLE // 2

    await second.step()
    assert (await second.get(job, None)).state not in FINAL
    await first.step()

    assert (await first.get(job, None)).state == "done"


@pytest.mark.parametrize("state", ["cancelled", "late"])
async def test_what_does_not_come_to_its_end_has_changed_nothing(
    database: Database, known: list[Member], state: str
) -> None:
    clock = Clock()
    imports = gateway_of(database, clock)
    job = await half_written(database, clock)
    if state == "late":
        clock.now += 3_600_001
    else:
        await imports.cancel(job, LATER)
        clock.at = {clock.looks + 2: cut_the_power}  # in the middle of the undoing
        with pytest.raises(PowerCut):
            await imports.step()
    clock.at = {}

    found = await ended(imports, job)

    assert (found.state, found.created, found.updated, found.kept) == (state, 0, 0, 0)
    assert await members_of(database) == known


async def test_what_somebody_else_has_written_since_stays(
    database: Database, known: list[Member]
) -> None:
    clock = Clock()
    imports = gateway_of(database, clock)
    job = await half_written(database, clock)
    await database.write(None, put_member, "k-01", MemberDraft(name="By hand"), NOW + 1)
    await imports.cancel(job, LATER)

    found = await ended(imports, job)

    assert (found.state, found.kept) == ("cancelled", 1)
    names = {member.member_id: member.name for member in await members_of(database)}
    assert names.pop("k-01") == "By hand"
    assert names == {member.member_id: member.name for member in known}


async def test_one_that_is_never_sent_whole_makes_way(database: Database) -> None:
    clock = Clock()
    imports = gateway_of(database, clock)
    job = await imports.begin(b"x", partial=False, more=True, key=None, deadline=LATER)
    clock.now += 3_600_000

    await imports.step()

    assert (await imports.get(job.id, None)).state == "late"
    assert await begun(imports)


async def test_a_cancel_is_heard_while_lines_are_written(
    database: Database, known: list[Member]
) -> None:
    clock = Clock()
    imports = gateway_of(database, clock)
    job = await begun(imports)
    writer = HalfWay(database, lambda: imports.cancel(job, LATER))

    await gateway_of(cast(Database, writer), clock).step()
    clock.now += IDLE + 1

    assert (await ended(imports, job)).state == "cancelled"
    assert await members_of(database) == known


FACES = "member_id,faces\n" + "".join(
    f"k-{n:02},{'ab'[n % 2]}/{'long' if n in (20, 60) else chr(0x4E00 + n)}\n" for n in range(70)
)


async def test_stores_are_asked_for_the_faces_of_many_lines_at_once(database: Database) -> None:
    clock, shards = Clock(), CountedShards(most=100)
    imports = gateway_of(database, clock, shards)
    job = await imports.begin(FACES.encode(), partial=True, more=False, key=None, deadline=LATER)

    done = await ended(imports, job.id)

    checked, lots = 1, 5  # of 16 lines and more
    asked = [shards.asked.count(store) for store in "ab"]
    assert max(asked) <= checked + lots
    assert max(asked) - min(asked) <= 1  # the last lot may be a single line
    assert (done.state, done.created) == ("done", 68)
    assert [line.member_id for line in done.refused_lines] == ["k-20", "k-60"]
    faces = [[face.face_id for face in member.faces] for member in await members_of(database)]
    assert all(len(theirs) == 1 for theirs in faces)


async def test_lines_of_a_store_that_leaves_meanwhile_are_left_out(database: Database) -> None:
    clock, shards = Clock(), CountedShards(most=3)
    imports = gateway_of(database, clock, shards)
    job = await imports.begin(FACES.encode(), partial=True, more=False, key=None, deadline=LATER)

    done = await ended(imports, job.id)

    assert (done.state, done.written, done.created + done.refused) == ("done", 70, 70)
    assert 0 < done.created < 16
    assert len(await members_of(database)) == done.created
