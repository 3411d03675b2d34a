"""Wires a shard."""

from asyncio import Event
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from contract.deadline import Deadline
from contract.errors import (
    BadRequest,
    Busy,
    ConfigurationError,
    DeadlineExceeded,
    NotReady,
    StorageError,
    StorageFull,
    StorageUnavailable,
    UnknownStore,
)
from contract.stores.store_map import Store
from encoder import AsyncEncoder
from service.background import Background, Job
from service.fair_turns import FairTurns
from service.garbage_collection import freeze_loaded_objects
from service.http.service_api import Lifespan, ServiceApi
from shard.agreement_record import AgreementRecord
from shard.api.calibration import calibration_routes
from shard.api.cluster_only import ClusterOnly
from shard.api.enrollment import enrollment_routes
from shard.api.faces import faces_routes
from shard.api.health import health_routes
from shard.api.joint_search import joint_search_routes
from shard.api.learning import learning_routes
from shard.api.minting import minting_routes
from shard.api.models import model_routes
from shard.api.recognition import RecognizeEndpoint, add_fast_path, recognition_routes
from shard.api.roaming import roaming_routes
from shard.api.sightings import sightings_routes
from shard.api.updates import update_routes
from shard.api.vector_enrollment import vector_enrollment_routes
from shard.api.visitors import visitors_routes
from shard.encoder_share import EncoderShare
from shard.index_upkeep import END_SECONDS, IndexUpkeep
from shard.served_stores import gallery_path
from shard.service import Service
from shard.services import Services
from shard.settings import ShardSettings
from shard.shared_parts import SharedParts
from shard.store_work import check_folder, start_work

_LOADING = 2
"""Stores of one process that are loaded at once: placing faces among the cohort takes room."""


def create_app(
    settings: ShardSettings,
    stores: Sequence[Store],
    encoder: AsyncEncoder,
    scale_folder: Path | None = None,
    second_scale_folder: Path | None = None,
) -> ServiceApi:
    """Return the application that serves `stores`, at least one; what they share is there once.

    `scale_folder` is where the scale of the encoder's model is, if it has one of its own,
    `second_scale_folder` where that of its second model is.

    Raises ConfigurationError; so does the lifespan of a single store, or StorageError, when the
    gallery cannot be served. Of several stores those that cannot be served say so, and the others
    are. The lifespan starts and closes `encoder`.
    """
    shared = SharedParts(
        encoder, scale_folder=scale_folder, second_scale_folder=second_scale_folder
    )
    services = Services(_services(settings, stores, shared))
    paths = {store.id: gallery_path(settings, store) for store in stores}
    app = ServiceApi(
        title=f"facegate shard of {_title(stores)}",
        description="Recognises the faces of its stores.",
        lifespan=_lifespan(services, shared, settings, paths),
        usual=(
            BadRequest,
            Busy,
            DeadlineExceeded,
            NotReady,
            StorageFull,
            StorageUnavailable,
            UnknownStore,
        ),
    )
    app.state.services = services
    endpoint = RecognizeEndpoint()
    _add_routes(app, shared, endpoint)
    add_fast_path(app, endpoint)
    certificate = settings.cluster_certificate("server")
    secret = settings.cluster_secret
    if secret or certificate:
        app.add_middleware(ClusterOnly, secret=secret, by_certificate=certificate is not None)
    if certificate is not None:
        app.tls = certificate
        app.show_certificate("cluster", certificate, shared.metrics.requests)
    names = [address.host for store in stores for address in store.shards]
    app.guard(settings, shared.metrics.requests, names=names)
    return app


def _title(stores: Sequence[Store]) -> str:
    return stores[0].id if len(stores) == 1 else f"{len(stores)} stores"


def _services(
    settings: ShardSettings, stores: Sequence[Store], shared: SharedParts
) -> list[Service]:
    """Return the stores' services; several take turns at the encoder, each with its own queue."""
    turns = FairTurns(settings.encoder_workers)
    most = settings.encoder_workers + settings.encoder_queue
    return [
        Service(
            store,
            shared,
            settings.read_only,
            settings.reencode,
            encoder=EncoderShare(shared.encoder, turns, most) if len(stores) > 1 else None,
            index=store.index or settings.index,
        )
        for store in stores
    ]


def _add_routes(app: ServiceApi, shared: SharedParts, endpoint: RecognizeEndpoint) -> None:
    app.serve(recognition_routes(endpoint))
    app.serve(joint_search_routes(shared))
    # Before `/faces/{face_id}`, which has other methods than `/faces/apart` and the like.
    app.serve(minting_routes())
    app.serve(learning_routes())
    app.serve(enrollment_routes())
    app.serve(vector_enrollment_routes())
    app.serve(faces_routes())
    app.serve(sightings_routes())
    app.serve(calibration_routes())
    app.serve(update_routes())
    app.serve(model_routes())
    app.serve(visitors_routes())
    app.serve(roaming_routes())
    app.serve(health_routes(shared.metrics))


def _lifespan(
    services: Services, shared: SharedParts, settings: ShardSettings, paths: dict[str, Path]
) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(shared.threads.close)
            for service in services:
                stack.push_async_callback(service.close)
            stack.push_async_callback(shared.encoder.close)
            if not settings.read_only:
                stack.push_async_callback(_finish, services)
                for service in services:
                    stack.push_async_callback(AgreementRecord(service).write)
            if len(services) == 1:
                [service] = services
                check_folder(service)  # one that is not there ends the start
                await shared.encoder.start()
                service.background = await start_work(service, settings, paths[service.store.id])
                await stack.enter_async_context(service.background)
            else:
                await shared.encoder.start()
                work = _StoresWork(settings, paths)
                jobs = {service.store.id: work.of(service) for service in services}
                await stack.enter_async_context(Background(jobs))
            yield

    return lifespan


async def _finish(services: Services) -> None:
    """Keep what the next start would have to compute, as far as there is time."""
    deadline = Deadline(END_SECONDS)
    for service in services:
        await IndexUpkeep(service).finish(deadline)


class _StoresWork:
    """The work of several stores: what keeps one of them from being served touches no other."""

    def __init__(self, settings: ShardSettings, paths: dict[str, Path]) -> None:
        self._settings = settings
        self._paths = paths
        self._loading = FairTurns(_LOADING)
        self._not_loaded = set(paths)

    def of(self, service: Service) -> Job:
        """Return the job that serves a store for ever; it raises what keeps it from being served,
        and is begun again."""

        async def serve() -> None:
            try:
                async with self._loading.line():
                    path = self._paths[service.store.id]
                    work = await start_work(service, self._settings, path)
            except (ConfigurationError, StorageError) as error:
                service.problem = error.detail
                raise
            service.background = work
            self._note_loaded(service.store.id)
            async with work:
                await Event().wait()

        return serve

    def _note_loaded(self, store: str) -> None:
        """Spare the stores' objects the garbage collector once all of them are loaded.

        With 500 stores it took up to a second each time, in which nobody was answered. What is
        unloaded later goes all the same: no collection of faces refers to itself.
        """
        self._not_loaded.discard(store)
        if not self._not_loaded:
            freeze_loaded_objects()
