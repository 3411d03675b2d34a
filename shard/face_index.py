"""Who is most alike, of a store's faces: members apart from visitors, FaceIds from their templates.

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from contract.messages import Counts, Kind, Scope
from contract.scoring import Cohort, Places, unit
from contract.vectors import Vector, Vectors
from shard.change import Card, Change
from shard.read_write_lock import ReadWriteLock
from shard.template_index import Found, TemplateIndex

_PIECE = 1000
"""Vectors placed at once: the cohort of 1,500 faces takes 6 MB for them."""
_KINDS: dict[Scope, tuple[Kind, ...]] = {
    "members": ("member",),
    "everyone": ("member", "visitor"),
}


@dataclass(frozen=True)
class Hit:
    """A FaceId that was found, with the score and the L2 distance of its best template."""

    card: Card
    score: float
    distance: float


class FaceIndex:
    """Two indexes, of members' and of visitors' templates. Safe to use from many threads.

    Two, because Faiss is fast without selectors only: a search of members never sees a visitor.
    Vectors are brought to unit length: those that older releases stored are longer.
    """

    def __init__(self, dimension: int, cohort: Cohort) -> None:
        self.dimension = dimension
        self._cohort = cohort
        self._lock = ReadWriteLock()
        self._sides: dict[Kind, TemplateIndex] = {
            "member": TemplateIndex(dimension),
            "visitor": TemplateIndex(dimension),
        }
        self._faces: dict[Kind, set[str]] = {"member": set(), "visitor": set()}
        self._cards: dict[str, Card] = {}
        self._owner: dict[int, str] = {}
        self._templates: defaultdict[str, set[int]] = defaultdict(set)
        self.counts = self._count()

    def update(self, change: Change) -> None:
        """Apply `change` in one step: no search sees half of it."""
        with self._lock.writing():
            emptied = self._remove(change.removed)
            for card in change.cards:
                self._put(card)
            self._add(change)
            for face_id in emptied:
                self._drop_if_empty(face_id)
            self.counts = self._count()

    def search(self, probes: Vectors, k: int, scope: Scope = "everyone") -> list[list[Hit]]:
        """Return for each unit vector of `probes` (n, d) its `k` best FaceIds, best first.

        FaceIds with the same score come in the order of their names.
        """
        places = self._cohort.place(probes)
        with self._lock.reading():
            sides = [
                self._sides[kind].search(probes, places, k, self._owner.__getitem__)
                for kind in _KINDS[scope]
            ]
            return [
                [Hit(self._cards[face_id], *found) for face_id, found in _best(rows, k)]
                for rows in zip(*sides, strict=True)
            ]

    def templates(self) -> dict[int, tuple[Card, Vector]]:
        """Return every template's owner and vector by its number: a copy, to compare by."""
        with self._lock.reading():
            return {
                number: (card, self._sides[card.kind].vectors(np.array([number]))[0])
                for card in self._cards.values()
                for number in self._templates[card.face_id]
            }

    def _remove(self, template_ids: Sequence[int]) -> set[str]:
        """Remove the templates that are here, and return the FaceIds they were taken from."""
        by_kind: defaultdict[Kind, list[int]] = defaultdict(list)
        owners: set[str] = set()
        for template_id in template_ids:
            face_id = self._owner.pop(template_id, None)
            if face_id is not None:
                owners.add(face_id)
                self._templates[face_id].discard(template_id)
                by_kind[self._cards[face_id].kind].append(template_id)
        for kind, removed in by_kind.items():
            self._sides[kind].remove(np.array(removed))
        return owners

    def _put(self, card: Card) -> None:
        before = self._cards.get(card.face_id, card)
        self._cards[card.face_id] = card
        self._faces[before.kind].discard(card.face_id)
        self._faces[card.kind].add(card.face_id)
        moved = np.array(sorted(self._templates[card.face_id]), np.int64)
        if before.kind != card.kind and len(moved):
            self._sides[card.kind].add(moved, *self._sides[before.kind].remove(moved))

    def _add(self, change: Change) -> None:
        rows: defaultdict[Kind, list[int]] = defaultdict(list)
        numbers = np.array([template.template_id for template in change.added], np.int64)
        for row, template in enumerate(change.added):
            self._owner[template.template_id] = template.face_id
            self._templates[template.face_id].add(template.template_id)
            rows[self._cards[template.face_id].kind].append(row)
        for kind, chosen in rows.items():
            vectors = unit(change.vectors[chosen])
            self._sides[kind].add(numbers[chosen], vectors, self._placed(vectors))

    def _placed(self, vectors: Vectors) -> Places:
        """Return the places of unit vectors, piece by piece: each takes much room for a moment."""
        pieces = (vectors[start : start + _PIECE] for start in range(0, len(vectors), _PIECE))
        placed = [self._cohort.place(piece) for piece in pieces]
        return Places(*map(np.concatenate, zip(*placed, strict=True)))

    def _drop_if_empty(self, face_id: str) -> None:
        if not self._templates[face_id]:
            del self._templates[face_id]
            self._faces[self._cards.pop(face_id).kind].remove(face_id)

    def _count(self) -> Counts:
        return Counts(
            faces=len(self._cards),
            members=len(self._faces["member"]),
            visitors=len(self._faces["visitor"]),
            templates=len(self._owner),
            member_templates=len(self._sides["member"]),
        )


def _best(rows: Iterable[dict[str, Found]], k: int) -> list[tuple[str, Found]]:
    found = [owned for row in rows for owned in row.items()]
    return sorted(found, key=lambda owned: (-owned[1].score, owned[0]))[:k]
