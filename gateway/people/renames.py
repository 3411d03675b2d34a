"""Renaming FaceIds, in their shard and in the whole record."""

from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import BadRequest, Conflict, FaceExists, ShardRefused
from contract.messages.faces import FaceRecord
from contract.messages.members import FaceRef, RenameState
from contract.pictures.naming import MINTED_PREFIX
from contract.stores.store_map import Store
from contract.text.identifiers import FACE_ID
from gateway.audit.request_notes import note_faces
from gateway.chain.shard_request import ShardRequest, face_path
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.record.database import Database
from gateway.record.people.rename_updates import read_rename
from gateway.record.people.renames import add_rename
from gateway.shard_updates.shard_updates import ShardUpdates


@dataclass(frozen=True)
class Renames:
    """Renames FaceIds."""

    database: Database
    updates: ShardUpdates
    shards: Shards
    clock: Clock = now

    async def rename(
        self, store: Store, face_id: str, name: str, deadline: Deadline
    ) -> RenameState:
        """Rename a FaceId of `store` to `name`.

        Raises UnknownFace as the shard says so, FaceExists when there is the new one, BadRequest
        when it looks minted, Conflict when one of the two is being erased or renamed, or was merged
        into another FaceId.
        """
        face, new = (store.id, FACE_ID.known(face_id)), FACE_ID(name)
        note_faces(face, (store.id, new))
        if new.startswith(MINTED_PREFIX):
            raise BadRequest(f"new FaceIds may not start with {MINTED_PREFIX!r}")
        if new == face[1]:
            raise FaceExists(f"{new!r} is its name already")
        await self._check(store, face[1], new, deadline)
        number = await self.database.write(deadline, add_rename, face, new, self.clock())
        await self.updates.deliver([store.id])
        state = await self.database.read(None, read_rename, number)
        if state.refusal is not None:
            raise Conflict(state.refusal)
        return RenameState(
            face=FaceRef(store=store.id, face_id=new),
            former=face[1],
            pending=state.done_at is None,
        )

    async def _check(self, store: Store, face_id: str, name: str, deadline: Deadline) -> None:
        """Ask the shard that writes whether there is the one FaceId and not the other."""
        await self._read(store, face_id, deadline)
        try:
            await self._read(store, name, deadline)
        except ShardRefused as error:
            if error.code != "UNKNOWN_FACE":
                raise
        else:
            raise FaceExists(f"there is a FaceId {name!r} in {store.id} already")

    async def _read(self, store: Store, face_id: str, deadline: Deadline) -> FaceRecord:
        request = ShardRequest("GET", face_path(face_id))
        return await self.shards.write(store, request, FaceRecord, deadline)
