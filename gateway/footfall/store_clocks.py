"""What the clocks of several stores show at one moment."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from gateway.clock.store_clock import hour_of, same_time_before, time_shown
from gateway.record.visits.cutoff import Cutoff, LocalMoment
from gateway.record.visits.footfall_counts import Hours

State = Literal["whole", "so far", "to come"]


class StoreClocks:
    """The moment `now`, milliseconds since 1970, in the time zones of stores, by their ids."""

    def __init__(self, now: int, zones: Mapping[str, str]) -> None:
        self._now = now
        self._zones = zones
        different = set(zones.values())
        self.common = different.pop() if len(different) == 1 else None
        self.usual = self.common or "UTC"
        """The zone of all stores, or UTC when they have several."""
        hours = [hour_of(now, zone) for zone in {*zones.values()} or {self.usual}]
        self._earliest, self._latest = min(hours), max(hours)

    @property
    def shown(self) -> str | None:
        """What the clock of every store shows, to the minute; None when they show several times."""
        return None if self.common is None else time_shown(self._now, self.common)

    def under_way(self, hours: Hours) -> bool:
        """Say whether `hours` have begun in a store, and are not over in every one."""
        return self.state(hours) == "so far"

    def state(self, hours: Hours) -> State:
        """Say whether `hours` are over in every store, or have begun in none."""
        if hours.end <= self._earliest:
            return "whole"
        return "to come" if hours.start > self._latest else "so far"

    def cutoff(self, days: int) -> Cutoff:
        """Return the time so many days before now, by each store's own clock."""
        moments: defaultdict[LocalMoment, list[str]] = defaultdict(list)
        for store, zone in self._zones.items():
            moments[self._moment(zone, days)].append(store)
        usual = self._moment(self.usual, days)
        return Cutoff(usual, {m: names for m, names in moments.items() if m != usual})

    def _moment(self, zone: str, days: int) -> LocalMoment:
        return LocalMoment(*same_time_before(self._now, days, zone))
