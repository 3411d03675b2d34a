"""Who is most alike, of a store's faces: members apart from visitors, one vector a FaceId.

A FaceId is searched by the mean direction of its templates: measured, that names more members
rightly than the best of the templates does, for as many strangers (docs/accuracy.md).

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from contract.messages.cluster import Counts
from contract.messages.message import Scope
from contract.vectors import Vector, Vectors
from scoring.cohort import Cohort, Places, fuse, pair_scores, unit
from shard.gallery.change import Card, Change, Side
from shard.index.read_write_lock import ReadWriteLock
from shard.index.template_index import Found, TemplateIndex

_PIECE = 300
"""Vectors placed at once: the cohort of 9,000 faces takes 11 MB for them."""
Reach = Scope | Literal["own", "own members"]
"""Whom a search sees: what other stores may ask for, or all that the store has."""
_SIDES: dict[Reach, tuple[Side, ...]] = {
    "members": ("roaming",),
    "everyone": ("roaming", "visitor"),
    "own": ("roaming", "resident", "visitor"),
    "own members": ("roaming", "resident"),
}
_FIRST, _SECOND = np.array([0]), np.array([1])
_MORE = 8
"""How many more FaceIds are looked at where some are told apart."""


@dataclass(frozen=True)
class Hit:
    """A FaceId that was found, with the score and the L2 distance of its mean direction.

    A face that passes for one of `apart` as well, and is no less like them, is theirs; `rival` is
    the score of the one most alike of those whom the search did not see.
    """

    card: Card
    score: float
    distance: float
    apart: frozenset[str] = frozenset()
    rival: float = -math.inf

    def passes(self, others: Iterable["Hit"], needed: float) -> bool:
        """Say whether a face is this FaceId's, when a score is `needed` and `others` are found."""
        enough = max(needed, self.score)
        theirs = self.rival >= enough or any(
            hit.score >= enough and hit.card.face_id in self.apart for hit in others
        )
        return self.score >= needed and not theirs


