"""Vectors over HTTP that are to be enrolled instead of pictures."""

from contract.errors import BadRequest, BadVectors, Conflict, ModelMismatch
from contract.messages.faces import VectorsAnswer, VectorsDraft
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people import face_examples
from gateway.people.enrollments import Enrollments
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes


def vectors_routes(enrollments: Enrollments) -> Routes:
    """Return the route that enrolls vectors."""
    routes = Routes(prefix="/v1/stores/{store}", tags=["faces"], route_class=StrictJsonRoute)

    @routes.post(
        "/faces/vectors",
        responses=example_of(face_examples.VECTORS_ENROLLED)
        | problems(BadRequest, BadVectors, Conflict, ModelMismatch),
    )
    async def enroll_vectors(
        home: PathStore, draft: VectorsDraft, deadline: RequestDeadline
    ) -> VectorsAnswer:
        """Store vectors that the store's face network has made elsewhere, all or none.

        `model` is what `/v1/cluster` calls the network: 409 `MODEL_MISMATCH` otherwise. Whom the
        vectors are like is not looked at. One that its FaceId has already changes nothing, and one
        of somebody who was erased does not come back.
        """
        return await enrollments.enroll_vectors(home, draft, deadline)

    return routes
