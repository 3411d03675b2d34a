"""The store's folder of pictures into its gallery, when the shard starts."""

import asyncio
import hashlib
import logging
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from contract.deadline import Deadline
from contract.errors import (
    BadRequest,
    BodyTooLarge,
    Busy,
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    EnrollmentRefused,
    PictureError,
    UnknownFace,
    UnlikeOwnFace,
)
from contract.messages.faces import EnrollAnswer, PictureLikeness
from contract.pictures.folder import SkippedFile, walk_folder
from contract.pictures.naming import face_id_of, hint_about
from scoring.majority import NOBODY, majority, sample, square
from shard.enrollment.enrollment import (
    EnrollmentOptions,
    Person,
    enroll,
    measure_likeness,
    remember_left_out,
)
from shard.service import Service

T = TypeVar("T")

log = logging.getLogger(__name__)

_PICTURE_SECONDS = 60.0
_REFUSALS = (
    BadRequest,
    BodyTooLarge,
    Conflict,
    DeadlineExceeded,
    EnrollmentRefused,
    OSError,
    PictureError,
)
"""What concerns one picture; the others go on."""


@dataclass(frozen=True)
class _Picture:
    name: PurePosixPath
    path: Path
    digest: str


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
        self._terms = EnrollmentOptions.of(service.store)
        self._prefix = unicodedata.normalize("NFC", folder.resolve().name) + "/"
        self._outcomes: Counter[str] = Counter()
        self._done = 0

    async def run(self) -> None:
        """Import, and say in the service's `waiting_for` how far it is. Raises StorageError."""
        self._service.imported = self._outcomes
        gallery = self._service.collection.gallery
        threads = self._service.threads
        known = {
            source.source: source.digest
            for source in await threads.record(None, gallery.sources, self._prefix)
        }
        self._service.waiting_for = f"{self._folder} is being read"
        pictures = await threads.files(lambda: list(self._pictures()))
        self._report_removed(known, pictures)
        erased = await threads.record(None, gallery.erased_pictures)
        fresh = [
            picture
            for picture in pictures
            if known.get(self._source(picture.name)) != picture.digest
            and (_named(picture.name), picture.digest) not in erased
        ]
        self._outcomes["unchanged"] += len(pictures) - len(fresh)
        if fresh:
            await threads.record(None, gallery.set_imported, False)
            await self._enroll_all(fresh)
        log.info("import of %s: %s", self._folder, dict(self._outcomes))

    def _pictures(self) -> Iterator[_Picture]:
        for found in walk_folder(self._folder):
            if isinstance(found, SkippedFile):
                self._skipped(found)
                continue
            try:
                with found.path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                self._refused(found.name, error)
            else:
                yield _Picture(found.name, found.path, digest)

    def _skipped(self, found: SkippedFile) -> None:
        if found.wanted:
            self._refused(PurePosixPath(found.name), found.reason)
        else:
            self._outcomes["passed over"] += 1
            log.info("%s is passed over: %s", self._source(PurePosixPath(found.name)), found.reason)

    def _source(self, name: PurePosixPath) -> str:
        return f"{self._prefix}{name}"

    def _report_removed(self, known: dict[str, str], pictures: list[_Picture]) -> None:
        for source in sorted(known.keys() - {self._source(picture.name) for picture in pictures}):
            self._outcomes["removed"] += 1
            log.warning("%s is no longer in the folder; its face is kept", source)

    async def _enroll_all(self, pictures: list[_Picture]) -> None:
        left = iter(self._by_person(pictures).items())

        async def work() -> None:
            for face_id, theirs in left:
                await self._enroll_person(face_id, theirs, len(pictures))

        self._service.waiting_for = f"importing pictures: {self._done} of {len(pictures)}"
        workers = [asyncio.create_task(work()) for _ in range(self._at_once)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _by_person(self, pictures: list[_Picture]) -> dict[str, list[_Picture]]:
        people: defaultdict[str, list[_Picture]] = defaultdict(list)
        for picture in pictures:
            try:
                people[face_id_of(picture.name)].append(picture)
            except BadRequest as error:
                self._refused(picture.name, error)
                self._done += 1
        return people

    async def _enroll_person(self, face_id: str, pictures: list[_Picture], total: int) -> None:
        """Enrol pictures, and once more those that were unlike the first few: there are more."""
        unlike = []
        for picture in await self._in_order(face_id, pictures):
            try:
                await self._enroll(face_id, picture)
            except UnlikeOwnFace:
                unlike.append(picture)
            self._done += 1
            self._service.waiting_for = f"importing pictures: {self._done} of {total}"
        for picture in unlike:
            try:
                await self._enroll(face_id, picture)
            except UnlikeOwnFace as error:
                self._refused(picture.name, f"{error.detail}; {hint_about(picture.name)}")

    async def _in_order(self, face_id: str, pictures: list[_Picture]) -> list[_Picture]:
        """Return the pictures to enrol, those of the person whom most of them show first.

        Where nobody is on most of them, all are left out. Where the person is known already, each
        picture is compared with what is stored when it is enrolled.
        """
        if len(pictures) < 2 or await self._is_enrolled(face_id):
            return pictures
        person = await self._person(pictures)
        if person:
            return [*person, *(picture for picture in pictures if picture not in person)]
        reason = NOBODY.format(count=len(pictures), face_id=face_id)
        for picture in pictures:
            whose = Person(face_id, source=self._source(picture.name))
            deadline = Deadline(_PICTURE_SECONDS)
            await remember_left_out(self._service, whose, picture.digest, reason, deadline)
            self._refused(picture.name, reason)
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

    async def _person(self, pictures: list[_Picture]) -> list[_Picture]:
        """Return the pictures of the person whom most of them show; none when there is none.

        Those that show no face, or several, have no say.
        """
        shown: dict[str, _Picture] = {}
        scores: list[list[float | None]] = []
        needed = 0.0
        for picture in sample(list({picture.digest: picture for picture in pictures}.values())):
            try:
                answer = await self._measure_likeness(picture, list(shown))
            except _REFUSALS:
                continue  # it is refused again, and reported, when it is enrolled
            scores.append(answer.scores)
            shown[answer.digest] = picture
            needed = answer.needed
        if not shown:
            return pictures
        compared = list(shown.values())
        return [compared[number] for number in majority(square(scores), needed)]

    async def _measure_likeness(self, picture: _Picture, others: list[str]) -> PictureLikeness:
        content = await self._service.threads.files(picture.path.read_bytes)

        async def ask(deadline: Deadline) -> PictureLikeness:
            return await measure_likeness(self._service, content, others, self._terms, deadline)

        return await self._patiently(ask)

    async def _enroll(self, face_id: str, picture: _Picture) -> None:
        """Enrol a picture, or report why it is left out. Raises UnlikeOwnFace."""
        person = Person(face_id, source=self._source(picture.name))
        try:
            content = await self._service.threads.files(picture.path.read_bytes)

            async def store(deadline: Deadline) -> EnrollAnswer:
                return await enroll(self._service, content, person, self._terms, deadline)

            answer = await self._patiently(store)
        except UnlikeOwnFace:
            raise
        except _REFUSALS as error:
            self._refused(picture.name, error)
        else:
            self._outcomes[answer.outcome] += 1
            for warning in answer.warnings:
                log.warning("%s: %s", person.source, warning.detail)

    async def _patiently(self, work: Callable[[Deadline], Awaitable[T]]) -> T:
        while True:
            try:
                return await work(Deadline(_PICTURE_SECONDS))
            except Busy:
                await asyncio.sleep(1)  # cameras come first

    def _refused(self, name: PurePosixPath, reason: Exception | str) -> None:
        self._outcomes["refused"] += 1
        log.warning("%s is left out: %s", self._source(name), reason)


def _named(name: PurePosixPath) -> str | None:
    try:
        return face_id_of(name)
    except BadRequest:
        return None  # reported where people are put together
