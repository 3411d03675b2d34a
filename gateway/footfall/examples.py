"""Answers about footfall as OpenAPI shows them."""

from contract.messages.traffic import (
    Estimate,
    FootfallRow,
    RoamingAnswer,
    RoamingRow,
    TraceAnswer,
    TracedVisit,
    TrafficAnswer,
)

_FOOTFALL = {
    "pv": 412,
    "uv": 371,
    "new": 198,
    "returning": 214,
    "roaming": 9,
    "members": 120,
    "dwell_s": 754.2,
    "faces_unfit": 31,
    "uv_estimate": Estimate(value=368, low=359, high=375),
    "new_estimate": Estimate(value=192, low=180, high=203),
    "returning_estimate": Estimate(value=220, low=209, high=232),
}
_RANGE = {"from_": "2026-05-04", "to": "2026-05-05", "by": "day", "timezone": "Asia/Shanghai"}
_DAY = FootfallRow(start="2026-05-04", **_FOOTFALL)
TRAFFIC = TrafficAnswer(store="store-a", rows=[_DAY], **_RANGE, **_FOOTFALL)
CHAIN_TRAFFIC = TrafficAnswer(store=None, rows=[_DAY], **_RANGE, **_FOOTFALL)
TRACE = TraceAnswer(
    member_id="m-17",
    visits=[
        TracedVisit(
            visit="481516",
            store="store-b",
            match="roaming",
            first_at="2026-05-04T09:30:00.000Z",
            last_at="2026-05-04T09:42:10.000Z",
        )
    ],
)
ROAMING = RoamingAnswer(
    from_="2026-05-04",
    to="2026-05-05",
    rows=[RoamingRow(store="store-a", home_store="store-b", visits=9, visitors=7)],
)
