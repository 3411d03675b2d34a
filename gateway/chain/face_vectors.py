"""Vectors of faces as they travel to shards: once for all of a picture, in one body."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from contract.errors import BadVectors, ShardNonsense
from contract.messages.message import Place
from contract.messages.shard_answers import EncodeAnswer, EncodedFace, ShardAnswer, ShardFace
from contract.vectors import BOTH_MODELS, MOST_VECTORS, from_text, pack


@dataclass(frozen=True)
class FaceVectors:
    """n vectors of `model`, each of d float32, `packed` as on the wire.

    `frames` says for each how many pictures it is fused from; `places` where it has its place among
    the strangers called `cohort`, as far as that is known: then no other shard has to find out.
    `second` are the vectors of the same faces that their store's second model made, if it has one.
    """

    packed: bytes
    frames: Sequence[int]
    model: str
    cohort: str | None = None
    places: Sequence[Place | None] = ()
    second: "FaceVectors | None" = None

    @classmethod
    def of(
        cls, faces: Sequence[ShardFace | EncodedFace], answer: ShardAnswer | EncodeAnswer
    ) -> "FaceVectors":
        """Return the vectors of some `faces` of an answer.

        Raises ShardNonsense unless they are finite and of one d.
        """
        frames = [face.track.frames if face.track else 1 for face in faces]
        packed = packed_texts([face.vector or "" for face in faces])
        texts = [face.second_vector for face in faces]
        places = [face.place for face in faces]
        return cls(packed, frames, answer.model, answer.cohort, places).with_second(
            texts, answer.second_model
        )

    def with_second(self, texts: Sequence[str | None], model: str | None) -> "FaceVectors":
        """Return the same with a second model's vectors, base64 `texts`, where all are there."""
        given = [text for text in texts if text is not None]
        if model is None or len(given) != self.count:
            return self
        return replace(self, second=FaceVectors(packed_texts(given), self.frames, model))

    def of_model(self, model: str | None) -> "FaceVectors":
        """Return the vectors of a model that a store serves, where there are any; else these."""
        if self.second is not None and self.second.model == model:
            return self.second
        return self

    @property
    def count(self) -> int:
        """How many faces there are."""
        return len(self.frames)

    @property
    def frames_text(self) -> str | None:
        """The frames as a query says them; None when each vector is of one picture."""
        return ",".join(map(str, self.frames)) if max(self.frames) > 1 else None

    @property
    def is_placed(self) -> bool:
        """Whether the place of every face is known."""
        return bool(self.cohort and self.places and all(self.places))

    @cached_property
    def places_text(self) -> str | None:
        """The places as a query says them, once for all shards; None when one is not known."""
        if not self.is_placed:
            return None
        return json.dumps(self.places, separators=(",", ":"))

    @property
    def alone(self) -> "FaceVectors":
        """The same without those of the second model."""
        return self if self.second is None else replace(self, second=None)

    @property
    def both_packed(self) -> bytes:
        """The vectors as on the wire, those of the second model after them."""
        return self.packed if self.second is None else self.packed + self.second.packed

    @property
    def both_models(self) -> str:
        """What the header says of them."""
        return (
            self.model if self.second is None else BOTH_MODELS.join([self.model, self.second.model])
        )

    def batches(self) -> "Iterator[FaceVectors]":
        """Yield the same faces in their order, as many at once as a shard takes."""
        seconds = None if self.second is None else self.second.batches()
        for start in range(0, self.count, MOST_VECTORS):
            batch = slice(start, start + MOST_VECTORS)
            kept = self.packed[start * self._row : (start + MOST_VECTORS) * self._row]
            yield replace(
                self,
                packed=kept,
                frames=self.frames[batch],
                places=self.places[batch],
                second=None if seconds is None else next(seconds),
            )

    @property
    def _row(self) -> int:
        """Bytes of one vector."""
        return len(self.packed) // self.count

    def select(self, numbers: Sequence[int]) -> "FaceVectors":
        """Return the vectors with these numbers alone, without their places."""
        row = self._row
        kept = b"".join(self.packed[number * row : (number + 1) * row] for number in numbers)
        frames = [self.frames[number] for number in numbers]
        second = None if self.second is None else self.second.select(numbers)
        return FaceVectors(kept, frames, self.model, second=second)


def packed_texts(texts: Sequence[str]) -> bytes:
    """Return vectors, base64 `texts`, as on the wire.

    Raises ShardNonsense unless they are finite and of one d.
    """
    try:
        rows = [pack(from_text(text)) for text in texts]
    except BadVectors as error:
        raise ShardNonsense(f"a vector is {error.detail}") from None
    if len({len(row) for row in rows}) > 1:
        raise ShardNonsense("vectors of several dimensions")
    return b"".join(rows)
