"""Faces that the home shard missed, as they travel to the other shards: once, in one body."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.errors import BadVectors, ShardNonsense
from contract.messages import EncodedFace, ShardFace
from contract.vectors import from_text, pack


@dataclass(frozen=True)
class Missed:
    """Vectors of `model` in their wire form, n×d float32.

    `frames` says for each how many pictures it is fused from.
    """

    vectors: bytes
    frames: Sequence[int]
    model: str

    @classmethod
    def of(cls, faces: Sequence[ShardFace | EncodedFace], model: str) -> "Missed":
        """Return the vectors of `faces`. Raises ShardNonsense unless finite and of one d."""
        try:
            rows = [pack(from_text(face.vector or "")) for face in faces]
        except BadVectors as error:
            raise ShardNonsense(f"a vector is {error.detail}") from None
        if len({len(row) for row in rows}) > 1:
            raise ShardNonsense("vectors of several dimensions")
        frames = [face.track.frames if face.track else 1 for face in faces]
        return cls(b"".join(rows), frames, model)

    @property
    def count(self) -> int:
        """How many faces there are."""
        return len(self.frames)

    @property
    def frames_text(self) -> str | None:
        """The frames as a query says them; None when each vector is of one picture."""
        return ",".join(map(str, self.frames)) if max(self.frames) > 1 else None

    def only(self, places: Sequence[int]) -> "Missed":
        """Return the vectors at `places` alone."""
        row = len(self.vectors) // self.count
        kept = b"".join(self.vectors[place * row : (place + 1) * row] for place in places)
        return Missed(kept, [self.frames[place] for place in places], self.model)
