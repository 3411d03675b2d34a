"""The route that cameras post to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from contract.deadline import HEADER, Deadline
from contract.messages import RecognizeAnswer
from contract.problem_api import RESPONSES
from gateway import examples
from gateway.camera_request import CameraRequest
from gateway.map_watcher import MapWatcher
from gateway.picture_upload import picture_body, read_picture
from gateway.recognition import Recognition
from gateway.shard_client import Picture


def camera_routes(
    watcher: MapWatcher, recognition: Recognition, request_seconds: float
) -> APIRouter:
    """Return the cameras' routes."""
    routes = APIRouter(prefix="/v1/stores/{store}", tags=["cameras"], responses=RESPONSES)

    @routes.post(
        "/recognize",
        openapi_extra=picture_body(),
        responses=examples.answer(examples.RECOGNIZED),
    )
    async def recognize(
        *,
        request: Request,
        store: str,
        picture: Annotated[Picture, Depends(read_picture)],
        mint: Annotated[bool, Query(description="give strangers a FaceId")] = True,
        candidates: Annotated[
            int, Query(ge=0, le=20, description="add the best k, passing or not")
        ] = 0,
        camera: Annotated[
            str | None, Query(max_length=100, description="which camera: its tracks are its own")
        ] = None,
        track: Annotated[
            str | None,
            Query(min_length=1, max_length=100, description="whose frames are one person's"),
        ] = None,
    ) -> RecognizeAnswer:
        """Say who is in the picture: every face with its FaceId, home store and match.

        The frames of one `track`, and several pictures in one request, are one person walking in:
        they are fused, that person comes first, and every answer is the best knowledge so far.
        """
        stores = watcher.current
        deadline = Deadline.from_header(request.headers.get(HEADER), request_seconds)
        return await recognition.recognise(
            CameraRequest(
                stores=stores,
                home=stores.store(store),
                picture=picture,
                deadline=deadline,
                mint=mint,
                candidates=candidates,
                camera=camera,
                track=track,
            )
        )

    return routes
