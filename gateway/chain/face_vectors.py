"""Vectors of faces as they travel to shards: once for all of a picture, in one body."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from contract.errors import BadVectors, ShardNonsense
from contract.messages.message import Place
from contract.messages.shard_answers import EncodedFace, ShardFace
from contract.vectors import MOST_VECTORS, from_text, pack


@dataclass(frozen=True)
class FaceVectors:
    """n vectors of `model`, each of d float32, `packed` as on the wire.

    `frames` says for each how many pictures it is fused from; `places` where it has its place among
    the strangers called `cohort`, as far as that is known: then no other shard has to find out.
    """

    packed: bytes
    frames: Sequence[int]
    model: str
    cohort: str | None = None
    places: Sequence[Place | None] = ()

    @classmethod
    def of(
        cls, faces: Sequence[ShardFace | EncodedFace], model: str, cohort: str | None
    ) -> "FaceVectors":
        """Return the vectors of `faces`. Raises ShardNonsense unless finite and of one d."""
        try:
            rows = [pack(from_text(face.vector or "")) for face in faces]
        except BadVectors as error:
            raise ShardNonsense(f"a vector is {error.detail}") from None
        if len({len(row) for row in rows}) > 1:
            raise ShardNonsense("vectors of several dimensions")
        frames = [face.track.frames if face.track else 1 for face in faces]
        return cls(b"".join(rows), frames, model, cohort, [face.place for face in faces])

    @property
    def count(self) -> int:
        """How many faces there are."""
        return len(self.frames)

    @property
    def frames_text(self) -> str | None:
        """The frames as a query says them; None when each vector is of one picture."""
        return ",".join(map(str, self.frames)) if max(self.frames) > 1 else None

    @cached_property
    def places_text(self) -> str | None:
        """The places as a query says them, once for all shards; None when one is not known."""
        if not (self.cohort and self.places and all(self.places)):
            return None
        return json.dumps(self.places, separators=(",", ":"))

    def batches(self) -> "Iterator[FaceVectors]":
        """Yield the same faces in their order, as many at once as a shard takes."""
        for start in range(0, self.count, MOST_VECTORS):
            batch = slice(start, start + MOST_VECTORS)
            kept = self.packed[start * self._row : (start + MOST_VECTORS) * self._row]
            yield replace(self, packed=kept, frames=self.frames[batch], places=self.places[batch])

    @property
    def _row(self) -> int:
        """Bytes of one vector."""
        return len(self.packed) // self.count

    def select(self, numbers: Sequence[int]) -> "FaceVectors":
        """Return the vectors with these numbers alone, without their places."""
        row = self._row
        kept = b"".join(self.packed[number * row : (number + 1) * row] for number in numbers)
        return FaceVectors(kept, [self.frames[number] for number in numbers], self.model)
