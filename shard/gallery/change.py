"""A change of a gallery's FaceIds, for an index to apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from contract.messages.face import MemberCard
from contract.messages.message import Kind
from contract.vectors import Vectors
from scoring.cohort import Places

Partition = Literal["roaming", "resident", "visitor"]
"""A part of an index: members whom other stores may find, other members, or visitors."""
PARTITIONS: tuple[Partition, ...] = ("roaming", "resident", "visitor")
FaceNumbers = NDArray[np.int64]
"""Numbers of FaceIds, int64 of shape (n,): 1, 2, 3, … in the order in which they were made. None is
ever given again, nor changed by a new name."""


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


class AlteredFaces(NamedTuple):
    """FaceIds in columns, each with all its templates of one model: n FaceIds, m templates.

    The templates of the first FaceId come first. One without any has none of this model.
    """

    numbers: FaceNumbers
    partitions: NDArray[np.int64]
    """Where each is in PARTITIONS, shape (n,)."""
    provisional: NDArray[np.bool_]
    templates: NDArray[np.int64]
    """How many each has, shape (n,)."""
    frames: NDArray[np.int64]
    """Of how many pictures each template is fused, shape (m,)."""
    vectors: Vectors
    """float32, shape (m, d)."""
    places: Places
    """Those of the FaceIds' mean vectors, shape (n,), as far as they are stored; else NaN."""

    @classmethod
    def none(cls) -> Self:
        """Return no FaceIds."""
        numbers, floats = np.zeros(0, np.int64), np.zeros(0, np.float32)
        vectors, places = np.zeros((0, 0), np.float32), Places(floats, floats)
        return cls(numbers, numbers, np.zeros(0, np.bool_), numbers, numbers, vectors, places)


@dataclass(frozen=True, eq=False)
class Change:
    """FaceIds that are `gone`, and those that were made or altered, as they are now.

    `distinctions` are all pairs of FaceIds declared to be different people; None: as before.

    `foreign` counts templates of models that the store does not use, by the model's name; where
    there are any, `unknown_members` are how many members have no others, and `is_all_foreign` says
    that nobody has.
    """

    gone: FaceNumbers = field(default_factory=lambda: np.zeros(0, np.int64))
    altered: AlteredFaces = field(default_factory=AlteredFaces.none)
    foreign: Mapping[str, int] = field(default_factory=dict)
    unknown_members: int = 0
    is_all_foreign: bool = False
    distinctions: Sequence[tuple[str, str]] | None = None
