"""The routes that cameras push to, by their makers' own means."""

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from contract.errors import BadKey, KeyReused, TooManyPictures
from contract.text.identifiers import Camera, Frame, Track
from gateway.camera_watch.agent import Agent
from gateway.chain.shard_request import Picture
from gateway.http.parameters import stores_of
from gateway.push.push_door import PushDoor, Said
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.frame_key import frame_name
from gateway.recognition.picture_upload import read_picture
from service.http.problems import problems
from service.http.request_deadline import deadline_of
from service.http.routes import Routes

PATH = "/v1/stores/{store}/cameras/{camera}/push"

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "a picture, alone or in parts of any names, or in base64; with the event",
        "content": {"image/*": _BINARY, "application/octet-stream": _BINARY},
    }
}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Taken: what came of it, in a line, or in the form that the maker expects",
        "content": {"text/plain": {"example": "OK: 1 face\n"}, "application/json": {}},
    }
}
_DOCUMENTED: dict[str, Any] = {
    "response_class": Response,
    "openapi_extra": _BODY,
    "responses": _ANSWER | problems(BadKey, KeyReused, TooManyPictures),
}
_CAMERA = Path(description="which camera; it need not be in the store map")
_CAPTURED_AT = (
    "when the picture was taken, where neither the event nor the moment of its arrival says;"
    " without a zone by the store's clock"
)


class PushQuery(BaseModel):
    """What may be said in the address, of cameras whose events say nothing."""

    captured_at: str | None = Field(None, description=_CAPTURED_AT)
    track: Track | None = Field(None, description="whose frames are one person's")
    frame: Frame | None = Field(None, description="the camera's number of the frame")


def push_routes(door: PushDoor) -> Routes:
    """Return the routes; PUT is the same as POST, for cameras that know nothing else."""
    routes = Routes(tags=["cameras"])

    @routes.put(PATH, operation_id="push_by_put", **_DOCUMENTED)
    @routes.post(PATH, **_DOCUMENTED)
    async def push(
        request: Request,
        *,
        store: str,
        camera: Annotated[Camera, _CAMERA],
        pushed: Annotated[Picture, Depends(read_picture)],
        query: Annotated[PushQuery, Query()],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Take what a camera pushes, in its maker's form, and count who is to be seen.

        Time, track and id are read from the event that comes with the picture. What has no picture,
        or none that can be read, is answered 200, too, and counted in `/metrics`. PUT is the same.
        """
        stores = stores_of(request)
        camera_request = CameraRequest(
            stores=stores,
            home=stores.store(store),
            picture=pushed,
            deadline=deadline_of(request),
            camera=camera,
            counts=True,
            address=request.client and request.client.host,
            agent=Agent.of(request.headers),
        )
        key = frame_name(header=idempotency_key, camera=camera, frame=query.frame)
        said = Said(query.captured_at, query.track, key and f"push {key}")
        reply = await door.receive(camera_request, request.url.path, said)
        return Response(reply.body, media_type=reply.media_type)

    return routes
