"""Pictures described by the model that has no templates of them, while the store is served."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from contract.errors import FacegateError, NotReady, StorageError
from contract.pictures.folder import SkippedFile, walk_folder
from encoder import Face
from shard.enrollment.encoder_turn import when_not_busy
from shard.enrollment.folder_pictures import source_prefix
from shard.enrollment.person import EnrollmentOptions
from shard.enrollment.single_face import single_face
from shard.gallery.models.undescribed_pictures import UndescribedPicture
from shard.gallery.template_rows import NewTemplate, SecondVector
from shard.service import Service

log = logging.getLogger(__name__)


class PictureSource(Protocol):
    """Where files of pictures are."""

    async def has(self, picture: UndescribedPicture) -> bool:
        """Say whether the file of a picture seems to be there."""

    async def read(self, picture: UndescribedPicture) -> bytes | None:
        """Return the file of a picture; None where it is gone, or another one. Raises OSError."""


class PicturesOfFolder:
    """The pictures of the folder that the store imports."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._paths: dict[str, Path] | None = None

    async def has(self, picture: UndescribedPicture) -> bool:
        """Say whether there was such a file at the first question."""
        return picture.source in await self._files()

    async def read(self, picture: UndescribedPicture) -> bytes | None:
        """Return the file; None where its content is not the one that was enrolled."""
        path = (await self._files()).get(picture.source or "")
        if path is None:
            return None
        content = await self._service.threads.files(path.read_bytes)
        return content if hashlib.sha256(content).hexdigest() == picture.digest else None

    async def _files(self) -> dict[str, Path]:
        """Return the files by what the gallery calls the pictures."""
        if self._paths is None:
            prefix = source_prefix(self._folder)
            found = await self._service.threads.files(lambda: list(walk_folder(self._folder)))
            self._paths = {
                f"{prefix}{each.name}": each.path
                for each in found
                if not isinstance(each, SkippedFile)
            }
        return self._paths


class KeptPictureFiles:
    """The pictures whose files are kept in the gallery."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def has(self, picture: UndescribedPicture) -> bool:
        """Say whether the file is kept."""
        return picture.is_kept

    async def read(self, picture: UndescribedPicture) -> bytes | None:
        """Return the file, unless it was deleted meanwhile."""
        if not picture.is_kept or picture.number is None:
            return None
        kept = self._service.collection.gallery.kept
        return await self._service.threads.record(None, kept.content, picture.number)


class Describing:
    """Makes the templates that are missing, one picture after the other; cameras come first.

    `Service.pictures_left` says how many there are still. One that cannot be described is passed
    over, with the reason, until the next start.
    """

    def __init__(self, service: Service, sources: Sequence[PictureSource]) -> None:
        self._service = service
        self._sources = sources
        self._options = EnrollmentOptions.of(service.store)

    async def run(self) -> None:
        """Describe all that can be. Raises NotReady and StorageError."""
        service, second = self._service, self._service.encoder.second
        if second is None:
            return
        undescribed = service.collection.gallery.undescribed
        pictures = await service.threads.record(
            None, undescribed.of, service.encoder.model, second.model
        )
        there = [picture for picture in pictures if await self._has(picture)]
        service.pictures_left = len(there)
        done = 0
        for picture in there:
            if await self._describe(picture):
                service.pictures_left -= 1
                done += 1
        if there:
            log.info("%d of %d pictures were described by both models", done, len(there))

    async def _has(self, picture: UndescribedPicture) -> bool:
        for source in self._sources:
            if await source.has(picture):
                return True
        return False

    async def _describe(self, picture: UndescribedPicture) -> bool:
        """Store what is missing of a picture, and say whether it is there now."""
        try:
            content = await self._content(picture)
            if content is None:
                return self._passed_over(picture, "its file has changed")
            template = self._template(picture, await self._face(content))
            stored = await self._service.threads.record(
                None,
                self._service.collection.change,
                self._service.collection.gallery.undescribed.describe,
                picture,
                template,
            )
        except (NotReady, StorageError):
            raise  # it is begun again when there is an encoder and a gallery
        except (FacegateError, OSError) as error:
            return self._passed_over(picture, str(error))
        return stored or self._passed_over(picture, "it shows another face than it did, or is gone")

    def _passed_over(self, picture: UndescribedPicture, reason: str) -> bool:
        name = picture.source or f"picture {picture.template_id}"
        log.warning("%s of %s is not described anew: %s", name, picture.face_id, reason)
        return False

    async def _content(self, picture: UndescribedPicture) -> bytes | None:
        for source in self._sources:
            if (content := await source.read(picture)) is not None:
                return content
        return None

    async def _face(self, content: bytes) -> Face:
        return await when_not_busy(
            lambda deadline: single_face(self._service, content, self._options, deadline)
        )

    def _template(self, picture: UndescribedPicture, face: Face) -> NewTemplate:
        """Return the vector of the model that has described the picture, the other's beside it."""
        service, second = self._service, self._service.encoder.second
        assert second is not None, "nothing is missing without"
        assert face.second is not None, "the encoder has the second model"
        vectors = {service.encoder.model: face.to_enroll, second.model: face.second.to_enroll}
        [missing] = vectors.keys() - {picture.model}
        return NewTemplate(
            vectors[picture.model],
            picture.model,
            face.confidence,
            picture.source,
            second=SecondVector(vectors[missing], missing),
        )
