"""Footfall, and where visitors came from."""

from typing import Literal

from pydantic import ConfigDict, Field

from contract.messages.message import Message


class Estimate(Message):
    """A number of people, and the interval that holds the true one in 95% of all cases."""

    value: int
    low: int
    high: int


class Footfall(Message):
    """What is counted; docs/visits.md defines each. `dwell_s` is the average.

    `faces_unfit` is of the whole range or row, in a range that is not over and in the one that it
    is compared with, too. The estimates are null where a store's face network
    is not the one that the rates were measured with, and the map does not say them.
    """

    pv: int
    uv: int
    new: int
    returning: int
    roaming: int
    members: int
    dwell_s: float | None = Field(description="null when nobody came")
    faces_unfit: int = Field(
        default=0,
        description="faces of strangers whom nobody would know again: they make no visits, unless"
        " the store counts their tracks",
    )
    uv_estimate: Estimate | None = Field(
        default=None, description="`uv` after the measured rates of missing and of confusing"
    )
    new_estimate: Estimate | None = Field(default=None, description="of `new`, likewise")
    returning_estimate: Estimate | None = Field(
        default=None, description="of `returning`, likewise"
    )


class FootfallRow(Footfall):
    """One hour, day or week; `start` is what the clock of the store shows when it begins.

    `state`: over, under way, or not begun yet; in a chain of several time zones it is over, or not
    begun, when it is in every store.
    """

    start: str
    state: Literal["whole", "so far", "to come"] = "whole"


class EarlierFootfall(Footfall):
    """The same range some days before, to compare with: the `rows` are of it as a whole.

    When the range is under way the sums are of the visits that had begun by the same time of those
    days, by each store's own clock.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    rows: list[FootfallRow]


class TrafficAnswer(Footfall):
    """What the gateway's `GET …/traffic` answers: a row for every bucket, and the whole range.

    `store` is null for the chain, `timezone` where its stores have different ones: each counts by
    its own clock. `from` is in the range, `to` is not. `so_far`: the range is not over yet.
    """

    model_config = ConfigDict(populate_by_name=True)

    store: str | None
    from_: str = Field(alias="from")
    to: str
    by: Literal["hour", "day", "week"]
    timezone: str | None
    so_far: bool = False
    counted_until: str | None = Field(
        default=None,
        description="what the clock shows now, when the range is not over and all stores have one",
    )
    rows: list[FootfallRow]
    earlier: EarlierFootfall | None = Field(
        default=None, description="where `against` says how many days before"
    )


class RoamingRow(Message):
    """Visits to `store` by members (or, where they may be searched, visitors) of `home_store`."""

    store: str
    home_store: str
    visits: int
    visitors: int


class RoamingAnswer(Message):
    """What the gateway's `GET /v1/traffic/roaming` answers."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    rows: list[RoamingRow]


class DemoAnswer(Message):
    """How many made-up visits were stored or removed."""

    visits: int


class TracedVisit(Message):
    """One visit of a member. Times are ISO 8601, in UTC."""

    visit: str
    store: str
    match: Literal["home", "roaming", "new"]
    first_at: str
    last_at: str


class TraceAnswer(Message):
    """What the gateway's `GET /v1/members/{id}/trace` answers: visits, the last first.

    `next_before` asks for the page after this one.
    """

    member_id: str
    visits: list[TracedVisit]
    next_before: int | None = None
