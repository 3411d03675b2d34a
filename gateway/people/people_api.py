"""The routes about people's data, together."""

from fastapi import APIRouter

from gateway.people.erasures_api import erasures_routes
from gateway.people.member_table_api import member_table_routes
from gateway.people.members_api import members_routes
from gateway.people.merges_api import merges_routes
from gateway.people.people import Care


def care_routes(care: Care) -> APIRouter:
    """Return the routes of members, merges and erasures."""
    routes = APIRouter()
    routes.include_router(members_routes(care))
    routes.include_router(member_table_routes(care.members))
    routes.include_router(merges_routes(care.merges, care.renames))
    routes.include_router(erasures_routes(care.erasures))
    return routes
