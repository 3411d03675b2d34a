"""All routes about people."""

from fastapi import APIRouter

from gateway.chain.shards import Shards
from gateway.people.erasures_api import erasures_routes
from gateway.people.faces_api import faces_routes
from gateway.people.member_table_api import member_table_routes
from gateway.people.members_api import members_routes
from gateway.people.merges_api import merges_routes
from gateway.people.people import People
from gateway.people.pictures_api import pictures_routes
from gateway.recognition.member_names import MemberNames


def people_routes(people: People, shards: Shards, names: MemberNames) -> APIRouter:
    """Return the routes of FaceIds, members, merges and erasures."""
    routes = APIRouter()
    routes.include_router(pictures_routes(shards, people.enrollments))
    routes.include_router(faces_routes(shards, people, names))
    routes.include_router(members_routes(people))
    routes.include_router(member_table_routes(people.members))
    routes.include_router(merges_routes(people.merges, people.renames))
    routes.include_router(erasures_routes(people.erasures))
    return routes
