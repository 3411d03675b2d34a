"""The store's folder of pictures into its gallery, when the shard starts."""

import asyncio
import logging
from collections import defaultdict
from pathlib import Path, PurePosixPath

from contract.errors import BadRequest, ConfigurationError, UnknownFace, UnlikeOwnFace
from contract.pictures.naming import face_id_of, hint_about
from scoring.majority import NOBODY
from shard.enrollment.folder_pictures import FolderPicture, folder_pictures, source_prefix
from shard.enrollment.import_report import FolderImportReport
from shard.enrollment.majority import pictures_of_majority
from shard.enrollment.picture_enrollment import PictureEnrollment
from shard.service import Service

log = logging.getLogger(__name__)


class FolderImport:
    """Enrols the new and changed pictures of `folder`, those of several people at once.

    A picture is known by `<folder name>/<path in the folder>`. The pictures of one FaceId are
    compared before any is enrolled. One that is refused is reported with the reason and left out;
    one that was removed from the folder is reported and its face kept.
    """

    def __init__(self, service: Service, folder: Path, at_once: int) -> None:
        """Prepare the import. Raises ConfigurationError when there is no such folder."""
        if not folder.is_dir():
            raise ConfigurationError(f"stores.{service.store.id}.gallery: {folder} is not a folder")
        self._service = service
        self._folder = folder
        self._at_once = at_once
        self._prefix = source_prefix(folder)
        self._report = FolderImportReport(self._prefix)
        self._enrollment = PictureEnrollment(service, self._report)
        self._done = 0
        self._total = 0

    async def run(self) -> None:
        """Import, and say in the service's `waiting_for` how far it is. Raises StorageError."""
        self._service.imported = self._report.outcomes
        gallery, threads = self._service.collection.gallery, self._service.threads
        fresh = await self._fresh_pictures()
        if fresh:
            await threads.record(None, gallery.imports.set_complete, False)
            await self._enroll_all(fresh)
        log.info("import of %s: %s", self._folder, dict(self._report.outcomes))

    async def _fresh_pictures(self) -> list[FolderPicture]:
        """Return what is new or changed, and nobody's who was erased; report what is missing."""
        gallery, threads = self._service.collection.gallery, self._service.threads
        known = {
            source.source: source.digest
            for source in await threads.record(None, gallery.imports.sources, self._prefix)
        }
        self._service.waiting_for = f"{self._folder} is being read"
        pictures = await threads.files(lambda: list(folder_pictures(self._folder, self._report)))
        for source in sorted(known.keys() - {self._report.source(each.name) for each in pictures}):
            self._report.removed(source)
        erased = await threads.record(None, gallery.imports.erased_pictures)
        fresh = [
            picture
            for picture in pictures
            if known.get(self._report.source(picture.name)) != picture.digest
            and (_named(picture.name), picture.digest) not in erased
        ]
        self._report.unchanged(len(pictures) - len(fresh))
        return fresh

    async def _enroll_all(self, pictures: list[FolderPicture]) -> None:
        self._total = len(pictures)
        left = iter(self._by_person(pictures).items())

        async def work() -> None:
            for face_id, theirs in left:
                await self._enroll_person(face_id, theirs)

        self._say_how_far()
        workers = [asyncio.create_task(work()) for _ in range(self._at_once)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _by_person(self, pictures: list[FolderPicture]) -> dict[str, list[FolderPicture]]:
        people: defaultdict[str, list[FolderPicture]] = defaultdict(list)
        for picture in pictures:
            try:
                people[face_id_of(picture.name)].append(picture)
            except BadRequest as error:
                self._report.refused(picture.name, error)
                self._done += 1
        return people

    async def _enroll_person(self, face_id: str, pictures: list[FolderPicture]) -> None:
        """Enrol pictures, and once more those that were unlike the first few: there are more."""
        unlike = []
        for picture in await self._in_order(face_id, pictures):
            try:
                await self._enrollment.enroll(face_id, picture)
            except UnlikeOwnFace:
                unlike.append(picture)
            self._done += 1
            self._say_how_far()
        for picture in unlike:
            try:
                await self._enrollment.enroll(face_id, picture)
            except UnlikeOwnFace as error:
                reason = f"{error.detail}; {hint_about(picture.name)}"
                self._report.refused(picture.name, reason)

    async def _in_order(self, face_id: str, pictures: list[FolderPicture]) -> list[FolderPicture]:
        """Return the pictures to enrol, those of the person whom most of them show first.

        Where nobody is on most of them, all are left out. Where the person is known already, each
        picture is compared with what is stored when it is enrolled.
        """
        if len(pictures) < 2 or await self._is_enrolled(face_id):
            return pictures
        person = await pictures_of_majority(self._enrollment, pictures)
        if person:
            return [*person, *(picture for picture in pictures if picture not in person)]
        reason = NOBODY.format(count=len(pictures), face_id=face_id)
        for picture in pictures:
            await self._enrollment.refuse(face_id, picture, reason)
            self._done += 1
        log.warning("%s: %s", face_id, hint_about(pictures[0].name))
        return []

    async def _is_enrolled(self, face_id: str) -> bool:
        gallery = self._service.collection.gallery
        try:
            record = await self._service.threads.record(None, gallery.face, face_id)
        except UnknownFace:
            return False
        return bool(record.templates)

    def _say_how_far(self) -> None:
        self._service.waiting_for = f"importing pictures: {self._done} of {self._total}"


def _named(name: PurePosixPath) -> str | None:
    try:
        return face_id_of(name)
    except BadRequest:
        return None  # reported where people are put together
