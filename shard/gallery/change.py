"""A change of a gallery's faces and templates, for an index to apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from contract.messages.face import MemberCard
from contract.messages.message import Kind
from contract.vectors import Vectors

Partition = Literal["roaming", "resident", "visitor"]
"""A part of an index: members whom other stores may find, other members, or visitors."""


@dataclass(frozen=True)
class StoredFace:
    """A FaceId without its templates. Other stores may find a member who `roams`."""

    face_id: str
    kind: Kind
    member_id: str | None
    provisional: bool
    roams: bool = True

    @property
    def partition(self) -> Partition:
        """The part of the index that the FaceId's templates are in."""
        if self.kind == "visitor":
            return "visitor"
        return "roaming" if self.roams else "resident"

    @property
    def member(self) -> MemberCard | None:
        """The member that the FaceId is bound to."""
        return None if self.member_id is None else MemberCard(member_id=self.member_id)


@dataclass(frozen=True)
class StoredTemplate:
    """A template's number and FaceId; its vector, of `frames`, is in the change's `vectors`."""

    template_id: int
    face_id: str
    frames: int = 1


@dataclass(frozen=True, eq=False)
class Change:
    """Templates removed, FaceIds made or altered, templates added: to be applied in this order.

    A template that is added and known already has a new owner. `distinctions` are
    all pairs of FaceIds declared to be different people; None: as before.

    `vectors` is float32, shape (n, d), one row for each of `added`. `foreign` counts templates of
    models that the store does not use, by the model's name; where there are any, `unknown_members`
    are how many members have no others, and `is_all_foreign` says that nobody has.
    """

    removed: Sequence[int] = ()
    faces: Sequence[StoredFace] = ()
    added: Sequence[StoredTemplate] = ()
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    foreign: Mapping[str, int] = field(default_factory=dict)
    unknown_members: int = 0
    is_all_foreign: bool = False
    distinctions: Sequence[tuple[str, str]] | None = None
