"""All routes about people."""

from gateway.chain.shards import Shards
from gateway.people.consent.consent_api import consent_routes
from gateway.people.consent.consents import Consents
from gateway.people.erasures_api import erasures_routes
from gateway.people.faces_api import faces_routes
from gateway.people.imports.imports_api import imports_routes
from gateway.people.looking_again_api import looking_again_routes
from gateway.people.member_table_api import member_table_routes
from gateway.people.members_api import members_routes
from gateway.people.merges_api import merges_routes
from gateway.people.people import People
from gateway.people.pictures_api import pictures_routes
from gateway.people.privacy.privacy_api import privacy_routes
from gateway.people.vectors_api import vectors_routes
from gateway.recognition.member_names import MemberNames
from service.http.routes import Routes


def people_routes(people: People, shards: Shards, names: MemberNames) -> list[Routes]:
    """Return the routes of FaceIds, members, merges and erasures."""
    return [
        pictures_routes(shards, people.enrollments),
        vectors_routes(people.enrollments),
        faces_routes(shards, people, names),
        members_routes(people),
        consent_routes(Consents(people.members)),
        member_table_routes(people.members),
        imports_routes(people.imports),
        merges_routes(people.merges, people.renames),
        looking_again_routes(people.looking_again),
        erasures_routes(people.erasures),
        privacy_routes(people.privacy, people.exports),
    ]
