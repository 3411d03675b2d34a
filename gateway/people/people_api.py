"""The routes about people's data, together."""

from fastapi import APIRouter

from gateway.chain.map_watcher import MapWatcher
from gateway.people.erasures_api import erasures_routes
from gateway.people.member_table_api import member_table_routes
from gateway.people.members_api import members_routes
from gateway.people.merges_api import merges_routes
from gateway.people.people import Care


def care_routes(watcher: MapWatcher, care: Care, request_seconds: float) -> APIRouter:
    """Return the routes of members, merges and erasures."""
    routes = APIRouter()
    routes.include_router(members_routes(watcher, care, request_seconds))
    routes.include_router(member_table_routes(watcher, care.members, request_seconds))
    routes.include_router(merges_routes(watcher, care.merges, care.renames, request_seconds))
    routes.include_router(erasures_routes(care.erasures, request_seconds))
    return routes
