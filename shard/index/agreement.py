"""How often a store's two models name the same people, counted while the served one recognizes."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from contract.messages.by_kind import ByKind
from contract.messages.second_model import Agreement
from contract.vectors import Vector
from shard.index.collection import Collection

Outcome = Literal["same", "both_unknown", "first_only", "second_only", "different"]


class SeenFace(NamedTuple):
    """A face that was recognized: the second model's vector, of so many frames, and who it was."""

    second: Vector | None
    frames: int
    face_id: str | None


class AgreementCounter:
    """Counts of one pair of models; to be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: Counter[str] = Counter()
        self._new: Counter[str] = Counter()

    @property
    def counted(self) -> Agreement:
        """All that was counted, stored or not."""
        with self._lock:
            return _agreement(self._stored + self._new)

    def load(self, stored: Agreement) -> None:
        """Go on from what is stored."""
        with self._lock:
            self._stored = Counter(stored.model_dump())

    def take(self) -> Agreement:
        """Return what was counted since the last time, to be stored: from now on it is."""
        with self._lock:
            taken, self._new = self._new, Counter()
            self._stored += taken
        return _agreement(taken)

    def give_back(self, taken: Agreement) -> None:
        """Count once more what could not be stored."""
        counts = Counter(taken.model_dump())
        with self._lock:
            self._stored -= counts
            self._new += counts

    def compare(
        self, collection: Collection, faces: Sequence[SeenFace], rates: ByKind[float]
    ) -> None:
        """Ask the second model who the faces are, at the same rates, and count."""
        outcomes = [_outcome(collection, face, rates) for face in faces]
        found = Counter[str](outcome for outcome in outcomes if outcome is not None)
        found["compared"] = found.total()
        with self._lock:
            self._new += found


def _outcome(collection: Collection, face: SeenFace, rates: ByKind[float]) -> Outcome | None:
    """Return how the models agree on a face; None where one of them cannot know who was named."""
    if collection.second is None or face.second is None:
        return None
    second = collection.second
    [hits] = second.search(face.second[None, :], 1)
    needed = second.thresholds(rates, face.frames)
    named = next((hit.face.face_id for hit in hits if hit.passes(hits, needed)), None)
    both = {face.face_id, named} - {None}
    if not both:
        return "both_unknown"
    if any(not collection.vectors_of(one) or not second.vectors_of(one) for one in both if one):
        return None
    if face.face_id == named:
        return "same"
    if named is None:
        return "first_only"
    return "second_only" if face.face_id is None else "different"


def _agreement(counts: Counter[str]) -> Agreement:
    return Agreement.model_validate(dict(counts))
