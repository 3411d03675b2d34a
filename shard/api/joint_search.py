"""One search in several of the process's stores, over HTTP: for the gateway alone."""

from fastapi import Request
from fastapi.responses import Response

from contract.errors import BadRequest, BadVectors, FacegateError, ModelMismatch
from contract.messages.by_kind import ByKind
from contract.messages.shard_answers import JointSearchAnswer, JointSearchOrder, SearchAnswer
from contract.stores.rate import HIGHEST
from contract.vectors import Vectors, body_of
from scoring.cohort import Places
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import services_of
from shard.api.picture_upload import unit_vectors
from shard.api.request_deadline import RequestDeadline
from shard.index.collection import Collection
from shard.index.hit import Hit
from shard.index.joint_search import Found, joint_search
from shard.recognition.search_answers import search_answer
from shard.services import Services
from shard.shared_parts import SharedParts


def joint_search_routes(shared: SharedParts) -> Routes:
    """Return the route that searches several stores at once."""
    router = Routes(route_class=StrictJsonRoute, tags=["recognition"])
    threads = shared.threads.search.with_own_queue()

    @router.post(
        "/search/together",
        response_model=JointSearchAnswer,
        responses=example_of(examples.SEARCHED_TOGETHER) | problems(BadVectors),
    )
    async def search_together(
        request: Request, order: JointSearchOrder, deadline: RequestDeadline
    ) -> Response:
        """What a search in each of the stores would find, as far as it matters for who it is.

        A store that cannot be searched now is named with the code of its refusal.
        """
        services = services_of(request)
        collections, failed = _collections(services, order)
        found: dict[str, Found] = {}
        if collections:
            some = next(iter(collections.values()))
            probes, places = _probes(order, some)
            needed = [_least_needed(some, order, fused) for fused in order.frames]
            found = await threads.run(
                deadline,
                lambda: joint_search(
                    collections, probes, order.k, order.scope, places=places, needed=needed
                ),
            )
        answers = []
        for store, rows in found.items():
            if isinstance(rows, FacegateError):
                failed[store] = rows.code
            else:
                answers.append(_answer(store, collections[store], rows, order))
        others = [store for store in collections if store not in found]
        answer = JointSearchAnswer(answers=answers, others=others, failed=failed)
        return Response(answer.model_dump_json(), media_type="application/json")

    return router


def _collections(
    services: Services, order: JointSearchOrder
) -> tuple[dict[str, Collection], dict[str, str]]:
    """Return the faces of the stores that can be searched, and why the others cannot be."""
    found: dict[str, Collection] = {}
    failed: dict[str, str] = {}
    for store in order.stores:
        try:
            collection = services.of(store).complete_collection().of_model(order.model)
        except FacegateError as error:
            failed[store] = error.code
        else:
            if collection is None:
                failed[store] = ModelMismatch.code
            else:
                found[store] = collection
    return found, failed


def _probes(order: JointSearchOrder, collection: Collection) -> tuple[Vectors, Places | None]:
    """Return the unit vectors, and their places where these are of use.

    `collection` is one of those that are searched. Raises BadRequest and BadVectors.
    """
    vectors = unit_vectors(body_of(order.vectors), collection.dimension)
    if len(vectors) != len(order.frames):
        raise BadRequest(f"frames: {len(order.frames)} numbers for {len(vectors)} vectors")
    if not order.places or order.cohort != collection.scale.cohort.name:
        return vectors, None
    if len(order.places) != len(vectors):
        raise BadRequest(f"places: {len(order.places)} for {len(vectors)} vectors")
    return vectors, Places.of_pairs(order.places)


def _answer(
    store: str, collection: Collection, rows: list[list[Hit]], order: JointSearchOrder
) -> SearchAnswer:
    return search_answer(
        store,
        collection,
        rows,
        rates=ByKind(order.rate, order.visitor_rate),
        frames=order.frames,
        scope=order.scope,
        templates=order.templates,
    )


def _least_needed(collection: Collection, order: JointSearchOrder, frames: int) -> float:
    """Return a score that everybody who passes has, in whichever store of the process.

    The more FaceIds there are, the more is needed; no store has fewer than one of whom it matters.
    """
    rate = min(HIGHEST, max(order.rate, order.visitor_rate))
    return collection.scale.parameters.threshold(max(1, order.templates), rate, frames)
