"""Recognition over HTTP: pictures and vectors in, FaceIds out."""

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from contract.deadline import Deadline
from contract.errors import BadRequest
from contract.messages.message import Message
from contract.messages.recognition import CompareAnswer
from contract.messages.shard_answers import EncodeAnswer, SearchAnswer, ShardAnswer
from contract.vectors import MODEL_HEADER
from service.http.examples import example_of
from service.http.fast_path import FastPath
from service.http.request_deadline import deadline_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService, service_of
from shard.api.parameters import ChosenDetection, RecognizeQuery, SearchQuery, frames_of, rates_of
from shard.api.picture_upload import (
    VECTORS_BODY,
    all_pictures,
    picture_body,
    read_upload,
    read_vectors,
)
from shard.api.request_deadline import RequestDeadline
from shard.recognition.comparison import compare
from shard.recognition.encoding import encode
from shard.recognition.recognition import RecognitionOptions, recognize
from shard.recognition.search_answers import search_answer
from shard.search_batches import SearchQuestion
from shard.service import Service

PATH, SEARCH_PATH = "/recognize", "/search"


class RecognizeEndpoint:
    """`POST /recognize`, for requests that come through the framework and around it."""

    async def answer_directly(
        self, request: Request, path: dict[str, Any], query: RecognizeQuery
    ) -> Response:
        """Answer a request that came around the framework."""
        return await self.answer(service_of(request), request, query, deadline_of(request))

    async def answer(
        self, service: Service, request: Request, query: RecognizeQuery, deadline: Deadline
    ) -> Response:
        """Answer a request whose parameters are read."""
        service.complete_collection()
        pictures = all_pictures(await read_upload(request))
        options = RecognitionOptions(
            rates_of(service.store, query.rate, query.visitor_rate),
            query.detection(service.store),
            query.candidates,
            query.vectors,
            query.track_id,
            query.remember,
            query.learning,
        )
        return _answer(service, await recognize(service, pictures, options, deadline))


def add_fast_path(app: FastAPI, endpoint: RecognizeEndpoint) -> None:
    """Lead pictures and searches around the framework, which a chain asks each of its stores.

    Call it before what every request shall go through.
    """
    app.add_middleware(
        FastPath[RecognizeQuery], path=PATH, query=RecognizeQuery, answer=endpoint.answer_directly
    )
    app.add_middleware(
        FastPath[SearchQuery], path=SEARCH_PATH, query=SearchQuery, answer=_search_directly
    )


def recognition_routes(endpoint: RecognizeEndpoint) -> Routes:
    """Return the routes that recognize, encode, compare and search."""
    router = Routes(tags=["recognition"])

    @router.post(
        PATH,
        response_model=ShardAnswer,
        openapi_extra=picture_body(),
        responses=example_of(examples.RECOGNIZED),
    )
    async def recognize(
        service: ChosenService,
        request: Request,
        deadline: RequestDeadline,
        query: Annotated[RecognizeQuery, Query()],
    ) -> Response:
        """Who is in the picture: `result` is the FaceId of the largest face, or null.

        Several pictures, or those of one `track`, are frames of one person, who comes first.
        """
        return await endpoint.answer(service, request, query, deadline)

    @router.post(
        "/encode",
        response_model=EncodeAnswer,
        openapi_extra=picture_body(),
        responses=example_of(examples.ENCODED),
    )
    async def encode_faces(
        service: ChosenService,
        request: Request,
        deadline: RequestDeadline,
        detection: ChosenDetection,
    ) -> Response:
        """Faces and vectors of a picture, for a gateway whose home shard is down."""
        pictures = all_pictures(await read_upload(request))
        return _answer(service, await encode(service, pictures, detection, deadline))

    @router.post(
        "/compare",
        openapi_extra=picture_body(images=2),
        responses=example_of(examples.COMPARED),
    )
    async def compare_faces(
        service: ChosenService, request: Request, deadline: RequestDeadline
    ) -> CompareAnswer:
        """Whether two pictures, both called `image` or the second one `other`, show one person."""
        upload = await read_upload(request, frozenset({"image", "other"}))
        if len(upload.pictures) != 2:
            expected = "two pictures are expected, a form's `image` and `image` or `other`"
            raise BadRequest(f"{expected}: {upload.found}")
        first, second = upload.pictures
        return await compare(service, (first, second), deadline)

    @router.post(
        SEARCH_PATH,
        response_model=SearchAnswer,
        openapi_extra=SearchQuery.described(VECTORS_BODY),
        responses=example_of(examples.SEARCHED),
    )
    async def search_vectors(request: Request) -> Response:
        """The best `k` FaceIds for each vector, whether or not they are alike enough to match.

        The vectors may be of the store's second model, if it has one.
        """
        # For what does not come around the framework: a query that is refused, above all.
        return await _search_directly(request, {}, SearchQuery.of(request))

    return router


async def _search_directly(request: Request, path: dict[str, Any], query: SearchQuery) -> Response:
    service, deadline = service_of(request), deadline_of(request)
    model, vectors, _ = await read_vectors(request, service.models)
    collection = service.complete_collection().of_model(model)
    assert collection is not None, "one of the two"
    frames = frames_of(query.frames, len(vectors))
    places = query.places_among(collection.scale.cohort, len(vectors))
    with service.metrics.stage("search"):
        question = SearchQuestion(collection, query.k, query.scope)
        found = await service.searches.search(deadline, question, vectors, places)
    answer = search_answer(
        service.store.id,
        collection,
        found.hits,
        rates=rates_of(service.store, query.rate, query.visitor_rate),
        frames=frames,
        scope=query.scope,
        templates=query.templates,
    )
    return _answer(service, answer)


def _answer(service: Service, message: Message) -> Response:
    """Return `message` as it is: the framework would validate it once more."""
    return Response(
        message.model_dump_json(),
        headers={MODEL_HEADER: service.encoder.model},
        media_type="application/json",
    )
