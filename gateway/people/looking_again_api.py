"""Looking again at visitors over HTTP, at once."""

from typing import Annotated

from fastapi import Query

from contract.errors import UnknownStore
from contract.messages.looking_again import LookReport
from gateway.http.parameters import StoresInForce
from gateway.people import member_examples
from gateway.people.looking_again import LookingAgain
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def looking_again_routes(looking_again: LookingAgain) -> Routes:
    """Return the route that looks again."""
    routes = Routes(prefix="/v1/visitors", tags=["members"])

    @routes.post("/reconcile", responses=example_of(member_examples.LOOK) | problems(UnknownStore))
    async def reconcile_visitors(
        stores: StoresInForce,
        store: Annotated[str | None, Query(description="default: every store")] = None,
    ) -> LookReport:
        """Merge visitors' FaceIds that are one person after all: PV stays, UV is restated.

        Every merge can be undone; what was told apart is not merged. It answers when it is done,
        after seconds to minutes, ten at most.
        """
        picked = list(stores.stores.values()) if store is None else [stores.store(store)]
        return await looking_again.look(picked)

    return routes
