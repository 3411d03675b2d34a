"""Merging FaceIds that are one person, and distinguishing those that are not."""

from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import BadRequest, FacegateError, ShardRefused
from contract.messages.lesson import Forgotten
from contract.messages.members import FaceRef, MergeState, NotAnswer
from contract.stores.store_map import StoreMap
from contract.text.identifiers import FACE_ID
from gateway.audit.request_notes import note_details, note_faces
from gateway.chain.shard_request import ShardRequest, face_path
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.people.sighting_minting import SightingMinting
from gateway.record.database import Database
from gateway.record.people import merges as rows
from gateway.record.people.corrections import distinguish_faces, find_visit, reassign_visit
from gateway.record.people.erasure.erasures import is_known_to_record
from gateway.shard_updates.shard_updates import ShardUpdates

_NOTHING_LEARNED = frozenset({404, 405})
"""A shard has no such FaceId, or no such route."""


@dataclass(frozen=True)
class Merges:
    """Merges FaceIds, undoes merges, and keeps distinctions."""

    database: Database
    updates: ShardUpdates
    shards: Shards
    minting: SightingMinting
    clock: Clock = now

    async def merge(
        self, stores: StoreMap, into: FaceRef, source: FaceRef, deadline: Deadline
    ) -> MergeState:
        """Make two FaceIds one person.

        Raises UnknownFace as the shards say so, NotTheSame and AlreadyBound.
        """
        one, two = await self._known(stores, into, deadline), _pair(stores, source)
        note_faces(one, two)
        if one == two:
            raise BadRequest("a FaceId cannot be merged with itself")
        await self._known(stores, source, deadline)
        number = await self.database.write(deadline, rows.merge_faces, one, two, self.clock())
        note_details(merge=str(number))
        await self.updates.deliver({one[0], two[0]})
        return await self.read(number, deadline)

    async def undo(self, number: int, deadline: Deadline) -> MergeState:
        """Undo a merge. Raises NotFound."""
        await self.database.write(deadline, rows.undo_merge, number, self.clock())
        state = await self.read(number, deadline)
        await self.updates.deliver({state.into.store, state.source.store})
        return await self.read(number, deadline)

    async def read(self, number: int, deadline: Deadline) -> MergeState:
        """Return a merge. Raises NotFound."""
        merge = await self.database.read(deadline, rows.read_merge, number)
        note_faces(*((face.store, face.face_id) for face in (merge.into, merge.source)))
        return merge

    async def distinguish_face(
        self, stores: StoreMap, face: FaceRef, other: FaceRef, deadline: Deadline
    ) -> NotAnswer:
        """Store that `face` is not `other`; a merge that made them one is undone.

        Raises UnknownFace as the shards say so, AlreadyBound when both are one member's.
        """
        one, two = _pair(stores, face), _pair(stores, other)
        note_faces(one, two)
        if one == two:
            raise BadRequest("a FaceId is always itself")
        for ref, pair in ((face, one), (other, two)):
            if not await self.database.read(deadline, is_known_to_record, pair):
                await self._known(stores, ref, deadline)
        undone = await self.database.write(deadline, distinguish_faces, one, two, self.clock())
        await self.updates.deliver({one[0], two[0]})
        return NotAnswer(
            face=FaceRef(store=one[0], face_id=one[1]),
            other=FaceRef(store=two[0], face_id=two[1]),
            undone=None if undone is None else str(undone),
        )

    async def reassign_visit(
        self, stores: StoreMap, face: FaceRef, visit: int, deadline: Deadline
    ) -> NotAnswer:
        """Make a visit of `face` that of a new person, with a FaceId of their own.

        There is none in the answer when no shard has the vectors of the visit's frames any more.
        Raises NotFound, and ShardError when the store cannot store the FaceId, or not forget what
        `face` may have learned from the visit.
        """
        one = _pair(stores, face)
        seen = await self.database.read(deadline, find_visit, one, visit)
        own = await self.minting.mint(stores, seen.store, seen.sightings.split(), one, deadline)
        if own is None and seen.sightings and one[0] == seen.store:
            await self._forget_learned(stores, one, deadline)
        try:
            await self.database.write(deadline, reassign_visit, one, visit, own, self.clock())
        except FacegateError:
            if own is not None:
                await self.minting.take_back(stores, own)
            raise
        note_details(visit=str(visit))
        if own is not None:
            note_faces(own)
            await self.updates.deliver([own[0]])
        return NotAnswer(
            face=FaceRef(store=one[0], face_id=one[1]),
            other=None if own is None else FaceRef(store=own[0], face_id=own[1]),
            visit=str(visit),
        )

    async def _forget_learned(
        self, stores: StoreMap, face: tuple[str, str], deadline: Deadline
    ) -> None:
        """Have a FaceId forget what visits have taught it; a shard of an older release knows none.

        Raises UnknownStore, ShardError.
        """
        request = ShardRequest("DELETE", f"{face_path(face[1])}/learned")
        try:
            await self.shards.write(stores.store(face[0]), request, Forgotten, deadline)
        except ShardRefused as error:
            if error.status not in _NOTHING_LEARNED:
                raise

    async def _known(self, stores: StoreMap, face: FaceRef, deadline: Deadline) -> tuple[str, str]:
        """Return the FaceId as a pair. Raises UnknownStore, UnknownFace as its shard says so."""
        store, pair = stores.store(face.store), _pair(stores, face)
        await self.shards.face(store, pair[1], deadline)
        return pair


def _pair(stores: StoreMap, face: FaceRef) -> tuple[str, str]:
    return stores.store(face.store).id, FACE_ID.known(face.face_id)
