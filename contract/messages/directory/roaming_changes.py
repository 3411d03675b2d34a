"""What changed of the members whom other stores may find: for a directory of the chain."""

from pydantic import Field

from contract.messages.message import Message, Place


class RoamingFace(Message):
    """A FaceId that other stores may find, by its number: the mean of its templates.

    The place is where that is among the strangers of the answer's cohort.
    """

    number: int = Field(description="which FaceId it is; no other one of the store ever gets it")
    vector: str = Field(description="base64 of the little-endian float32 vector, of unit length")
    place: Place


class RoamingChanges(Message):
    """What a shard's `GET /roaming` answers: what happened after a change, up to the change `seq`.

    `faces` were made or altered and may be found by other stores; the numbers in `gone` may not, or
    not any more. There is more to ask for where `seq` is not yet `last`, the store's last change.
    """

    store: str
    model: str
    cohort: str | None
    seq: int
    last: int
    faces: list[RoamingFace] = []
    gone: list[int] = []
