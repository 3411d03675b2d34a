"""The route that cameras post to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from contract.deadline import HEADER, Deadline
from contract.messages import RecognizeAnswer
from contract.problem_api import RESPONSES
from gateway import examples
from gateway.camera_request import CameraRequest
from gateway.captured import Captured
from gateway.frame_key import frame_key
from gateway.map_watcher import MapWatcher
from gateway.once import Once
from gateway.picture_upload import picture_body, read_picture
from gateway.shard_client import Picture
from gateway.visits import Visits

_CAPTURED_AT = (
    "when the frame was taken, RFC 3339 with a zone; now if left out. At most 7 days ago; a moment"
    " in the future is taken as now"
)
_FRAME = "the camera's number of the frame: sent again it is answered again and not counted"
_KEY = "like `frame`, in the client's own words; kept for 24 hours"


def camera_routes(
    watcher: MapWatcher, visits: Visits, once: Once, request_seconds: float
) -> APIRouter:
    """Return the cameras' routes."""
    routes = APIRouter(prefix="/v1/stores/{store}", tags=["cameras"], responses=RESPONSES)

    @routes.post(
        "/recognize",
        response_model=RecognizeAnswer,
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
        captured_at: Annotated[str | None, Query(description=_CAPTURED_AT)] = None,
        visit: Annotated[bool, Query(description="count those with a FaceId as visits")] = True,
        frame: Annotated[str | None, Query(max_length=100, description=_FRAME)] = None,
        idempotency_key: Annotated[str | None, Header(description=_KEY)] = None,
    ) -> Response:
        """Say who is in the picture: every face with its FaceId, home store, match and visit.

        The frames of one `track`, and several pictures in one request, are one person walking in:
        they are fused, that person comes first, and every answer is the best knowledge so far.
        """
        stores = watcher.current
        home = stores.store(store)
        deadline = Deadline.from_header(request.headers.get(HEADER), request_seconds)
        captured = Captured.of(captured_at)
        asked = CameraRequest(
            stores=stores,
            home=home,
            picture=picture,
            deadline=deadline,
            mint=mint,
            candidates=candidates,
            camera=camera,
            track=track,
        )
        key = frame_key(
            home.id,
            header=idempotency_key,
            camera=camera,
            frame=frame,
            query=request.query_params.multi_items(),
            picture=picture,
        )
        if key is None:
            body = await visits.receive(asked, captured, visit, None)
        else:
            body = await once.answer(
                key, deadline, lambda claim: visits.receive(asked, captured, visit, claim)
            )
        return Response(body, media_type="application/json")

    return routes
