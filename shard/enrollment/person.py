"""Whom a picture that is to be enrolled shows, and how it is enrolled."""

from dataclasses import dataclass
from typing import Self

from contract.messages.face import MemberCard
from contract.stores.detection import Detection
from contract.stores.store_map import Store


@dataclass(frozen=True)
class Person:
    """Whom a picture shows: a FaceId, the member it is bound to, and the name of the picture.

    A picture with a name (`source`) replaces what was stored under the same name before. `roams`:
    other stores may find the person; None leaves that as it is. `force` stores a picture that is
    not like the FaceId's own, or like somebody else's.
    """

    face_id: str
    member_id: str | None = None
    source: str | None = None
    roams: bool | None = None
    force: bool = False

    @property
    def member(self) -> MemberCard | None:
        """The member, for an answer."""
        return None if self.member_id is None else MemberCard(member_id=self.member_id)


@dataclass(frozen=True)
class EnrollmentOptions:
    """How faces are looked for, and the share `rate` of strangers that may match somebody.

    `keep`: the picture's file is kept with its template.
    """

    detection: Detection
    rate: float
    keep: bool = False

    @classmethod
    def of(cls, store: Store) -> Self:
        """Return those of the store's options."""
        return cls(store.detection, store.threshold)
