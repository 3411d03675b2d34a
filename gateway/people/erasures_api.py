"""Receipts of erasures over HTTP."""

from typing import Annotated

from fastapi import Query

from contract.errors import NotFound
from contract.messages.erasures import ErasurePage, ErasureReceipt
from contract.text.identifiers import Asked, Reference
from gateway.http.parameters import RequestDeadline
from gateway.people import member_examples
from gateway.people.erasures import Erasures
from gateway.record.people.erasure.receipt_search import ReceiptQuery
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def erasures_routes(erasures: Erasures) -> Routes:
    """Return the receipts' routes."""
    routes = Routes(prefix="/v1/erasures", tags=["members"])

    @routes.get("/{erasure}", responses=example_of(member_examples.RECEIPT) | problems(NotFound))
    async def get_erasure(erasure: Reference, deadline: RequestDeadline) -> ErasureReceipt:
        """Read the receipt of an erasure: what each shard confirmed, and who has yet to."""
        return await erasures.receipt(erasure, deadline)

    @routes.get("", responses=example_of(member_examples.RECEIPTS))
    async def list_erasures(
        *,
        deadline: RequestDeadline,
        member_id: Annotated[Asked | None, Query(description="those of this member")] = None,
        store: Annotated[Asked | None, Query(description="those that this store confirms")] = None,
        face_id: Annotated[Asked | None, Query(description="those of this FaceId")] = None,
        complete: Annotated[
            bool | None, Query(description="false: those that somebody has yet to confirm")
        ] = None,
        after: Annotated[
            Reference | None, Query(description="next_after of the page before")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> ErasurePage:
        """List erasures, the last first.

        Of visitors whose time was over those alone that somebody has yet to confirm.
        """
        query = ReceiptQuery(member_id, store, face_id, complete, after, limit)
        return await erasures.search(query, deadline)

    return routes
