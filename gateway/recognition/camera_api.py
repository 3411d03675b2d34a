"""The route that cameras post to."""

import json
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from pydantic import BaseModel, Field

from contract.errors import (
    BadKey,
    BadRequest,
    BadTime,
    CapturedTooLongAgo,
    KeyReused,
    TooManyPictures,
)
from contract.messages.recognition import RecognizeAnswer
from contract.stores.detection import Detector
from contract.text.identifiers import Camera, Frame, Track
from gateway.camera_watch.agent import Agent
from gateway.chain.shard_request import Picture
from gateway.http.caller import caller_of
from gateway.http.parameters import stores_of
from gateway.recognition import examples
from gateway.recognition.camera_pictures import CameraPictures
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.capture_time import CaptureTime
from gateway.recognition.frame_key import frame_key
from gateway.recognition.idempotency import IdempotentAnswers
from gateway.recognition.picture_upload import form_fields, picture_body, read_picture
from service.http.examples import example_of
from service.http.fast_path import FastPath
from service.http.problems import problems
from service.http.request_deadline import deadline_of
from service.http.routes import Routes

_CAPTURED_AT = (
    "when the frame was taken, RFC 3339 with a zone; now if left out. At most 7 days ago; a moment"
    " in the future is taken as now"
)
_FRAME = "the camera's number of the frame: sent again it is answered again and not counted"
_CUT_OUT = (
    "the picture is a part of a whole one, to which the camera's `rotate` and `region` were applied"
)
_KEY = "like `frame`, in the client's own words; kept for 24 hours"


PATH = "/v1/stores/{store}/recognize"
SHORT_PATH = "/recognize"
"""As the service of one store has it, in the course and in a shard."""


_WHO = ("face_id", "kind", "member", "candidates")
"""What an answer says of who a face is. A FaceId may be a name, too: that of a picture's file."""


class CameraQuery(BaseModel):
    """What a camera asks about its picture."""

    mint: bool = Field(True, description="give strangers a FaceId")
    candidates: int = Field(0, ge=0, le=20, description="add the best k, passing or not")
    camera: Camera | None = Field(None, description="which camera: its tracks are its own")
    track: Track | None = Field(None, description="whose frames are one person's")
    captured_at: str | None = Field(None, description=_CAPTURED_AT)
    visit: bool = Field(True, description="count those with a FaceId as visits")
    frame: Frame | None = Field(None, description=_FRAME)
    cut_out: bool = Field(False, description=_CUT_OUT)
    detector: Detector | None = Field(None, description="default: the store's")


class CameraEndpoint:
    """`POST /v1/stores/{store}/recognize`, through the framework and around it."""

    def __init__(self, pictures: CameraPictures, idempotent: IdempotentAnswers) -> None:
        self._pictures = pictures
        self._idempotent = idempotent

    async def answer_directly(
        self, request: Request, path: dict[str, Any], query: CameraQuery
    ) -> Response:
        """Answer a request that came by the fast path."""
        picture = await read_picture(request)
        key = request.headers.get("idempotency-key")
        return await self.answer(request, path["store"], picture, query, key)

    async def answer(
        self,
        request: Request,
        store: str,
        picture: Picture,
        query: CameraQuery,
        idempotency_key: str | None,
    ) -> Response:
        """Answer a request whose parameters are read."""
        stores = stores_of(request)
        home = stores.store(store)
        deadline = deadline_of(request)
        agent = Agent.of(request.headers)
        with self._pictures.watching(home, query.camera, agent):
            capture_time = CaptureTime.of(query.captured_at)
            key = frame_key(
                home.id,
                header=idempotency_key,
                camera=query.camera,
                frame=query.frame,
                query=request.query_params.multi_items(),
                picture=picture,
            )
        camera_request = CameraRequest(
            stores=stores,
            home=home,
            picture=picture,
            deadline=deadline,
            mint=query.mint,
            candidates=query.candidates,
            camera=query.camera,
            track=query.track,
            counts=query.visit,
            cut_out=query.cut_out,
            detector=query.detector,
            address=request.client and request.client.host,
            agent=agent,
        )
        receive = partial(self._pictures.receive, camera_request, capture_time)
        body = await self._idempotent.answer(key, deadline, receive)
        if not caller_of(request).names:
            body = without_names(body)
        return Response(body, media_type="application/json")


def camera_routes(endpoint: CameraEndpoint) -> Routes:
    """Return the cameras' routes."""
    routes = Routes(tags=["cameras"])

    @routes.post(
        PATH,
        response_model=RecognizeAnswer,
        openapi_extra=picture_body(),
        responses=example_of(examples.RECOGNIZED)
        | problems(BadTime, BadKey, KeyReused, CapturedTooLongAgo, TooManyPictures),
    )
    async def recognize(
        request: Request,
        store: str,
        picture: Annotated[Picture, Depends(read_picture)],
        query: Annotated[CameraQuery, Query()],
        idempotency_key: Annotated[str | None, Header(description=_KEY)] = None,
    ) -> Response:
        """Say who is in the picture: every face with its FaceId, home store, match and visit.

        The frames of one `track`, and several pictures in one request, are one person walking in:
        they are fused, that person comes first, and every answer is the best knowledge so far.
        """
        return await endpoint.answer(request, store, picture, query, idempotency_key)

    @routes.post(SHORT_PATH, include_in_schema=False)
    async def recognize_somewhere(
        request: Request,
        picture: Annotated[Picture, Depends(read_picture)],
        query: Annotated[CameraQuery, Query()],
        store: str | None = None,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """As `recognize` in the one store that there is, or in `store` of the query or form."""
        named = store or (await form_fields(request)).get("store")
        home = named or _only_store(request)
        return await endpoint.answer(request, home, picture, query, idempotency_key)

    return routes


def without_names(body: bytes) -> bytes:
    """Return the answer of a recognition without all that says who somebody is."""
    answer = json.loads(body)
    for face in answer["faces"]:
        face.update({name: None for name in _WHO if name in face})
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _only_store(request: Request) -> str:
    """Return the one store of the map. Raises BadRequest when there are others."""
    stores = stores_of(request).stores
    if len(stores) != 1:
        raise BadRequest(f"say which `store`: there are {len(stores)}")
    return next(iter(stores))


def add_fast_path(app: FastAPI, endpoint: CameraEndpoint) -> None:
    """Lead cameras around the framework; call it before what every request shall go through."""
    app.add_middleware(
        FastPath[CameraQuery], path=PATH, query=CameraQuery, answer=endpoint.answer_directly
    )
