"""Wires a shard."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from contract.errors import (
    Busy,
    DeadlineExceeded,
    NotReady,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from contract.stores.store_map import Store
from encoder import AsyncEncoder
from service.background import Background, Job
from service.http.service_api import Lifespan, ServiceApi
from shard.agreement_record import AgreementRecord
from shard.api.calibration import calibration_routes
from shard.api.enrollment import enrollment_routes
from shard.api.faces import faces_routes
from shard.api.health import health_routes
from shard.api.learning import learning_routes
from shard.api.minting import minting_routes
from shard.api.models import model_routes
from shard.api.recognition import RecognizeEndpoint, add_fast_path, recognition_routes
from shard.api.sightings import sightings_routes
from shard.api.updates import update_routes
from shard.api.vector_enrollment import vector_enrollment_routes
from shard.api.visitors import visitors_routes
from shard.enrollment import reencoding
from shard.enrollment.describing import (
    Describing,
    KeptPictureFiles,
    PicturesOfFolder,
    PictureSource,
)
from shard.enrollment.folder_import import FolderImport
from shard.follower import Follower
from shard.gallery.gallery import Gallery
from shard.gallery_watch import LOOK_SECONDS, GalleryWatch
from shard.index_upkeep import IndexUpkeep
from shard.list_making import ListMaking
from shard.served_store import gallery_path
from shard.service import Service
from shard.settings import ShardSettings

log = logging.getLogger(__name__)


def create_app(
    settings: ShardSettings,
    store: Store,
    encoder: AsyncEncoder,
    scale_folder: Path | None = None,
    second_scale_folder: Path | None = None,
) -> FastAPI:
    """Return the application that serves `store`.

    `scale_folder` is where the scale of the encoder's model is, if it has one of its own,
    `second_scale_folder` where that of its second model is.

    Raises ConfigurationError; so does its lifespan, or StorageError, when the gallery cannot be
    served. The lifespan starts and closes `encoder`.
    """
    service = Service(
        store,
        encoder,
        settings.read_only,
        settings.reencode,
        scale_folder=scale_folder,
        second_scale_folder=second_scale_folder,
        index=store.index or settings.index,
    )
    app = ServiceApi(
        title=f"facegate shard of {store.id}",
        description="Recognises the faces of one store.",
        lifespan=_lifespan(service, settings, gallery_path(settings, store)),
        usual=(Busy, DeadlineExceeded, NotReady, StorageFull, StorageUnavailable),
    )
    endpoint = RecognizeEndpoint(service)
    _add_routes(app, service, endpoint)
    add_fast_path(app, endpoint)
    app.guard(settings, service.metrics.requests.observe)
    return app


def _add_routes(app: ServiceApi, service: Service, endpoint: RecognizeEndpoint) -> None:
    app.serve(recognition_routes(service, endpoint))
    # Before `/faces/{face_id}`, which has other methods than `/faces/apart` and the like.
    app.serve(minting_routes(service))
    app.serve(learning_routes(service))
    app.serve(enrollment_routes(service))
    app.serve(vector_enrollment_routes(service))
    app.serve(faces_routes(service))
    app.serve(sightings_routes(service))
    app.serve(calibration_routes(service))
    app.serve(update_routes(service))
    app.serve(model_routes(service))
    app.serve(visitors_routes(service))
    app.serve(health_routes(service))


def _lifespan(service: Service, settings: ShardSettings, path: Path) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(service.close)
            stack.push_async_callback(service.encoder.close)
            if not settings.read_only:
                stack.push_async_callback(AgreementRecord(service).write)
            start = _follow if settings.read_only else _write
            service.background = await start(service, settings, path)
            await stack.enter_async_context(service.background)
            yield

    return lifespan


async def _follow(service: Service, settings: ShardSettings, path: Path) -> Background:
    """Start a replica; return its work while requests are served."""
    follower = Follower(service, path)
    await service.encoder.start()
    await follower.step()
    return Background({"following": follower.run, **_lists(service)})


async def _write(service: Service, settings: ShardSettings, path: Path) -> Background:
    """Start the gallery's only writer; return its work while requests are served."""

    def folder_import() -> FolderImport | None:
        folder = service.store.gallery
        return FolderImport(service, folder, settings.encoder_workers) if folder else None

    folder_import()  # a folder that is not there ends the start
    await service.encoder.start()
    watch = GalleryWatch(service, path, lambda: Gallery.open(path, service.store.id), LOOK_SECONDS)
    await watch.open()
    imported = asyncio.Event()

    async def complete() -> None:
        await _complete(service, folder_import)
        imported.set()

    described: dict[str, Job] = {}
    jobs = {
        "gallery": lambda: watch.run(complete, described),
        "index upkeep": IndexUpkeep(service).run,
        **_lists(service),
    }
    if service.encoder.second is not None:
        described["second templates"] = lambda: _describe(service, imported)
        jobs["agreement"] = AgreementRecord(service).run
    return Background(jobs)


def _lists(service: Service) -> dict[str, Job]:
    """Return the job that makes inverted lists, where the store wants any."""
    return {"lists": ListMaking(service).run} if service.index == "ivf_flat" else {}


async def _describe(service: Service, imported: asyncio.Event) -> None:
    """Describe, by the model that has no templates of them, the pictures that are there."""
    await imported.wait()  # an import describes its pictures by both models
    sources: list[PictureSource] = [KeptPictureFiles(service)]
    if (folder := service.store.gallery) is not None:
        sources.append(PicturesOfFolder(service, folder))
    await Describing(service, sources).run()


async def _complete(service: Service, folder_import: Callable[[], FolderImport | None]) -> None:
    """Import what there is to import, then answer.

    When the disk is full, what is left waits for the next start: the faces that are stored are
    worth more than no answers.
    """
    work = folder_import()
    try:
        if not service.store.keep_pictures:
            await _delete_kept_pictures(service)
        if service.reencode:
            await reencoding.prepare(service)
        if work is not None:
            await work.run()
        if service.reencode:
            await reencoding.report(service)
        await service.threads.record(None, service.collection.gallery.imports.set_complete, True)
    except StorageError as error:
        log.error("the import of the store's folder is not complete: %s", error.detail)
    service.waiting_for = None


async def _delete_kept_pictures(service: Service) -> None:
    """Delete the files that were kept while the store's option said so."""
    gallery = service.collection.gallery
    deleted = await service.threads.record(None, service.collection.change, gallery.kept.delete)
    if deleted:
        log.warning("keep_pictures is off: the files of %d kept pictures are deleted", deleted)
