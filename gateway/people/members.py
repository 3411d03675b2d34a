"""Members: profiles and bound FaceIds, in the record and in the shards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import FacegateError, ShardError, UnknownFace
from contract.messages.faces import VisitHistory
from contract.messages.members import Member, MemberDraft, MemberPage
from contract.stores.store_map import Store
from contract.text.identifiers import FACE_ID, MEMBER_ID, STORE
from gateway.audit.request_notes import note_details
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.record.people.bindings import bind_face, put_with_faces, unbind_face
from gateway.record.people.face_pair import FacePair
from gateway.record.people.member_search import MemberQuery, read_member, search_members
from gateway.record.people.members import delete_profiles, faces_of_members, put_member
from gateway.record.people.precondition import UNCONDITIONAL, Precondition
from gateway.record.visits.history import history_of_face
from gateway.shard_updates.shard_updates import ShardUpdates


@dataclass(frozen=True)
class Members:
    """Writes, reads and searches members, and binds FaceIds to them."""

    database: Database
    updates: ShardUpdates
    shards: Shards
    names: MemberNames
    clock: Clock = now

    async def put(
        self,
        member_id: str,
        draft: MemberDraft,
        deadline: Deadline,
        condition: Precondition = UNCONDITIONAL,
        *,
        by: str | None = None,
    ) -> tuple[Member, bool]:
        """Write a profile, as asked for `by` somebody; return the member, and whether it is new.

        Raises MemberExists and MemberChanged when the member is not as `condition` has it, BadTime
        and ConsentOutdated.
        """
        name = MEMBER_ID(member_id)
        created = await self.database.write(
            deadline, put_member, name, draft, self.clock(), condition, by=by
        )
        self.names.forget()
        note_details(created=created)
        return await self.with_updates_delivered(name, deadline), created

    async def put_with_faces(
        self,
        member_id: str,
        draft: MemberDraft,
        faces: Sequence[tuple[Store, str]],
        deadline: Deadline,
        *,
        by: str | None = None,
    ) -> bool:
        """Write a profile and bind FaceIds, all or nothing; return whether the member is new.

        Raises UnknownFace, AlreadyBound, BadTime and ConsentOutdated.
        """
        await self.check_faces(member_id, faces, deadline)
        pairs = [(store.id, face_id) for store, face_id in faces]
        created = await self.database.write(
            deadline, put_with_faces, member_id, draft, pairs, self.clock(), by=by
        )
        self.names.forget()
        await self.with_updates_delivered(member_id, deadline)
        return created

    async def check_faces(
        self, member_id: str, faces: Sequence[tuple[Store, str]], deadline: Deadline
    ) -> None:
        """Ask the shards for the FaceIds that are not the member's yet.

        Raises UnknownFace and ShardError.
        """
        for error in (await self.wrong_faces({member_id: faces}, deadline)).values():
            raise error

    async def wrong_faces(
        self, faces: Mapping[str, Sequence[tuple[Store, str]]], deadline: Deadline
    ) -> dict[FacePair, FacegateError]:
        """Ask the shards for FaceIds of members that are not theirs yet, each store once.

        Return why some of them cannot be bound: UnknownFace, or the ShardError of their store.
        """
        owned = await self.database.read(deadline, faces_of_members, faces)
        stores = {store.id: store for wanted in faces.values() for store, _ in wanted}
        asked: dict[str, list[str]] = {store: [] for store in stores}
        for member_id, wanted in faces.items():
            for store, face_id in wanted:
                if (store.id, face_id) not in owned[member_id]:
                    asked[store.id].append(face_id)
        wrong = dict[FacePair, FacegateError]()
        for name, face_ids in asked.items():
            try:
                known = await self.shards.known_faces(stores[name], face_ids, deadline)
            except ShardError as error:
                wrong |= {(name, face_id): error for face_id in face_ids}
                continue
            for face_id in face_ids:
                if face_id not in known:
                    text = f"there is no FaceId {face_id!r} in {name}"
                    wrong[name, face_id] = UnknownFace(text)
        return wrong

    async def get(self, member_id: str, deadline: Deadline) -> Member:
        """Return a member. Raises UnknownMember."""
        name = MEMBER_ID.known(member_id)
        return await self.database.read(deadline, read_member, name, self.clock())

    async def search(self, query: MemberQuery, deadline: Deadline) -> MemberPage:
        """Return a page of members."""
        page = await self.database.read(deadline, search_members, query, self.clock())
        note_details(shown=len(page.members))
        return page

    async def delete_profile(self, member_id: str, deadline: Deadline) -> None:
        """Delete a profile; the FaceIds stay, unbound. Raises UnknownMember."""
        member = await self.get(member_id, deadline)
        await self.database.write(deadline, delete_profiles, member.member_id, now=self.clock())
        self.names.forget()
        await self.updates.deliver(face.store for face in member.faces)

    async def bind(self, member_id: str, store: Store, face_id: str, deadline: Deadline) -> Member:
        """Bind a FaceId of `store`, with the history of its visits.

        Raises UnknownMember, UnknownFace as the shard says so, and AlreadyBound.
        """
        name, face = MEMBER_ID.known(member_id), (store.id, FACE_ID.known(face_id))
        await self.shards.face(store, face[1], deadline)
        await self.database.write(deadline, bind_face, name, face, self.clock())
        return await self.with_updates_delivered(name, deadline)

    async def history(self, store: Store, face_id: str, deadline: Deadline) -> VisitHistory:
        """Return how often a FaceId was seen."""
        face = (store.id, FACE_ID.known(face_id))
        return await self.database.read(deadline, history_of_face, face, self.clock())

    async def unbind(self, member_id: str, store: str, face_id: str, deadline: Deadline) -> Member:
        """Unbind a FaceId, with its visits. Raises UnknownMember and UnknownFace."""
        name, face = MEMBER_ID.known(member_id), (STORE.known(store), FACE_ID.known(face_id))
        await self.database.write(deadline, unbind_face, name, face, self.clock())
        await self.updates.deliver([store])
        return await self.get(name, deadline)

    async def with_updates_delivered(self, member_id: str, deadline: Deadline) -> Member:
        """Deliver the pending bindings of a member's FaceIds, and return the member."""
        member = await self.get(member_id, deadline)
        pending = {face.store for face in member.faces if face.pending}
        if not pending:
            return member
        await self.updates.deliver(pending)
        return await self.get(member_id, deadline)
