"""Enrolments: the FaceId is checked and reserved in the record before the shard stores a face."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import AlreadyBound, BadRequest, FacegateError, ShardError, ShardRefused
from contract.messages.face import MemberCard
from contract.messages.faces import (
    EnrollAnswer,
    EnrollWarning,
    FaceRecord,
    VectorsAnswer,
    VectorsDraft,
)
from contract.stores.store_map import Store, StoreMap
from contract.text.identifiers import FACE_ID, MEMBER_ID, source_name
from gateway.audit.request_notes import note_details, note_faces, note_member
from gateway.chain.shard_request import Picture, ShardRequest, detection_query, face_path
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.people.members import Members
from gateway.record.database import Database
from gateway.record.people.current_names import (
    check_name_not_in_transit,
    check_names_not_in_transit,
)
from gateway.record.people.enrollments import (
    Enrollment,
    abandon_enrollment,
    begin_enrollment,
    finish_enrollment,
    overdue_enrollments,
    withdraw_enrollment,
)
from gateway.shard_updates.shard_updates import ShardUpdates

log = logging.getLogger(__name__)

_SLACK_MS = 5_000
"""Milliseconds after its deadline for which a shard may still be storing."""
_NO_CONSENT = "the member has not agreed to be found by other stores: consent.cross_store is false"


@dataclass(frozen=True)
class EnrollmentRequest:
    """Whom a picture is to be enrolled as: the checked fields of a request."""

    face_id: str
    member_id: str | None = None
    source: str | None = None
    force: str | None = None

    @classmethod
    def of(cls, fields: dict[str, str]) -> "EnrollmentRequest":
        """Read the fields of a request. Raises BadRequest."""
        if "face_id" not in fields:
            raise BadRequest("the field `face_id` is missing")
        member_id, source = fields.get("member_id"), fields.get("source")
        if fields.get("force") not in {None, "", "true", "false"}:
            raise BadRequest("force is neither true nor false")
        return cls(
            FACE_ID(fields["face_id"]),
            MEMBER_ID(member_id) if member_id else None,
            source_name(source) if source else None,
            fields.get("force") or None,
        )


class Enrollments:
    """Has shards store faces, and binds them to members."""

    def __init__(
        self,
        database: Database,
        members: Members,
        updates: ShardUpdates,
        shards: Shards,
        *,
        current: Callable[[], StoreMap],
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._members = members
        self._updates = updates
        self._shards = shards
        self._current = current
        self._clock = clock

    async def enroll(
        self, store: Store, whom: EnrollmentRequest, picture: Picture, deadline: Deadline
    ) -> EnrollAnswer:
        """Store the one face of a picture, and make its FaceId the member's whom the request names.

        Raises what the shard refuses with, AlreadyBound, and Conflict for a name that was another
        FaceId's just now; then nothing has changed.
        """
        face = (store.id, whom.face_id)
        note_faces(face)
        if whom.member_id is not None:
            note_member(whom.member_id)
        await self._database.read(deadline, check_name_not_in_transit, face, self._clock())
        if whom.member_id is None:
            return await self._stored(store, whom, picture, deadline)
        until = self._clock() + round(deadline.left * 1000) + _SLACK_MS
        enrollment = Enrollment(uuid.uuid4().hex, store.id, whom.face_id, whom.member_id, until)
        if await self._database.write(deadline, begin_enrollment, enrollment):
            await self._updates.deliver([store.id])
        try:
            answer = await self._stored(store, whom, picture, deadline)
        except ShardRefused:
            await self._withdraw(enrollment)
            raise
        await self._finish(enrollment, deadline)
        return await self._shown(answer, store, whom.member_id, deadline)

    async def enroll_vectors(
        self, store: Store, draft: VectorsDraft, deadline: Deadline
    ) -> VectorsAnswer:
        """Store vectors, all or none. Raises what the shard refuses with, and Conflict."""
        faces = [(store.id, face.face_id) for face in draft.faces]
        note_faces(*faces)
        await self._database.read(deadline, check_names_not_in_transit, faces, self._clock())
        request = ShardRequest("POST", "/faces/vectors", draft)
        answer = await self._shards.write(store, request, VectorsAnswer, deadline)
        note_details(enrolled=answer.enrolled)
        return answer

    async def step(self) -> None:
        """Finish interrupted enrolments: the member gets the face if the shard has stored it."""
        for enrollment in await self._database.read(None, overdue_enrollments, self._clock()):
            try:
                await self._end(enrollment)
            except ShardError as error:
                log.info("%s cannot say what it has stored: %s", enrollment.store, error.reason)

    async def _end(self, enrollment: Enrollment) -> None:
        store = self._current().stores.get(enrollment.store)
        if store is None or not await self._has_stored(store, enrollment):
            await self._database.write(None, withdraw_enrollment, enrollment)
            return
        await self._finish(enrollment, None)
        await self._updates.deliver([store.id])

    async def _has_stored(self, store: Store, enrollment: Enrollment) -> bool:
        """Say whether the shard has the FaceId as the member's. Raises ShardError."""
        request = ShardRequest("GET", face_path(enrollment.face_id))
        try:
            record = await self._shards.write(store, request, FaceRecord)
        except ShardRefused as error:
            if error.code != "UNKNOWN_FACE":
                raise
            return False
        return record.member is not None and record.member.member_id == enrollment.member_id

    async def _finish(self, enrollment: Enrollment, deadline: Deadline | None) -> None:
        """Bind the FaceId in the record; if it is another's by now, deliver that to the shard."""
        try:
            await self._database.write(deadline, finish_enrollment, enrollment, self._clock())
        except AlreadyBound:
            await self._database.write(None, abandon_enrollment, enrollment, self._clock())
            await self._updates.deliver([enrollment.store])
            raise

    async def _withdraw(self, enrollment: Enrollment) -> None:
        """Delete an enrolment; where the record cannot be written, `step` does so later."""
        try:
            await self._database.write(None, withdraw_enrollment, enrollment)
        except FacegateError as error:
            log.info("%s is forgotten later: %s", enrollment.face_id, error.detail)

    async def _shown(
        self, answer: EnrollAnswer, store: Store, member_id: str, deadline: Deadline
    ) -> EnrollAnswer:
        """Return the shard's answer with the member's card, and a warning without consent."""
        member = await self._members.with_updates_delivered(member_id, deadline)
        card = MemberCard(member_id=member_id, name=member.name, tags=member.tags)
        warnings = list(answer.warnings)
        if store.cross_store != "nobody" and member.consent.cross_store is False:
            warnings.append(EnrollWarning(code="NO_CONSENT", detail=_NO_CONSENT))
        return answer.model_copy(update={"member": card, "warnings": warnings})

    async def _stored(
        self, store: Store, whom: EnrollmentRequest, picture: Picture, deadline: Deadline
    ) -> EnrollAnswer:
        query = {
            "face_id": whom.face_id,
            "member_id": whom.member_id,
            "source": whom.source,
            "force": whom.force,
            "cross_store": "",  # a form that says so goes on to the shard: consent is the record's
            "rate": store.threshold,
            **detection_query(store.detection),
        }
        request = ShardRequest("POST", "/faces", picture, query)
        return await self._shards.write(store, request, EnrollAnswer, deadline)
