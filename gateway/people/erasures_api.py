"""Receipts of erasures over HTTP."""

from contract.errors import NotFound
from contract.messages.erasures import ErasureReceipt
from contract.text.identifiers import Reference
from gateway.http.parameters import RequestDeadline
from gateway.people import member_examples
from gateway.people.erasures import Erasures
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def erasures_routes(erasures: Erasures) -> Routes:
    """Return the receipts' route."""
    routes = Routes(prefix="/v1/erasures", tags=["members"])

    @routes.get("/{erasure}", responses=example_of(member_examples.RECEIPT) | problems(NotFound))
    async def get_erasure(erasure: Reference, deadline: RequestDeadline) -> ErasureReceipt:
        """Read the receipt of an erasure: what each shard confirmed, and who has yet to."""
        return await erasures.receipt(erasure, deadline)

    return routes
