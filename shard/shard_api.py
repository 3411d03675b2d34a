"""Recognition over HTTP: pictures and vectors in, FaceIds out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from contract.deadline import HEADER, Deadline
from contract.errors import BadRequest
from contract.messages import (
    CompareAnswer,
    EncodeAnswer,
    Message,
    SearchAnswer,
    ShardAnswer,
)
from contract.problem_api import RESPONSES
from contract.vectors import MODEL_HEADER
from shard import examples
from shard.identify import Question, candidate_of, compare, encode, recognise
from shard.parameters_api import MaxDistance, SearchQuery, deadline_within
from shard.picture_upload import (
    VECTORS_BODY,
    only_picture,
    picture_body,
    read_form,
    read_vectors,
)
from shard.service import Service


def recognition_routes(service: Service, seconds: float) -> APIRouter:
    """Return the routes that recognise; none takes longer than `seconds`."""
    router = APIRouter(tags=["recognition"], responses=RESPONSES)
    within = Depends(deadline_within(seconds))

    @router.post(
        "/recognize",
        response_model=ShardAnswer,
        openapi_extra=picture_body(),
        responses=examples.answer(examples.RECOGNIZED),
    )
    async def recognise_picture(
        request: Request,
        deadline: Annotated[Deadline, within],
        candidates: Annotated[int, Query(ge=0, le=20)] = 0,
        vectors: Annotated[bool, Query(description="show the vectors of unknown faces")] = False,
        max_distance: MaxDistance = None,
    ) -> Response:
        """Who is in the picture: `result` is the FaceId of the largest face, or null."""
        service.complete_collection()
        picture = only_picture(await read_form(request))
        limit = max_distance or service.store.max_distance
        question = Question(limit, candidates, vectors)
        return _answer(service, await recognise(service, picture, question, deadline))

    @router.post(
        "/encode",
        response_model=EncodeAnswer,
        openapi_extra=picture_body(),
        responses=examples.answer(examples.ENCODED),
    )
    async def encode_picture(request: Request, deadline: Annotated[Deadline, within]) -> Response:
        """Faces and vectors of a picture, for a gateway whose home shard is down."""
        picture = only_picture(await read_form(request))
        return _answer(service, await encode(service, picture, deadline))

    @router.post(
        "/compare",
        openapi_extra=picture_body(images=2),
        responses=examples.answer(examples.COMPARED),
    )
    async def compare_pictures(
        request: Request, deadline: Annotated[Deadline, within]
    ) -> CompareAnswer:
        """Whether two pictures, both called `image` or the second one `other`, show one person."""
        form = await read_form(request, frozenset({"image", "other"}))
        if len(form.pictures) != 2:
            raise BadRequest("two pictures are expected: files `image` and `image` or `other`")
        first, second = form.pictures
        return await compare(service, (first, second), deadline)

    @router.post(
        "/search",
        response_model=SearchAnswer,
        openapi_extra=SearchQuery.described(VECTORS_BODY),
        responses=examples.answer(examples.SEARCHED),
    )
    async def search(request: Request) -> Response:
        """The best `k` FaceIds for each vector, whether or not they are near enough to match."""
        # Parameters that the framework resolves would cost a third of this route's time, and of
        # all routes it is called as often as there are stores.
        deadline = Deadline.from_header(request.headers.get(HEADER), seconds)
        query = SearchQuery.of(request)
        collection = service.complete_collection()
        model, dimension = service.encoder.model, service.encoder.dimension
        vectors = await read_vectors(request, model, dimension)
        with service.metrics.stage("search"):
            rows = await service.threads.search(
                deadline, collection.search, vectors, query.k, query.scope
            )
        store = service.store.id
        results = [[candidate_of(hit, store) for hit in row] for row in rows]
        return _answer(service, SearchAnswer(store=store, model=model, results=results))

    return router


def _answer(service: Service, message: Message) -> Response:
    """Return `message` as it is: the framework would validate it once more."""
    return Response(
        message.model_dump_json(),
        headers={MODEL_HEADER: service.encoder.model},
        media_type="application/json",
    )
