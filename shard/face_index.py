"""Exact search of a store's faces. The one module that knows Faiss.

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from contract.messages import Counts, Kind, Scope
from contract.vectors import Vector, Vectors
from shard.change import Card, Change
from shard.read_write_lock import ReadWriteLock

_KINDS: dict[Scope, tuple[Kind, ...]] = {
    "members": ("member",),
    "everyone": ("member", "visitor"),
}


@dataclass(frozen=True)
class Hit:
    """A FaceId that was found, and the L2 distance of its nearest template."""

    card: Card
    distance: float


class FaceIndex:
    """Two Flat indexes, of members' and of visitors' templates. Safe to use from many threads.

    Two, because Faiss is fast without selectors only: a search of members never sees a visitor.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._lock = ReadWriteLock()
        self._sides: dict[Kind, faiss.IndexIDMap2] = {
            "member": faiss.IndexIDMap2(faiss.IndexFlatL2(dimension)),
            "visitor": faiss.IndexIDMap2(faiss.IndexFlatL2(dimension)),
        }
        self._faces: dict[Kind, set[str]] = {"member": set(), "visitor": set()}
        self._cards: dict[str, Card] = {}
        self._owner: dict[int, str] = {}
        self._templates: defaultdict[str, set[int]] = defaultdict(set)
        self.counts = Counts(faces=0, members=0, visitors=0, templates=0)

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

    def search(self, vectors: Vectors, k: int, scope: Scope = "everyone") -> list[list[Hit]]:
        """Return for each row of `vectors` (n, d) its `k` nearest FaceIds, nearest first.

        FaceIds at the same distance come in the order of their names.
        """
        faiss.omp_set_num_threads(1)  # a setting of the calling thread: one pool of threads each
        with self._lock.reading():
            sides = [self._search_side(self._sides[kind], vectors, k) for kind in _KINDS[scope]]
            return [
                [Hit(self._cards[face_id], distance) for distance, face_id in _nearest(rows, k)]
                for rows in zip(*sides, strict=True)
            ]

    def templates(self) -> dict[int, tuple[Card, Vector]]:
        """Return every template's owner and vector by its number: a copy, to compare by."""
        with self._lock.reading():
            return {
                template_id: (card, self._sides[card.kind].reconstruct(template_id))
                for card in self._cards.values()
                for template_id in self._templates[card.face_id]
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
            self._sides[kind].remove_ids(_these(removed))
        return owners

    def _put(self, card: Card) -> None:
        before = self._cards.get(card.face_id, card)
        self._cards[card.face_id] = card
        self._faces[before.kind].discard(card.face_id)
        self._faces[card.kind].add(card.face_id)
        moved = sorted(self._templates[card.face_id])
        if before.kind != card.kind and moved:
            vectors = np.stack([self._sides[before.kind].reconstruct(number) for number in moved])
            self._sides[before.kind].remove_ids(_these(moved))
            self._sides[card.kind].add_with_ids(vectors, np.array(moved, np.int64))

    def _add(self, change: Change) -> None:
        rows: defaultdict[Kind, list[int]] = defaultdict(list)
        numbers = np.array([template.template_id for template in change.added], np.int64)
        for row, template in enumerate(change.added):
            self._owner[template.template_id] = template.face_id
            self._templates[template.face_id].add(template.template_id)
            rows[self._cards[template.face_id].kind].append(row)
        for kind, chosen in rows.items():
            self._sides[kind].add_with_ids(change.vectors[chosen], numbers[chosen])

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
        )

    def _search_side(
        self, side: faiss.IndexIDMap2, vectors: Vectors, k: int
    ) -> list[dict[str, float]]:
        """Return for each vector the L2 distances of at least its `k` nearest FaceIds.

        A FaceId has several templates: more of them are fetched until the FaceIds suffice.
        """
        fetch = min(side.ntotal, 2 * k + 6)
        while fetch:
            squared, numbers = side.search(vectors, fetch)
            rows = [self._by_face(*row) for row in zip(squared, numbers, strict=True)]
            if fetch == side.ntotal or all(
                _suffices(row, found, k) for row, found in zip(squared, rows, strict=True)
            ):
                return rows
            fetch = min(side.ntotal, 4 * fetch)
        return [{} for _ in vectors]

    def _by_face(
        self, squared: NDArray[np.float32], numbers: NDArray[np.int64]
    ) -> dict[str, float]:
        nearest: dict[str, float] = {}
        for square, number in zip(squared.tolist(), numbers.tolist(), strict=True):
            if number != -1:  # Faiss fills up with -1 where the distance is no finite number
                nearest.setdefault(self._owner[number], math.sqrt(max(0.0, square)))
        return nearest


def _these(numbers: list[int]) -> faiss.IDSelector:
    return faiss.IDSelectorBatch(np.array(numbers, np.int64))


def _suffices(squared: NDArray[np.float32], found: dict[str, float], k: int) -> bool:
    """Say whether nothing that was not fetched can belong to the `k` nearest, even by a tie."""
    farthest = math.sqrt(max(0.0, float(squared[-1])))
    return len(found) >= k and sorted(found.values())[k - 1] < farthest


def _nearest(rows: Iterable[dict[str, float]], k: int) -> list[tuple[float, str]]:
    return sorted((distance, face_id) for row in rows for face_id, distance in row.items())[:k]
