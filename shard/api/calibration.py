"""Calibration over HTTP: scores leave the shard, vectors do not."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contract.deadline import Deadline
from contract.messages.calibration import Calibration
from service.http.problems import RESPONSES
from shard.api import examples
from shard.api.parameters import Rate, deadline_within
from shard.recognition.calibration import by_face, calibrate
from shard.service import Service


def calibration_routes(service: Service, seconds: float) -> APIRouter:
    """Return the route that measures the store's own scores."""
    router = APIRouter(tags=["recognition"], responses=RESPONSES)
    within = Depends(deadline_within(seconds))

    @router.get("/calibration", responses=examples.answer(examples.CALIBRATION))
    async def get_calibration(
        deadline: Annotated[Deadline, within], rate: Rate = None
    ) -> Calibration:
        """How alike the faces of this store are, and what its threshold does to them."""
        collection = service.complete_collection()

        def measure() -> Calibration:
            templates = collection.templates().items()
            owned = by_face({number: (card.face_id, v) for number, (card, v) in templates})
            wanted = service.store.threshold if rate is None else rate
            return calibrate(owned, service.cohort, service.store.id, wanted)

        return await service.threads.search(deadline, measure)

    return router
