"""Faces that the home shard missed, as they travel to the other shards: once, in one body."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.errors import BadVectors, ShardNonsense
from contract.vectors import from_text, pack


@dataclass(frozen=True)
class Missed:
    """`count` vectors of `model` in their wire form, n×d float32."""

    vectors: bytes
    count: int
    model: str

    @classmethod
    def of(cls, texts: Sequence[str], model: str) -> "Missed":
        """Return the vectors in base64 `texts`. Raises ShardNonsense unless finite and of one d."""
        try:
            rows = [pack(from_text(text)) for text in texts]
        except BadVectors as error:
            raise ShardNonsense(f"a vector is {error.detail}") from None
        if len({len(row) for row in rows}) > 1:
            raise ShardNonsense("vectors of several dimensions")
        return cls(b"".join(rows), len(rows), model)

    def only(self, places: Sequence[int]) -> "Missed":
        """Return the vectors at `places` alone."""
        row = len(self.vectors) // self.count
        kept = b"".join(self.vectors[place * row : (place + 1) * row] for place in places)
        return Missed(kept, len(places), self.model)
