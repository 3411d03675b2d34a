"""Whom an entry of the audit trail is about."""

from typing import NamedTuple

from contract.messages.audit.trail import SubjectKind
from gateway.record.people.face_pair import FacePair


class Subject(NamedTuple):
    """A member, or a FaceId of a store."""

    kind: SubjectKind
    name: str
    store: str | None = None

    @classmethod
    def member(cls, member_id: str) -> "Subject":
        """Return a member."""
        return cls("member", member_id)

    @classmethod
    def face(cls, face: FacePair) -> "Subject":
        """Return a FaceId of its store."""
        return cls("face", face[1], face[0])

    @property
    def said(self) -> dict[str, str]:
        """What the digest of the subject is made of, with a salt."""
        store = {} if self.store is None else {"store": self.store}
        return {"kind": self.kind, "id": self.name, **store}
