"""Changing visits: predecessors and the sums of footfall follow in the same transaction."""

from collections import Counter
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from gateway.record.people.schema import persons
from gateway.record.prepared import Prepared
from gateway.record.upsert import dialect_insert
from gateway.record.visits.schema import returns, traffic, visits
from gateway.record.visits.visit import NO_SUMS, Sums, VisitRow

_EVER = -(2**31)
"""An hour before all others."""


_IS_IT = visits.c.visit == sa.bindparam("number")
_INSERT = sa.insert(visits)
_CHANGE = Prepared(sa.update(visits).where(_IS_IT))
_REMOVE = Prepared(sa.delete(visits).where(_IS_IT))
_OF_PERSON = visits.c.person == sa.bindparam("of_person")
_WHO = Prepared(sa.select(persons).where(persons.c.person == sa.bindparam("of_person")))
_SINCE = Prepared(
    sa.select(visits)
    .where(_OF_PERSON, visits.c.hour >= sa.bindparam("since"))
    .order_by(visits.c.hour, visits.c.first_at, visits.c.visit)
)
_LAST_HOURS = Prepared(
    sa.select(visits.c.store, sa.func.max(visits.c.hour).label("hour"))
    .where(_OF_PERSON, visits.c.hour < sa.bindparam("since"))
    .group_by(visits.c.store)
)


class Ledger:
    """Changes visits, and on leaving it brings predecessors and sums in line with them.

    The visits of a person that changed are recomputed from the first hour concerned on; the text of
    the table `visits` says what `before_here` and `before_anywhere` are.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._touched: dict[int, int] = {}
        self._deltas: dict[tuple[str, int], Sums] = {}
        self._returns: Counter[tuple[str, int, int]] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._apply()

    def open(self, visit: VisitRow) -> VisitRow:
        """Store a new visit, and return it with its number."""
        values = dict(vars(visit))
        del values["visit"]
        key = self._connection.execute(_INSERT, values).inserted_primary_key
        assert key is not None
        stored = replace(visit, visit=key[0])
        self._count(None, stored)
        return stored

    def change(self, before: VisitRow, after: VisitRow) -> VisitRow:
        """Store `after`, which was `before`, and return it."""
        old, new = vars(before), vars(after)
        values = {name: value for name, value in new.items() if old[name] != value}
        if values:
            _CHANGE.run(self._connection, {"number": before.visit, **values})
            self._count(before, after)
        return after

    def remove(self, visit: VisitRow) -> None:
        """Remove a visit that turned out to be part of another."""
        _REMOVE.run(self._connection, {"number": visit.visit})
        self._count(visit, None)

    def restate(self, *people: int, since: int = _EVER) -> None:
        """Recompute the visits of `people` from the hour `since` on, when the ledger is left."""
        for person in people:
            self._touched[person] = min(since, self._touched.get(person, since))

    def _count(self, before: VisitRow | None, after: VisitRow | None) -> None:
        if before is not None:
            self._add(before, -1)
        if after is not None:
            self._add(after, 1)
        if before is None or after is None or _place(before) != _place(after):
            for visit in (before, after):
                if visit is not None and visit.person is not None:
                    self.restate(visit.person, since=visit.hour)

    def _add(self, visit: VisitRow, sign: Any) -> None:
        place = (visit.store, visit.hour)
        self._deltas[place] = self._deltas.get(place, NO_SUMS).plus(visit.sums(), sign)
        for key in visit.returns():
            self._returns[key] += sign

    def _apply(self) -> None:
        while self._touched:
            person, since = self._touched.popitem()
            for before, after in _restated(self._connection, person, since):
                self.change(before, after)
        for (store, hour), delta in sorted(self._deltas.items()):
            if any(delta):
                _add_sums(self._connection, store, hour, delta)
        for key, count in sorted(self._returns.items()):
            if count:
                _add_returns(self._connection, key, count)
        self._deltas.clear()
        self._returns.clear()


def _place(visit: VisitRow) -> tuple[int | None, str, int, int]:
    """Return what decides the place of a visit among others of its person."""
    return visit.person, visit.store, visit.hour, visit.first_at


def visit_of(row: Any) -> VisitRow:
    """Return the visit in a row of the table."""
    return VisitRow(**row._asdict())


def _restated(
    connection: sa.Connection, person: int, since: int
) -> list[tuple[VisitRow, VisitRow]]:
    """Return the visits of `person` from the hour `since` on that change: before and after."""
    who = _WHO.first(connection, {"of_person": person})
    last_here = _last_hours(connection, person, since)
    last_anywhere = max(last_here.values(), default=None)
    changes = []
    for row in _SINCE.all(connection, {"of_person": person, "since": since}):
        before = visit_of(row)
        after = replace(
            before,
            before_here=last_here.get(before.store),
            before_anywhere=last_anywhere,
            member=who.member,
            counted=not who.staff,
        )
        if after != before:
            changes.append((before, after))
        last_here[before.store] = last_anywhere = before.hour
    return changes


def _last_hours(connection: sa.Connection, person: int, since: int) -> dict[str, int]:
    """Return the hour of the last visit of `person` before `since`, by store."""
    return dict(_LAST_HOURS.all(connection, {"of_person": person, "since": since}))


def _add_sums(connection: sa.Connection, store: str, hour: int, delta: Sums) -> None:
    statement = _adding_sums(connection.dialect.name)
    statement.run(connection, {"store": store, "hour": hour, **delta._asdict()})


@cache
def _adding_sums(dialect: str) -> Prepared:
    statement = dialect_insert(dialect, traffic)
    return Prepared(
        statement.on_conflict_do_update(
            index_elements=[traffic.c.store, traffic.c.hour],
            set_={name: traffic.c[name] + statement.excluded[name] for name in Sums._fields},
        )
    )


def _add_returns(connection: sa.Connection, key: tuple[str, int, int], count: int) -> None:
    store, day, before_day = key
    row = {"store": store, "day": day, "before_day": before_day, "visitors": count}
    _adding_returns(connection.dialect.name).run(connection, row)


@cache
def _adding_returns(dialect: str) -> Prepared:
    statement = dialect_insert(dialect, returns)
    return Prepared(
        statement.on_conflict_do_update(
            index_elements=[returns.c.store, returns.c.day, returns.c.before_day],
            set_={"visitors": returns.c.visitors + statement.excluded.visitors},
        )
    )
