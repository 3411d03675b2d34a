"""Searching all stores, and comparing two pictures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contract.deadline import Deadline
from contract.errors import NoFace
from contract.messages.recognition import CompareAnswer, SearchPictureAnswer
from gateway.chain.map_watcher import MapWatcher
from gateway.chain.shard_request import Picture, ShardRequest
from gateway.chain.shards import Shards
from gateway.http import examples
from gateway.recognition.member_names import MemberNames
from gateway.recognition.picture_search import PictureSearch
from gateway.recognition.picture_upload import picture_body, read_picture
from service.http.problems import RESPONSES, problems


def search_routes(
    watcher: MapWatcher,
    search: PictureSearch,
    shards: Shards,
    *,
    names: MemberNames,
    request_seconds: float,
) -> APIRouter:
    """Return the routes that belong to no store."""
    routes = APIRouter(prefix="/v1", tags=["search"], responses=RESPONSES)

    @routes.post(
        "/search", openapi_extra=picture_body(), responses=examples.answer(examples.SEARCHED)
    )
    async def search_faces(
        picture: Annotated[Picture, Depends(read_picture)],
        candidates: Annotated[
            int, Query(ge=1, le=20, description="how many a face, passing or not")
        ] = 5,
    ) -> SearchPictureAnswer:
        """Find the people of a picture in all stores; nothing is stored."""
        deadline = Deadline(request_seconds)
        answer = await search.search(watcher.current, picture, candidates, deadline)
        return answer.model_copy(update={"faces": await names.searched(answer.faces, deadline)})

    @routes.post(
        "/compare",
        openapi_extra=picture_body(images=2, raw=False),
        responses=examples.answer(examples.COMPARED) | problems(NoFace),
    )
    async def compare_faces(picture: Annotated[Picture, Depends(read_picture)]) -> CompareAnswer:
        """Say whether the largest faces of two pictures are one person."""
        deadline = Deadline(request_seconds)
        request = ShardRequest("POST", "/compare", picture)
        everywhere = watcher.current.stores.values()
        return await shards.anywhere(everywhere, request, CompareAnswer, deadline)

    return routes
