"""Searching all stores, and comparing two pictures."""

from typing import Annotated

from fastapi import Depends, Query

from contract.errors import NoFace
from contract.messages.recognition import CompareAnswer, SearchPictureAnswer
from gateway.chain.shard_request import Picture, ShardRequest
from gateway.chain.shards import Shards
from gateway.http.parameters import RequestDeadline, StoresInForce
from gateway.recognition import examples
from gateway.recognition.member_names import MemberNames
from gateway.recognition.picture_search import PictureSearch
from gateway.recognition.picture_upload import picture_body, read_picture
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def search_routes(
    search: PictureSearch,
    shards: Shards,
    *,
    names: MemberNames,
) -> Routes:
    """Return the routes that belong to no store."""
    routes = Routes(prefix="/v1", tags=["search"])

    @routes.post("/search", openapi_extra=picture_body(), responses=example_of(examples.SEARCHED))
    async def search_faces(
        picture: Annotated[Picture, Depends(read_picture)],
        stores: StoresInForce,
        deadline: RequestDeadline,
        candidates: Annotated[
            int, Query(ge=1, le=20, description="how many a face, passing or not")
        ] = 5,
    ) -> SearchPictureAnswer:
        """Find the people of a picture in all stores; nothing is stored."""
        answer = await search.search(stores, picture, candidates, deadline)
        return answer.model_copy(update={"faces": await names.searched(answer.faces, deadline)})

    @routes.post(
        "/compare",
        openapi_extra=picture_body(images=2, raw=False),
        responses=example_of(examples.COMPARED) | problems(NoFace),
    )
    async def compare_faces(
        picture: Annotated[Picture, Depends(read_picture)],
        stores: StoresInForce,
        deadline: RequestDeadline,
    ) -> CompareAnswer:
        """Say whether the largest faces of two pictures are one person."""
        request = ShardRequest("POST", "/compare", picture)
        return await shards.anywhere(stores.stores.values(), request, CompareAnswer, deadline)

    return routes
