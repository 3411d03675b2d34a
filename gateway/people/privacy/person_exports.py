"""Everything about one person, from the record and from the stores that have their FaceIds."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused, UnknownFace
from contract.messages.privacy.person_export import ExportedFace, PersonExport
from contract.stores.store_map import Store, StoreMap
from contract.text.identifiers import FACE_ID, MEMBER_ID
from gateway.audit.request_notes import note_details
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, iso, now
from gateway.record.database import Database
from gateway.record.people.person_record import PersonRecord, record_of_face, record_of_member


@dataclass(frozen=True)
class PersonExports:
    """Gathers what is known about one person."""

    database: Database
    shards: Shards
    current: Callable[[], StoreMap]
    clock: Clock = now

    async def member(self, member_id: str, deadline: Deadline) -> PersonExport:
        """Return everything about a member. Raises UnknownMember."""
        name = MEMBER_ID.known(member_id)
        record = await self.database.read(deadline, record_of_member, name, self.clock())
        return await self._complete(record, deadline)

    async def face(self, store: Store, face_id: str, deadline: Deadline) -> PersonExport:
        """Return everything about the person of a FaceId.

        Raises UnknownFace when neither the record nor the store knows it, as the store says so.
        """
        face = (store.id, FACE_ID.known(face_id))
        try:
            record = await self.database.read(deadline, record_of_face, face, self.clock())
        except UnknownFace:  # the record hears of an enrolled face when a camera sees it
            stored = await self.shards.face(store, face[1], deadline)
            known = ExportedFace(store=face[0], face_id=face[1], kind=stored.kind)
            record = PersonRecord(None, [known], [], [])
        return await self._complete(record, deadline)

    async def _complete(self, record: PersonRecord, deadline: Deadline) -> PersonExport:
        """Add what the stores have."""
        note_details(faces=len(record.faces), visits=len(record.visits))
        faces = await asyncio.gather(*(self._stored(face, deadline) for face in record.faces))
        return PersonExport(
            made_at=iso(self.clock()),
            complete=all(face.problem is None for face in faces),
            member=record.member,
            faces=faces,
            visits=list(record.visits),
            merges=list(record.merges),
        )

    async def _stored(self, face: ExportedFace, deadline: Deadline) -> ExportedFace:
        store = self.current().stores.get(face.store)
        if store is None:
            return face.model_copy(update={"problem": "the map has no such store"})
        try:
            stored = await self.shards.face(store, face.face_id, deadline)
        except ShardRefused as error:
            if error.status == HTTPStatus.NOT_FOUND:  # known by visits alone
                return face
            return face.model_copy(update={"problem": error.reason})
        except ShardError as error:
            return face.model_copy(update={"problem": error.reason})
        return face.model_copy(update={"stored": stored})
