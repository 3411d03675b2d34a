"""Footfall of a store and of the chain."""

from collections.abc import Iterable
from typing import Any

from contract.deadline import Deadline
from contract.messages import FootfallRow, RoamingAnswer, RoamingRow, TraceAnswer, TrafficAnswer
from contract.store_map import Store, StoreMap
from gateway.period import Period
from gateway.record.database import Database
from gateway.record.traces import trace_of
from gateway.record.traffic_rows import By, Footfall, footfall, roaming_sums

_NOBODY = Footfall(0, 0, 0, 0, 0, 0)


class Traffic:
    """Counts who came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_store(
        self, store: Store, by: By, start: str | None, end: str | None, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of one store. Raises BadTime."""
        period = Period.of(by, start, end, store.timezone)
        return await self._answer(store.id, store.timezone, period, deadline)

    async def of_chain(
        self, stores: StoreMap, by: By, start: str | None, end: str | None, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of all stores, each by its own clock. Raises BadTime."""
        zone = _common_zone(stores)
        period = Period.of(by, start, end, zone or "UTC")
        return await self._answer(None, zone, period, deadline)

    async def roaming(
        self, stores: StoreMap, start: str | None, end: str | None, deadline: Deadline
    ) -> RoamingAnswer:
        """Return where each store's roaming visitors come from. Raises BadTime."""
        period = Period.of("day", start, end, _common_zone(stores) or "UTC")
        sums = await self._database.read(deadline, roaming_sums, period.hours)
        rows = [RoamingRow(**row._asdict()) for row in sums]
        return RoamingAnswer(from_=period.start, to=period.end, rows=rows)

    async def trace(
        self, member_id: str, before: int | None, limit: int, deadline: Deadline
    ) -> TraceAnswer:
        """Return where a member was. Raises UnknownMember and NoConsent."""
        return await self._database.read(deadline, trace_of, member_id, before, limit)

    async def _answer(
        self, store: str | None, zone: str | None, period: Period, deadline: Deadline
    ) -> TrafficAnswer:
        by, hours = period.by, period.hours
        found, distinct = await self._database.read(deadline, footfall, store, hours, by)
        total = _total(found.values())._replace(uv=distinct)
        return TrafficAnswer(
            store=store,
            from_=period.start,
            to=period.end,
            by=by,
            timezone=zone,
            rows=[
                FootfallRow(start=period.start_of(number), **_shown(found.get(number, _NOBODY)))
                for number in period.numbers
            ],
            **_shown(total),
        )


def _total(rows: Iterable[Footfall]) -> Footfall:
    return Footfall(*(sum(column) for column in zip(_NOBODY, *rows, strict=True)))


def _shown(counts: Footfall) -> dict[str, Any]:
    pv, dwell_ms = counts.pv, counts.dwell_ms
    return {
        "pv": pv,
        "uv": counts.uv,
        "new": counts.new,
        "returning": pv - counts.new,
        "roaming": counts.roaming,
        "members": counts.members,
        "dwell_s": round(dwell_ms / pv / 1000, 1) if pv else None,
    }


def _common_zone(stores: StoreMap) -> str | None:
    """Return the time zone of all stores, or None when they have several."""
    zones = {store.timezone for store in stores.stores.values()}
    return zones.pop() if len(zones) == 1 else None
