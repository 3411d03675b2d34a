"""Who is most alike, of a store's faces: members apart from visitors, one vector a FaceId.

A FaceId is searched by the mean direction of its templates: measured, that names more members
rightly than the best of the templates does, for as many strangers (docs/accuracy.md).

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from contract.messages import Counts, Kind, Scope
from contract.scoring import Cohort, Places, fuse, unit
from contract.vectors import Vector, Vectors
from shard.change import Card, Change
from shard.read_write_lock import ReadWriteLock
from shard.template_index import Found, TemplateIndex

_PIECE = 1000
"""Vectors placed at once: the cohort of 3,000 faces takes 12 MB for them."""
_KINDS: dict[Scope, tuple[Kind, ...]] = {
    "members": ("member",),
    "everyone": ("member", "visitor"),
}


@dataclass(frozen=True)
class Hit:
    """A FaceId that was found, with the score and the L2 distance of its mean direction."""

    card: Card
    score: float
    distance: float


class FaceIndex:
    """Two indexes, of members and of visitors. Safe to use from many threads.

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
        self._cards: dict[str, Card] = {}
        self._owner: dict[int, str] = {}
        self._templates: defaultdict[str, dict[int, Vector]] = defaultdict(dict)
        self._rows = Rows()
        self.counts = self._count()

    def update(self, change: Change) -> None:
        """Apply `change` in one step: no search sees half of it."""
        with self._lock.writing():
            owners = self._remove(change.removed)
            self._cards |= {card.face_id: card for card in change.cards}
            added = self._add(change)
            carded = {card.face_id for card in change.cards}
            self._renew(sorted(owners | added | carded))
            self._drop_empty(owners)
            self.counts = self._count()

    def search(self, probes: Vectors, k: int, scope: Scope = "everyone") -> list[list[Hit]]:
        """Return for each unit vector of `probes` (n, d) its `k` best FaceIds, best first.

        FaceIds with the same score come in the order of their names.
        """
        places = self._cohort.place(probes)
        with self._lock.reading():
            sides = [
                self._sides[kind].search(probes, places, k, self._rows.name_of)
                for kind in _KINDS[scope]
            ]
            return [
                [Hit(self._cards[face_id], *found) for face_id, found in _best(rows, k)]
                for rows in zip(*sides, strict=True)
            ]

    def templates(self) -> dict[int, tuple[Card, Vector]]:
        """Return every template's owner and unit vector by its number: a copy, to compare by."""
        with self._lock.reading():
            return {
                number: (self._cards[face_id], vector)
                for face_id, templates in self._templates.items()
                for number, vector in templates.items()
            }

    def _remove(self, template_ids: Sequence[int]) -> set[str]:
        """Forget the templates that are here, and return the FaceIds they were taken from."""
        known = [number for number in template_ids if number in self._owner]
        owners = {number: self._owner.pop(number) for number in known}
        for number, face_id in owners.items():
            del self._templates[face_id][number]
        return set(owners.values())

    def _add(self, change: Change) -> set[str]:
        """Take in templates, and return the FaceIds that got some."""
        for template, vector in zip(change.added, unit(change.vectors), strict=True):
            self._owner[template.template_id] = template.face_id
            self._templates[template.face_id][template.template_id] = vector
        return {template.face_id for template in change.added}

    def _renew(self, face_ids: Sequence[str]) -> None:
        """Put into the indexes what is now known of these FaceIds."""
        for kind, numbers in self._rows.give_up(face_ids).items():
            self._sides[kind].remove(np.array(numbers))
        by_kind: defaultdict[Kind, list[str]] = defaultdict(list)
        for face_id in face_ids:
            if self._templates[face_id]:
                by_kind[self._cards[face_id].kind].append(face_id)
        for kind, those in by_kind.items():
            owned = [list(self._templates[face_id].values()) for face_id in those]
            vectors = np.stack([fuse(vectors) for vectors in owned])
            places = self._placed(vectors, list(map(len, owned)))
            self._sides[kind].add(np.array(self._rows.take(those, kind)), vectors, places)

    def _placed(self, vectors: Vectors, pictures: Sequence[int]) -> Places:
        """Return the places of unit vectors, piece by piece: each takes much room for a moment."""
        pieces = (slice(start, start + _PIECE) for start in range(0, len(vectors), _PIECE))
        placed = [self._cohort.place(vectors[piece], pictures[piece]) for piece in pieces]
        return Places(*map(np.concatenate, zip(*placed, strict=True)))

    def _drop_empty(self, face_ids: Iterable[str]) -> None:
        """Forget those of the FaceIds that have no templates."""
        for face_id in face_ids:
            if not self._templates[face_id]:
                del self._templates[face_id]
                del self._cards[face_id]

    def _count(self) -> Counts:
        return Counts(
            faces=len(self._cards),
            members=len(self._sides["member"]),
            visitors=len(self._sides["visitor"]),
            templates=len(self._owner),
        )


class Rows:
    """Which FaceId stands under which number in which of the indexes."""

    def __init__(self) -> None:
        self._next = itertools.count()
        self._places: dict[str, tuple[Kind, int]] = {}
        self._names: dict[int, str] = {}

    def name_of(self, number: int) -> str:
        """Return the FaceId under a number."""
        return self._names[number]

    def take(self, face_ids: Sequence[str], kind: Kind) -> list[int]:
        """Return new numbers for FaceIds that have none."""
        numbers = list(itertools.islice(self._next, len(face_ids)))
        self._names |= zip(numbers, face_ids, strict=True)
        self._places |= {
            face_id: (kind, number) for face_id, number in zip(face_ids, numbers, strict=True)
        }
        return numbers

    def give_up(self, face_ids: Sequence[str]) -> dict[Kind, list[int]]:
        """Forget the numbers of FaceIds, and return those that they had."""
        by_kind: defaultdict[Kind, list[int]] = defaultdict(list)
        for face_id in face_ids:
            if face_id in self._places:
                kind, number = self._places.pop(face_id)
                del self._names[number]
                by_kind[kind].append(number)
        return by_kind


def _best(rows: Iterable[dict[str, Found]], k: int) -> list[tuple[str, Found]]:
    found = [owned for row in rows for owned in row.items()]
    return sorted(found, key=lambda owned: (-owned[1].score, owned[0]))[:k]
