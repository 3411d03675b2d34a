"""The members whom other stores may find, for the directory of a chain."""

from typing import Annotated

import numpy as np
from fastapi import Query

from contract.messages.directory.roaming_changes import RoamingChanges, RoamingFace
from contract.vectors import to_text
from scoring.cohort import Cohort, fuse, unit
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.request_deadline import RequestDeadline
from shard.gallery.indexing.roaming_faces import RoamingTemplates


def roaming_routes() -> Routes:
    """Return the route of a directory."""
    routes = Routes(tags=["updates"])

    @routes.get("/roaming", responses=example_of(examples.ROAMING))
    async def list_roaming(
        service: ChosenService,
        deadline: RequestDeadline,
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> RoamingChanges:
        """What happened after a change to members whom other stores may find, page by page.

        A FaceId is its mean vector of the served model, as the index has it.
        """
        collection = service.complete_collection()
        page = await service.threads.record(deadline, collection.roaming, after, limit)
        cohort = collection.scale.cohort
        faces = await service.threads.search(deadline, _placed, page.faces, cohort)
        return RoamingChanges(
            store=service.store.id,
            model=collection.model,
            cohort=cohort.name,
            seq=page.seq,
            last=page.last,
            faces=faces,
            gone=page.gone,
        )

    return routes


def _placed(faces: list[RoamingTemplates], cohort: Cohort) -> list[RoamingFace]:
    """Return the mean vectors of FaceIds with their places; those not stored yet are told now."""
    means = {face.number: fuse(unit(face.vectors)) for face in faces}
    places = {face.number: face.place for face in faces if face.place is not None}
    if unplaced := [face for face in faces if face.place is None]:
        told = cohort.place(
            np.stack([means[face.number] for face in unplaced]), [face.frames for face in unplaced]
        )
        places |= zip((face.number for face in unplaced), told.pairs, strict=True)
    return [
        RoamingFace(number=number, vector=to_text(mean), place=places[number])
        for number, mean in means.items()
    ]