class FaceIndex:
    """Three indexes: members who roam, other members, visitors. Safe to use from many threads.

    Apart, because Faiss is fast without selectors only, and because what is not in an index cannot
    be found in it: a search from another store never sees a member who has not agreed to it.
    Vectors are brought to unit length: those that older releases stored are longer.
    """

    def __init__(self, dimension: int, cohort: Cohort) -> None:
        self.dimension = dimension
        self._cohort = cohort
        self._lock = ReadWriteLock()
        self._sides: dict[Side, TemplateIndex] = {
            side: TemplateIndex(dimension) for side in _SIDES["own"]
        }
        self._cards: dict[str, Card] = {}
        self._owner: dict[int, str] = {}
        self._templates: defaultdict[str, dict[int, Vector]] = defaultdict(dict)
        self._rows = Rows()
        self._provisional: set[str] = set()
        self._apart: defaultdict[str, set[str]] = defaultdict(set)
        self.counts = self._count()

    def update(self, change: Change) -> None:
        """Apply `change` in one step: no search sees half of it."""
        with self._lock.writing():
            moved = [t.template_id for t in change.added if t.template_id in self._owner]
            owners = self._remove([*change.removed, *moved])
            self._cards |= {card.face_id: card for card in change.cards}
            added = self._add(change)
            carded = {card.face_id for card in change.cards}
            self._renew(sorted(owners | added | carded))
            self._drop_empty(owners)
            self._note_provisional(owners | carded)
            if change.apart is not None:
                self._set_apart(change.apart)
            self.counts = self._count()

    def search(
        self, probes: Vectors, k: int, reach: Reach = "own", places: Places | None = None
    ) -> list[list[Hit]]:
        """Return for each unit vector of `probes` (n, d) its `k` best FaceIds, best first.

        FaceIds with the same score come in the order of their names. Those who are not one of the
        `k`, though alike, come after them. Who has the `places` of the probes among the cohort
        already may give them.
        """
        if places is None:
            places = self._cohort.place(probes)
        with self._lock.reading():
            fetch = k + _MORE if self._apart else k
            sides = [
                self._sides[side].search(probes, places, fetch, self._rows.name_of)
                for side in _SIDES[reach]
            ]
            found = [
                _kept([self._hit(*owned) for owned in _best(rows, fetch)], k)
                for rows in zip(*sides, strict=True)
            ]
            if not self._apart:
                return found
            return [self._rivalled(*one) for one in zip(probes, found, strict=True)]

    def vectors_of(self, face_id: str) -> dict[int, Vector]:
        """Return the unit vectors of a FaceId by the numbers of its templates."""
        with self._lock.reading():
            return dict(self._templates.get(face_id, {}))

    def are_apart(self, one: str, other: str) -> bool:
        """Say whether somebody said that two FaceIds are not one person."""
        with self._lock.reading():
            return one in self._apart.get(other, ()) or other in self._apart.get(one, ())

    def likeness(self, vector: Vector, templates: Sequence[Vector]) -> float:
        """Return the score of a unit vector with the mean direction of some templates."""
        both = np.stack([vector, fuse(templates)])
        places = self._cohort.place(both, [1, len(templates)])
        [score] = pair_scores(both[:1] @ both[1], places.of(_FIRST), places.of(_SECOND)).tolist()
        return float(score)

    def templates(self) -> dict[int, tuple[Card, Vector]]:
        """Return every template's owner and unit vector by its number: a copy, to compare by."""
        with self._lock.reading():
            return {
                number: (self._cards[face_id], vector)
                for face_id, templates in self._templates.items()
                for number, vector in templates.items()
            }

    def _rivalled(self, probe: Vector, hits: list[Hit]) -> list[Hit]:
        """Return the hits with the rivals whom the search did not see: visitors, for instance."""
        seen = {hit.card.face_id for hit in hits}
        return [
            replace(hit, rival=max(self._score(probe, other) for other in hit.apart - seen))
            if hit.apart - seen
            else hit
            for hit in hits
        ]

    def _score(self, probe: Vector, face_id: str) -> float:
        templates = list(self._templates.get(face_id, {}).values())
        return self.likeness(probe, templates) if templates else -math.inf

    def _hit(self, face_id: str, found: Found) -> Hit:
        apart = frozenset(self._apart.get(face_id, ()))
        return Hit(self._cards[face_id], *found, apart)

    def _note_provisional(self, face_ids: Iterable[str]) -> None:
        for face_id in face_ids:
            card = self._cards.get(face_id)
            if card is not None and card.provisional:
                self._provisional.add(face_id)
            else:
                self._provisional.discard(face_id)

    def _set_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._apart.clear()
        for face_id, other in pairs:
            self._apart[other].add(face_id)

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
        for side, numbers in self._rows.give_up(face_ids).items():
            self._sides[side].remove(np.array(numbers))
        by_side: defaultdict[Side, list[str]] = defaultdict(list)
        for face_id in face_ids:
            if self._templates[face_id]:
                by_side[self._cards[face_id].side].append(face_id)
        for side, those in by_side.items():
            owned = [list(self._templates[face_id].values()) for face_id in those]
            vectors = np.stack([fuse(vectors) for vectors in owned])
            places = self._placed(vectors, list(map(len, owned)))
            self._sides[side].add(np.array(self._rows.take(those, side)), vectors, places)

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
            members=len(self._sides["roaming"]) + len(self._sides["resident"]),
            roaming=len(self._sides["roaming"]),
            visitors=len(self._sides["visitor"]),
            templates=len(self._owner),
            provisional=len(self._provisional),
        )


class Rows:
    """Which FaceId stands under which number in which of the indexes."""

    def __init__(self) -> None:
        self._next = itertools.count()
        self._places: dict[str, tuple[Side, int]] = {}
        self._names: dict[int, str] = {}

    def name_of(self, number: int) -> str:
        """Return the FaceId under a number."""
        return self._names[number]

    def take(self, face_ids: Sequence[str], side: Side) -> list[int]:
        """Return new numbers for FaceIds that have none."""
        numbers = list(itertools.islice(self._next, len(face_ids)))
        self._names |= zip(numbers, face_ids, strict=True)
        self._places |= {
            face_id: (side, number) for face_id, number in zip(face_ids, numbers, strict=True)
        }
        return numbers

    def give_up(self, face_ids: Sequence[str]) -> dict[Side, list[int]]:
        """Forget the numbers of FaceIds, and return those that they had."""
        by_side: defaultdict[Side, list[int]] = defaultdict(list)
        for face_id in face_ids:
            if face_id in self._places:
                side, number = self._places.pop(face_id)
                del self._names[number]
                by_side[side].append(number)
        return by_side


def _best(rows: Iterable[dict[str, Found]], k: int) -> list[tuple[str, Found]]:
    found = [owned for row in rows for owned in row.items()]
    return sorted(found, key=lambda owned: (-owned[1].score, owned[0]))[:k]


def _kept(hits: list[Hit], k: int) -> list[Hit]:
    """Return the best `k`, and those of the others who are not one of them."""
    best = hits[:k]
    apart = frozenset[str]().union(*(hit.apart for hit in best))
    return [*best, *(hit for hit in hits[k:] if hit.card.face_id in apart)]
