"""One picture of a store's folder after the other: compared, enrolled, or refused."""

from collections.abc import Sequence

from contract.deadline import Deadline
from contract.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    DeadlineExceeded,
    EnrollmentRefused,
    PictureError,
    UnlikeOwnFace,
)
from contract.messages.faces import EnrollAnswer, PictureLikeness
from shard.enrollment.encoder_turn import PICTURE_SECONDS, when_not_busy
from shard.enrollment.enrollment import enroll
from shard.enrollment.folder_pictures import FolderPicture
from shard.enrollment.import_report import FolderImportReport
from shard.enrollment.person import EnrollmentOptions, Person
from shard.enrollment.refusals import record_refusal
from shard.enrollment.single_face import measure_likeness
from shard.service import Service

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


class PictureEnrollment:
    """Enrols pictures of a folder with the store's options, and waits while cameras are served."""

    def __init__(self, service: Service, report: FolderImportReport) -> None:
        self._service = service
        self._report = report
        self._options = EnrollmentOptions.of(service.store)

    async def compare(
        self, picture: FolderPicture, others: Sequence[str]
    ) -> PictureLikeness | None:
        """Return how alike a picture is to `others`, digests of pictures compared before.

        None when it would be refused: that is reported when it is enrolled.
        """

        async def ask(deadline: Deadline) -> PictureLikeness:
            return await measure_likeness(self._service, content, others, self._options, deadline)

        try:
            content = await self._service.threads.files(picture.path.read_bytes)
            return await when_not_busy(ask)
        except _REFUSALS:
            return None

    async def enroll(self, face_id: str, picture: FolderPicture) -> None:
        """Enrol a picture, or report why it is refused. Raises UnlikeOwnFace."""
        person = Person(face_id, source=self._report.source(picture.name))

        async def store(deadline: Deadline) -> EnrollAnswer:
            return await enroll(self._service, content, person, self._options, deadline)

        try:
            content = await self._service.threads.files(picture.path.read_bytes)
            answer = await when_not_busy(store)
        except UnlikeOwnFace:
            raise
        except _REFUSALS as error:
            self._report.refused(picture.name, error)
        else:
            self._report.enrolled(picture.name, answer)

    async def refuse(self, face_id: str, picture: FolderPicture, reason: str) -> None:
        """Refuse a picture because of what the others of its FaceId show."""
        person = Person(face_id, source=self._report.source(picture.name))
        deadline = Deadline(PICTURE_SECONDS)
        await record_refusal(
            self._service, person, picture.digest, reason, deadline, try_again=True
        )
        self._report.refused(picture.name, reason)
