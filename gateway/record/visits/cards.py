"""The cards of visits, for tills: the member, how often they come, and where."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from contract.messages.face import MemberCard
from contract.messages.live import LastVisit, VisitCard
from gateway.clock.clock import iso
from gateway.record.people.schema import members, persons
from gateway.record.visits.schema import pending_visits, visits

_HOUR = 3_600_000
_WEEK = 7 * 24
MOST_PRESENT = 500
"""Cards that one look at a store shows; a till shows no more people."""


def cards_of(connection: sa.Connection, numbers: Collection[int]) -> dict[int, VisitCard]:
    """Return the cards of visits by their numbers; those that are gone are left out."""
    if not numbers:
        return {}
    return _cards(connection, visits.c.visit.in_(sorted(numbers)))


def one_a_person(cards: Iterable[VisitCard]) -> list[VisitCard]:
    """Return one card for each person: the first of theirs, from when the others begin.

    Who is forgotten has none; who waits for a FaceId has.
    """
    shown: dict[str, VisitCard] = {}
    for card in cards:
        if card.person is None or card.is_nobody:
            continue
        first = shown.setdefault(card.person, card)
        times = {
            "first_at": min(first.first_at, card.first_at),
            "last_at": max(first.last_at, card.last_at),
        }
        shown[card.person] = first.model_copy(update=times)
    return list(shown.values())


def cards_between(
    connection: sa.Connection, store: str, since: int, until: int, camera: str | None
) -> list[VisitCard]:
    """Return the cards of the visits to `store` that were seen last between two moments.

    By `camera`, if that is given. Those from the future, when a clock was ahead, are nobody's who
    is here now.
    """
    by = sa.func.coalesce(visits.c.last_camera, visits.c.camera) == camera
    there = sa.true() if camera is None else by
    return list(_cards(connection, *seen_last_between(store, since, until), there).values())


def seen_last_between(store: str, since: int, until: int) -> list[sa.ColumnElement[bool]]:
    """Select the visits to `store` that were seen last between two moments."""
    # The index knows when visits began; none that is a week old is worth a look.
    began = visits.c.hour >= since // _HOUR - _WEEK
    return [visits.c.store == store, began, visits.c.last_at > since, visits.c.last_at <= until]


def _cards(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> dict[int, VisitCard]:
    """Return the cards of visits, those that began last first."""
    query = (
        sa.select(
            visits,
            pending_visits.c.visit.label("pending"),
            persons.c.staff,
            *(members.c[name] for name in ("member_id", "name", "tags")),
        )
        .join(pending_visits, pending_visits.c.visit == visits.c.visit, isouter=True)
        .join(persons, persons.c.person == visits.c.person, isouter=True)
        .join(members, members.c.person == visits.c.person, isouter=True)
        .where(*which)
        .order_by(visits.c.first_at.desc(), visits.c.visit.desc())
        .limit(MOST_PRESENT)
    )
    rows = connection.execute(query).all()
    histories = _histories(connection, {row.person for row in rows if row.person is not None})
    return {
        row.visit: _card(row, histories.get(row.person, _History()).until(row.first_at, row.visit))
        for row in rows
    }


@dataclass
class _History:
    """The visits of one person: when each began, its number, and its store."""

    moments: list[tuple[int, int, str]] = field(default_factory=list)

    def until(self, first_at: int, visit: int) -> "_History":
        """Return the history up to a visit, which is included."""
        return _History([each for each in self.moments if each[:2] <= (first_at, visit)])

    @property
    def stores(self) -> Counter[str]:
        """How many visits there were to each store."""
        return Counter(store for _, _, store in self.moments)

    @property
    def usual_store(self) -> str | None:
        """The store with the most visits; of several, where the person came to last."""
        last = {store: (at, visit) for at, visit, store in sorted(self.moments)}
        visits = self.stores
        return max(last, key=lambda store: (visits[store], last[store]), default=None)

    def before(self, first_at: int, visit: int) -> LastVisit | None:
        """Return the visit before the one that began at `first_at`."""
        earlier = [moment for moment in self.moments if moment[:2] < (first_at, visit)]
        if not earlier:
            return None
        at, _, store = max(earlier)
        return LastVisit(store=store, at=iso(at))


def _histories(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, _History]:
    query = sa.select(visits.c.person, visits.c.store, visits.c.first_at, visits.c.visit)
    found: dict[int, _History] = {}
    for person, store, first_at, visit in connection.execute(
        query.where(visits.c.person.in_(sorted(numbers)))
    ):
        found.setdefault(person, _History()).moments.append((first_at, visit, store))
    return found


def _card(row: sa.Row[Any], history: _History) -> VisitCard:
    member = None
    if row.member_id is not None:
        member = MemberCard(member_id=row.member_id, name=row.name, tags=row.tags)
    return VisitCard(
        visit=str(row.visit),
        store=row.store,
        camera=row.camera,
        last_camera=row.last_camera or row.camera,
        match="pending" if row.face_id is None and row.pending is not None else row.kind,
        person=None if row.person is None else str(row.person),
        face_id=row.face_id,
        home=row.home_store,
        kind="member" if row.member else "visitor",
        member=member,
        staff=bool(row.staff),
        score=row.score,
        provisional=row.provisional,
        first_at=iso(row.first_at),
        last_at=iso(row.last_at),
        visits=max(1, len(history.moments)),
        visits_here=max(1, history.stores[row.store]),
        last_visit=history.before(row.first_at, row.visit),
        usual_store=history.usual_store,
    )
