"""Receipts of erasures over HTTP."""

from fastapi import APIRouter

from contract.deadline import Deadline
from contract.erasure_messages import ErasureReceipt
from contract.errors import NotFound
from contract.identifiers import Reference
from contract.problem_api import RESPONSES, problems
from gateway import member_examples as examples
from gateway.erasures import Erasures


def erasures_routes(erasures: Erasures, request_seconds: float) -> APIRouter:
    """Return the receipts' route."""
    routes = APIRouter(prefix="/v1/erasures", tags=["members"], responses=RESPONSES)

    @routes.get("/{erasure}", responses=examples.answer(examples.RECEIPT) | problems(NotFound))
    async def get_erasure(erasure: Reference) -> ErasureReceipt:
        """Read the receipt of an erasure: what each shard confirmed, and who has yet to."""
        return await erasures.receipt(erasure, Deadline(request_seconds))

    return routes
