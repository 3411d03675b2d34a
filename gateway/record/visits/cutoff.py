"""The time up to which footfall is counted, by the clock of every store."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.visits.schema import visits


class LocalMoment(NamedTuple):
    """A moment, in milliseconds since 1970, and the hour of it on a store's clock."""

    hour: int
    at: int


@dataclass(frozen=True)
class Cutoff:
    """One time on the clock of every store: `usual`, and other moments for some `stores`."""

    usual: LocalMoment
    stores: Mapping[LocalMoment, Collection[str]] = field(default_factory=dict)

    @property
    def first_hour(self) -> int:
        """The first hour that is not over everywhere."""
        return min(moment.hour for moment in (self.usual, *self.stores))

    def had_begun(self) -> sa.ColumnElement[bool]:
        """Return the condition of a visit that had begun by then."""
        elsewhere = [
            visits.c.store.in_(names) & _before(moment) for moment, names in self.stores.items()
        ]
        named = [name for names in self.stores.values() for name in names]
        return sa.or_(*elsewhere, visits.c.store.not_in(named) & _before(self.usual))


def _before(moment: LocalMoment) -> sa.ColumnElement[bool]:
    """Return the condition of a visit before it; in the hour that comes twice, by the moment."""
    in_hour = (visits.c.hour == moment.hour) & (visits.c.first_at < moment.at)
    return (visits.c.hour < moment.hour) | in_hour
