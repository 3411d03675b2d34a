"""The store's folder of pictures into its gallery, when the shard starts."""

import asyncio
import hashlib
import logging
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from contract.deadline import Deadline
from contract.errors import (
    BadRequest,
    BodyTooLarge,
    Busy,
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    EnrolmentRefused,
    PictureError,
)
from contract.picture_naming import face_id_of, pictures_in
from shard.enrolment import Person, Terms, enrol
from shard.service import Service

log = logging.getLogger(__name__)

_PICTURE_SECONDS = 60.0
_REFUSALS = (
    BadRequest,
    BodyTooLarge,
    Conflict,
    DeadlineExceeded,
    EnrolmentRefused,
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
    """Enrols the new and changed pictures of `folder`, several at once.

    A picture is known by `<folder name>/<path in the folder>`. One that is refused is reported with
    the reason and left out; one that was removed from the folder is reported and its face kept.
    """

    def __init__(self, service: Service, folder: Path, at_once: int) -> None:
        """Prepare the import. Raises ConfigurationError when there is no such folder."""
        if not folder.is_dir():
            raise ConfigurationError(f"stores.{service.store.id}.gallery: {folder} is not a folder")
        self._service = service
        self._folder = folder
        self._at_once = at_once
        self._terms = Terms.of(service.store)
        self._prefix = unicodedata.normalize("NFC", folder.resolve().name) + "/"
        self._outcomes: Counter[str] = Counter()

    async def run(self) -> None:
        """Import, and say in the service's `waiting_for` how far it is. Raises StorageError."""
        gallery = self._service.collection.gallery
        threads = self._service.threads
        known = {
            source.source: source.digest
            for source in await threads.record(None, gallery.sources, self._prefix)
        }
        self._service.waiting_for = f"{self._folder} is being read"
        pictures = await threads.files(lambda: list(self._pictures()))
        self._report_removed(known, pictures)
        fresh = [p for p in pictures if known.get(self._source(p.name)) != p.digest]
        self._outcomes["unchanged"] = len(pictures) - len(fresh)
        if fresh:
            await threads.record(None, gallery.set_imported, False)
            await self._enrol_all(fresh)
        log.info("import of %s: %s", self._folder, dict(self._outcomes))

    def _pictures(self) -> Iterator[_Picture]:
        for name, path in pictures_in(self._folder):
            try:
                with path.open("rb") as file:
                    yield _Picture(name, path, hashlib.file_digest(file, "sha256").hexdigest())
            except OSError as error:
                self._refused(name, error)

    def _source(self, name: PurePosixPath) -> str:
        return f"{self._prefix}{name}"

    def _report_removed(self, known: dict[str, str], pictures: list[_Picture]) -> None:
        for source in sorted(known.keys() - {self._source(picture.name) for picture in pictures}):
            self._outcomes["removed"] += 1
            log.warning("%s is no longer in the folder; its face is kept", source)

    async def _enrol_all(self, pictures: list[_Picture]) -> None:
        left = iter(pictures)
        done = 0

        async def work() -> None:
            nonlocal done
            for picture in left:
                await self._enrol(picture)
                done += 1
                self._service.waiting_for = f"importing pictures: {done} of {len(pictures)}"

        self._service.waiting_for = f"importing pictures: 0 of {len(pictures)}"
        workers = [asyncio.create_task(work()) for _ in range(self._at_once)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _enrol(self, picture: _Picture) -> None:
        try:
            person = Person(face_id_of(picture.name), source=self._source(picture.name))
            content = await self._service.threads.files(picture.path.read_bytes)
            outcome = await self._enrol_patiently(content, person)
        except _REFUSALS as error:
            self._refused(picture.name, error)
        else:
            self._outcomes[outcome] += 1

    async def _enrol_patiently(self, content: bytes, person: Person) -> str:
        while True:
            try:
                deadline = Deadline(_PICTURE_SECONDS)
                answer = await enrol(self._service, content, person, self._terms, deadline)
            except Busy:
                await asyncio.sleep(1)  # cameras come first
            else:
                for warning in answer.warnings:
                    log.warning("%s: %s", person.source, warning.detail)
                return answer.outcome

    def _refused(self, name: PurePosixPath, error: Exception) -> None:
        self._outcomes["refused"] += 1
        log.warning("%s is left out: %s", self._source(name), error)
