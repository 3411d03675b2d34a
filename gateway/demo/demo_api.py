"""Demo data: made-up visits for a gateway that was started to be shown."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

from fastapi import Query

from contract.errors import NotAllowed
from contract.messages.traffic import DemoAnswer
from gateway.demo import examples
from gateway.demo.demo_people import made_up_days
from gateway.http.parameters import StoresInForce
from gateway.record.database import Database
from gateway.record.visits.demo import add_demo, remove_demo_people, remove_demo_visits
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes

AT_ONCE = 200
"""Visits of one transaction: short enough to hold no camera up."""


def demo_routes(database: Database, allowed: bool) -> Routes:
    """Return the routes of demo data; it is made where it is `allowed`, and removed anywhere."""
    routes = Routes(prefix="/v1/demo", tags=["demo"])

    @routes.post("", responses=example_of(examples.DEMO) | problems(NotAllowed))
    async def make_demo_data(
        stores: StoresInForce, days: Annotated[int, Query(ge=1, le=60)] = 15
    ) -> DemoAnswer:
        """Make up people and their visits of the last days, instead of those made up before."""
        if not allowed:
            raise NotAllowed("this gateway is not a demo (FACEGATE_DEMO)")
        zones = {store.id: store.timezone for store in stores.stores.values()}
        await _remove(database, list(zones))
        made_up = made_up_days(list(stores.stores.values()), datetime.now(UTC), days)
        visits = 0
        while some := list(islice(made_up, AT_ONCE)):
            visits += await database.write(None, add_demo, some, zones)
        return DemoAnswer(visits=visits)

    @routes.delete("", responses=example_of(examples.DEMO))
    async def remove_demo_data(stores: StoresInForce) -> DemoAnswer:
        """Take out everything made up; what cameras saw stays."""
        return DemoAnswer(visits=await _remove(database, list(stores.stores)))

    return routes


async def _remove(database: Database, stores: list[str]) -> int:
    removed = 0
    while some := await database.write(None, remove_demo_visits, stores, AT_ONCE):
        removed += some
    await database.write(None, remove_demo_people)
    return removed
