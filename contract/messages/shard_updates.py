"""What the gateway has a shard do to its gallery besides enrolling: for the gateway alone."""

from pydantic import Field, StrictBool

from contract.messages.message import Message
from contract.text.identifiers import FaceId, KnownFace, KnownMember

MOST_BOUND = 100
"""FaceIds in one order: they are stored in some 20 ms, in which nobody is enrolled."""


class Binding(Message):
    """Whose a FaceId is, and whether other stores may find the member."""

    member_id: KnownMember
    cross_store: StrictBool


class Bindings(Message):
    """FaceIds, and whose they are: null where they are nobody's."""

    faces: dict[KnownFace, Binding | None] = Field(min_length=1, max_length=MOST_BOUND)


class EraseOrder(Message):
    """FaceIds to erase, and a member all of whose FaceIds are to be erased."""

    face_ids: list[KnownFace] = Field(default=[], max_length=1000)
    member_id: KnownMember | None = None


class EraseConfirmation(Message):
    """How many templates each FaceId had; nothing of them is left from the change `seq` on."""

    store: str
    seq: int
    erased: dict[str, int]


class MergeOrder(Message):
    """The FaceId `source` is the same person as `into`, who gets its templates.

    When `into` is null nobody gets them: they are set aside, to undo it.
    """

    into: KnownFace | None
    source: KnownFace


class NewName(Message):
    """The name that a FaceId gets."""

    face_id: FaceId


class MergeConfirmation(Message):
    """How many templates changed their owner."""

    store: str
    templates: int


class Expired(Message):
    """How many templates were removed that had been set aside."""

    store: str
    templates: int


class Distinction(Message):
    """A FaceId is not `other`: a face no more like `other` is not `other`'s."""

    other: KnownFace


MOST_ASKED = 1000
"""FaceIds in one question."""

MOST_SIGHTINGS = 5
"""Of one visit: so many templates a FaceId has at most."""


class SightedVectors(Message):
    """The vectors of faces that were just seen, base64 of little-endian float32."""

    store: str
    model: str
    vectors: list[str]
    second_model: str | None = None
    second_vectors: list[str | None] = Field(
        default=[], description="what the second model makes of the same faces, if there is one"
    )


class ProvisionalFace(Message):
    """A provisional FaceId and its vectors, base64 of little-endian float32."""

    face_id: str
    vectors: list[str]


class ProvisionalFaces(Message):
    """FaceIds that were minted while not every store answered."""

    store: str
    model: str
    faces: list[ProvisionalFace]


class AskedFaces(Message):
    """FaceIds of which a store is to say which it has."""

    face_ids: list[KnownFace] = Field(min_length=1, max_length=MOST_ASKED)


class FaceNames(Message):
    """FaceIds in the order of their names."""

    store: str
    face_ids: list[str]
