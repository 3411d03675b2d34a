"""Calibration over HTTP: scores leave the shard, vectors do not."""

from contract.messages.calibration import Calibration
from service.http.examples import CALIBRATION, example_of
from service.http.routes import Routes
from shard.api.chosen_store import ChosenService
from shard.api.parameters import Rate
from shard.api.request_deadline import RequestDeadline
from shard.recognition.calibration import by_face, calibrate


def calibration_routes() -> Routes:
    """Return the route that measures the store's own scores."""
    router = Routes(tags=["recognition"])

    @router.get("/calibration", responses=example_of(CALIBRATION))
    async def get_calibration(
        service: ChosenService, deadline: RequestDeadline, rate: Rate = None
    ) -> Calibration:
        """How alike the faces of this store are, and what its threshold does to them."""
        collection = service.complete_collection()
        learned = await service.threads.record(deadline, collection.gallery.learned_numbers)

        def measure() -> Calibration:
            templates = {
                number: (face.face_id, vector)
                for number, (face, vector) in collection.templates().items()
                if number not in learned  # because they are alike: they would flatter it
            }
            owned = by_face(templates)
            wanted = service.store.threshold if rate is None else rate
            store = service.store
            return calibrate(owned, service.scale, store.id, wanted, store.same_visitor)

        return await service.threads.search(deadline, measure)

    return router
