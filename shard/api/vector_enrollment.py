"""Vectors over HTTP that are to be enrolled."""

from contract.errors import BadRequest, BadVectors, ModelMismatch
from contract.messages.faces import VectorsAnswer, VectorsDraft
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.request_deadline import RequestDeadline
from shard.enrollment.vector_enrollment import enroll_vectors, new_templates


def vector_enrollment_routes() -> Routes:
    """Return the route that takes vectors into the gallery."""
    router = Routes(route_class=StrictJsonRoute, tags=["faces"])

    @router.post(
        "/faces/vectors",
        responses=example_of(examples.VECTORS_ENROLLED)
        | problems(BadRequest, BadVectors, ModelMismatch),
    )
    async def enroll_face_vectors(
        service: ChosenService, draft: VectorsDraft, deadline: RequestDeadline
    ) -> VectorsAnswer:
        """Store vectors that the store's network has made elsewhere, all or none."""
        service.check_writable()
        new = new_templates(draft, service.models)
        return await service.threads.record(
            deadline, enroll_vectors, service.collection, service.store.id, new
        )

    return router
