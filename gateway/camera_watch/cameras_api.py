"""Cameras over HTTP: how they are."""

from typing import Annotated

from fastapi import Query

from contract.messages.cameras.camera_status import CameraList, ForgottenCamera
from contract.text.identifiers import CAMERA
from gateway.camera_watch import examples
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.http.parameters import PathStore, RequestDeadline, StoresInForce
from service.http.examples import example_of
from service.http.routes import Routes


def cameras_routes(watch: CameraWatch) -> Routes:
    """Return the routes of cameras."""
    routes = Routes(prefix="/v1", tags=["cameras"])

    @routes.get("/cameras", responses=example_of(examples.CAMERAS))
    async def list_cameras(
        stores: StoresInForce,
        deadline: RequestDeadline,
        store: Annotated[str | None, Query(description="its cameras alone")] = None,
    ) -> CameraList:
        """Say how the cameras are that the map lists, and those that have sent something."""
        chosen = stores.stores.values() if store is None else [stores.store(store)]
        return CameraList(cameras=await watch.list_cameras(chosen, deadline))

    @routes.delete("/stores/{store}/cameras/{camera}", responses=example_of(examples.FORGOTTEN))
    async def forget_camera(home: PathStore, camera: str) -> ForgottenCamera:
        """Forget a camera that is gone, so that it is not missed; visits stay as they are.

        It is listed again when it sends something. One of the store map stays listed, without what
        it has sent.
        """
        name = CAMERA(camera)
        known = await watch.forget(home.id, name)
        listed = name in home.cameras
        return ForgottenCamera(store=home.id, camera=name, known=known, listed=listed)

    return routes
