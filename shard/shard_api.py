"""Recognition over HTTP: pictures and vectors in, FaceIds out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from contract.deadline import HEADER, Deadline
from contract.detection import Detection
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
from shard.identify import (
    Question,
    candidates_of,
    compare,
    encode,
    recognise,
    shown_threshold,
)
from shard.parameters_api import (
    Rate,
    SearchQuery,
    deadline_within,
    detection_of,
    frames_of,
    track_of,
)
from shard.picture_upload import (
    VECTORS_BODY,
    all_pictures,
    picture_body,
    read_form,
    read_vectors,
)
from shard.service import Service
from shard.tracks import TrackKey


def recognition_routes(service: Service, seconds: float) -> APIRouter:
    """Return the routes that recognise; none takes longer than `seconds`."""
    router = APIRouter(tags=["recognition"], responses=RESPONSES)
    within = Depends(deadline_within(seconds))
    looking = Depends(detection_of(service.store))

    @router.post(
        "/recognize",
        response_model=ShardAnswer,
        openapi_extra=picture_body(),
        responses=examples.answer(examples.RECOGNIZED),
    )
    async def recognise_picture(
        *,
        request: Request,
        deadline: Annotated[Deadline, within],
        candidates: Annotated[int, Query(ge=0, le=20)] = 0,
        vectors: Annotated[bool, Query(description="show the vectors of unknown faces")] = False,
        rate: Rate = None,
        detection: Annotated[Detection, looking],
        track: Annotated[TrackKey | None, Depends(track_of)],
    ) -> Response:
        """Who is in the picture: `result` is the FaceId of the largest face, or null.

        Several pictures, or those of one `track`, are frames of one person, who comes first.
        """
        service.complete_collection()
        pictures = all_pictures(await read_form(request))
        share = rate or service.store.threshold
        question = Question(share, detection, candidates, vectors, track)
        return _answer(service, await recognise(service, pictures, question, deadline))

    @router.post(
        "/encode",
        response_model=EncodeAnswer,
        openapi_extra=picture_body(),
        responses=examples.answer(examples.ENCODED),
    )
    async def encode_picture(
        request: Request,
        deadline: Annotated[Deadline, within],
        detection: Annotated[Detection, looking],
    ) -> Response:
        """Faces and vectors of a picture, for a gateway whose home shard is down."""
        pictures = all_pictures(await read_form(request))
        return _answer(service, await encode(service, pictures, detection, deadline))

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
        """The best `k` FaceIds for each vector, whether or not they are alike enough to match."""
        # Parameters that the framework resolves would cost a third of this route's time, and of
        # all routes it is called as often as there are stores.
        deadline = Deadline.from_header(request.headers.get(HEADER), seconds)
        query = SearchQuery.of(request)
        collection = service.complete_collection()
        model, dimension = service.encoder.model, service.encoder.dimension
        vectors = await read_vectors(request, model, dimension)
        frames = frames_of(query.frames, len(vectors))
        places = query.places_among(service.cohort, len(vectors))
        with service.metrics.stage("search"):
            rows = await service.threads.search(
                deadline, collection.search, vectors, query.k, query.scope, places
            )
        store, rate = service.store.id, query.rate or service.store.threshold
        needed = [
            collection.threshold(rate, fused, query.scope, query.templates) for fused in frames
        ]
        results = [
            candidates_of(row, store, score) for row, score in zip(rows, needed, strict=True)
        ]
        thresholds = [shown_threshold(score) for score in needed]
        answer = SearchAnswer(store=store, model=model, results=results, thresholds=thresholds)
        return _answer(service, answer)

    return router


def _answer(service: Service, message: Message) -> Response:
    """Return `message` as it is: the framework would validate it once more."""
    return Response(
        message.model_dump_json(),
        headers={MODEL_HEADER: service.encoder.model},
        media_type="application/json",
    )
