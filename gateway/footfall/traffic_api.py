"""Footfall over HTTP: JSON for programs, CSV for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Header, Query, Response

from contract.errors import BadTime, NoConsent, UnknownMember
from contract.messages.traffic import RoamingAnswer, RoamingRow, TraceAnswer, TrafficAnswer
from contract.messages.traffic_table import COLUMNS, Cell, cells
from contract.text.identifiers import MEMBER_ID
from gateway.footfall import examples
from gateway.footfall.traffic import FootfallQuery, Traffic
from gateway.http.parameters import PathStore, RequestDeadline, StoresInForce
from gateway.record.visits.footfall_counts import By
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes

_FROM = (
    "a date or a time on the store's clock; rounded down to whole hours, days or weeks."
    " Default: 24 hours, 30 days or 12 weeks until now"
)
_TO = "likewise, rounded up, and not in the range itself; default: until now"

_ROAMING = tuple(RoamingRow.model_fields)

Start = Annotated[str | None, Query(alias="from", description=_FROM)]
End = Annotated[str | None, Query(description=_TO)]
Format = Annotated[
    Literal["json", "csv"] | None, Query(description="or the header `Accept: text/csv`")
]
Against = Annotated[
    int | None,
    Query(
        ge=1,
        le=3660,
        description="so many days before is the range to compare with, in `earlier`: when this one"
        " is under way, up to the same time",
    ),
]
Accept = Annotated[str | None, Header(include_in_schema=False)]


def traffic_routes(traffic: Traffic) -> Routes:
    """Return the routes of footfall."""
    routes = Routes(prefix="/v1", tags=["footfall"])

    @routes.get(
        "/stores/{store}/traffic",
        response_model=TrafficAnswer,
        responses=example_of(examples.TRAFFIC, table=True) | problems(BadTime),
    )
    async def get_store_traffic(
        *,
        home: PathStore,
        deadline: RequestDeadline,
        query: Annotated[FootfallQuery, Depends(_footfall_query)],
        as_csv: Annotated[bool, Depends(_wants_csv)],
    ) -> Response:
        """Count visits and visitors of a store, in its time zone."""
        answer = await traffic.of_store(home, query, deadline)
        return _response(answer, as_csv)

    @routes.get(
        "/traffic",
        response_model=TrafficAnswer,
        responses=example_of(examples.CHAIN_TRAFFIC, table=True) | problems(BadTime),
    )
    async def get_traffic(
        *,
        stores: StoresInForce,
        deadline: RequestDeadline,
        query: Annotated[FootfallQuery, Depends(_footfall_query)],
        as_csv: Annotated[bool, Depends(_wants_csv)],
    ) -> Response:
        """Count visits and visitors of the whole chain: each store by its own clock."""
        answer = await traffic.of_chain(stores, query, deadline)
        return _response(answer, as_csv)

    @routes.get(
        "/traffic/roaming",
        response_model=RoamingAnswer,
        responses=example_of(examples.ROAMING, table=True) | problems(BadTime),
    )
    async def get_roaming(
        *,
        stores: StoresInForce,
        deadline: RequestDeadline,
        start: Start = None,
        to: End = None,
        as_csv: Annotated[bool, Depends(_wants_csv)],
    ) -> Response:
        """Count where each store's roaming visitors come from."""
        answer = await traffic.roaming(stores, start, to, deadline)
        return _response(answer, as_csv)

    @routes.get(
        "/members/{member_id}/trace",
        responses=example_of(examples.TRACE) | problems(UnknownMember, NoConsent),
    )
    async def get_trace(
        member_id: str,
        deadline: RequestDeadline,
        before: Annotated[
            int | None, Query(ge=0, le=2**53, description="next_before of the page before")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> TraceAnswer:
        """List the visits of a member who agreed that stores share what they know."""
        name = MEMBER_ID.known(member_id)
        return await traffic.trace(name, before, limit, deadline)

    return routes


def _footfall_query(
    by: By = "day", start: Start = None, to: End = None, against: Against = None
) -> FootfallQuery:
    return FootfallQuery(by, start, to, against)


def _wants_csv(
    form: Annotated[Format, Query(alias="format")] = None, accept: Accept = None
) -> bool:
    return form == "csv" or (form is None and "text/csv" in (accept or ""))


def _response(answer: TrafficAnswer | RoamingAnswer, as_csv: bool) -> Response:
    if not as_csv:
        return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
    return Response(
        _csv(*_table(answer)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="traffic.csv"'},
    )


def _table(answer: TrafficAnswer | RoamingAnswer) -> tuple[Sequence[str], list[list[Cell]]]:
    """Return the names of the columns, and the rows."""
    if isinstance(answer, TrafficAnswer):
        return COLUMNS, [cells(row) for row in answer.rows]
    return _ROAMING, [[getattr(row, name) for name in _ROAMING] for row in answer.rows]


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return rows as RFC 4180 has it. Store names are data: none may be a spreadsheet's formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell
