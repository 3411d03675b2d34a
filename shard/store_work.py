"""What a shard does for one of its stores beside the requests: open its gallery, import, follow."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from contract.errors import StorageError
from service.background import Background, Job
from service.seal import own_seal
from shard.agreement_record import AgreementRecord
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
from shard.gallery_watch import GalleryWatch
from shard.index_upkeep import IndexUpkeep
from shard.list_making import ListMaking
from shard.service import Service
from shard.settings import ShardSettings
from shard.vector_sealing import store_vectors_anew

log = logging.getLogger(__name__)


async def start_work(service: Service, settings: ShardSettings, path: Path) -> Background:
    """Open the store's gallery, in the file `path`; return its work while requests are served.

    The encoder is started. Raises ConfigurationError when the gallery cannot be served.
    """
    if settings.read_only:
        return await _follow(service, path)
    return await _write(service, settings, path)


def check_folder(service: Service) -> None:
    """Raise ConfigurationError when the folder that is to be imported is not there."""
    if (folder := service.store.gallery) is not None and not service.read_only:
        FolderImport(service, folder, at_once=1)


async def _follow(service: Service, path: Path) -> Background:
    """Start a replica; return its work while requests are served."""
    follower = Follower(service, path)
    await follower.step()
    return Background({"following": follower.run, **_lists(service)})


async def _write(service: Service, settings: ShardSettings, path: Path) -> Background:
    """Start the gallery's only writer; return its work while requests are served."""

    def folder_import() -> FolderImport | None:
        folder = service.store.gallery
        return FolderImport(service, folder, settings.encoder_workers) if folder else None

    check_folder(service)
    watch = GalleryWatch(service, path, lambda: Gallery.open_unchecked(path, service.store.id))
    await watch.open()
    imported = asyncio.Event()

    async def complete() -> None:
        await _complete(service, folder_import)
        imported.set()

    further: dict[str, Job] = {}
    jobs = {
        "gallery": lambda: watch.run(complete, further),
        "index upkeep": IndexUpkeep(service).run,
        **_lists(service),
    }
    if service.encoder.second is not None:
        further["second templates"] = lambda: _describe(service, imported)
        jobs["agreement"] = AgreementRecord(service).run
    if own_seal().has_keys:
        further["vector encryption"] = lambda: _encrypt(service, imported)
    return Background(jobs)


def _lists(service: Service) -> dict[str, Job]:
    """Return the job that makes inverted lists, where the store wants any."""
    return {"lists": ListMaking(service).run} if service.index == "ivf_flat" else {}


async def _encrypt(service: Service, imported: asyncio.Event) -> None:
    """Store vectors anew that were stored with another key or none, once faces are served."""
    await imported.wait()
    await store_vectors_anew(service)


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
