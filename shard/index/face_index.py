"""A store's faces in memory, searched exactly: one vector a FaceId, the mean of its templates.

Measured, the mean direction names more members rightly than the best of the templates does, for
as many strangers (docs/accuracy.md).

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from contract.messages.cluster import Counts
from contract.messages.index_status import IndexKind, IndexStatus
from contract.messages.message import Kind, Scope
from contract.vectors import Vector, Vectors
from scoring.cohort import Cohort, Places, fuse, pair_scores
from shard.gallery.change import Change, Partition, StoredFace
from shard.index.hit import Hit
from shard.index.indexed_vectors import IndexedVectors
from shard.index.ivf_flat_index import IvfFlatIndex
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import PartitionIndex
from shard.index.read_write_lock import ReadWriteLock
from shard.index.row_numbers import RowNumbers
from shard.index.scored_vectors import Similarity
from shard.index.template_vectors import TemplateVectors
from shard.index.visitor_faces import VisitorFaces

_PIECE = 300
"""Vectors placed at once: the cohort of 9,000 faces takes 11 MB for them."""
SearchScope = Scope | Literal["own", "own members"]
"""Whom a search covers: whom other stores may search for, or everybody of this store."""
_PARTITIONS: dict[SearchScope, tuple[Partition, ...]] = {
    "members": ("roaming",),
    "everyone": ("roaming", "visitor"),
    "own": ("roaming", "resident", "visitor"),
    "own members": ("roaming", "resident"),
}
_FIRST, _SECOND = np.array([0]), np.array([1])
_MORE = 8
"""How many more FaceIds are fetched where some are distinct from others."""


class FaceIndex:
    """Three partitions: roaming members, other members, visitors. Safe to use from many threads.

    They are indexes of their own because Faiss is fast without selectors only, and because what is
    not in an index cannot be found in it: a search from another store never sees a member who has
    not agreed to it.
    Vectors are brought to unit length: those that older releases stored are longer.
    """

    def __init__(self, dimension: int, cohort: Cohort, kind: IndexKind = "flat") -> None:
        self.dimension = dimension
        self._cohort = cohort
        self._lock = ReadWriteLock()
        self._partitions: dict[Partition, PartitionIndex] = {
            partition: PartitionIndex(dimension, kind) for partition in _PARTITIONS["own"]
        }
        self._faces: dict[str, StoredFace] = {}
        self._templates = TemplateVectors()
        self._rows = RowNumbers()
        self._provisional: set[str] = set()
        self._distinct: defaultdict[str, set[str]] = defaultdict(set)
        self.counts = self._count()

    def update(self, change: Change) -> None:
        """Apply `change` in one step: no search sees half of it."""
        with self._lock.writing():
            moved = [template.template_id for template in change.added]
            owners = self._templates.remove([*change.removed, *moved])
            self._faces |= {face.face_id: face for face in change.faces}
            added = self._templates.add(change.added, change.vectors)
            altered = {face.face_id for face in change.faces}
            self._reindex(sorted(owners | added | altered))
            self._drop_empty(owners)
            self._note_provisional(owners | altered)
            if change.distinctions is not None:
                self._set_distinctions(change.distinctions)
            self.counts = self._count()

    def search(
        self, probes: Vectors, k: int, scope: SearchScope = "own", places: Places | None = None
    ) -> list[list[Hit]]:
        """Return for each unit vector of `probes` (n, d) its `k` best FaceIds, best first.

        FaceIds with the same score come in the order of their names. After them come the best
        member and the best visitor where they are not among the `k`, for each kind may need another
        score, and those who are distinct from one of the `k` and follow soon. `places` are those of
        the probes among the cohort, computed here when they are not given.
        """
        if places is None:
            places = self._cohort.place(probes)
        with self._lock.reading():
            fetch = k + _MORE if self._distinct else k
            partitions = [
                self._partitions[partition].search(probes, places, fetch)
                for partition in _PARTITIONS[scope]
            ]
            found = [_first(self._ranked(results), k) for results in zip(*partitions, strict=True)]
            if not self._distinct:
                return found
            return [self._with_rivals(*one) for one in zip(probes, found, strict=True)]

    @property
    def statuses(self) -> dict[Partition, IndexStatus]:
        """How each partition is searched."""
        return {name: partition.status for name, partition in self._partitions.items()}

    def make_lists(self, likeness: MatchLikeness) -> bool:
        """Make the inverted lists that partitions want, and say whether any did.

        It takes seconds, and minutes with a million faces; searches and changes go on meanwhile.
        People who match are so alike: where lists would miss too many of them, none are made.
        """
        made = [self._make_lists(each, likeness) for each in self._partitions.values()]
        return any(made)

    def vectors_of(self, face_id: str) -> dict[int, Vector]:
        """Return the unit vectors of a FaceId by the numbers of its templates."""
        with self._lock.reading():
            return self._templates.of(face_id)

    def are_distinct(self, one: str, other: str) -> bool:
        """Say whether two FaceIds were declared to be different people."""
        with self._lock.reading():
            return one in self._distinct.get(other, ()) or other in self._distinct.get(one, ())

    def frames_of(self, face_id: str) -> dict[int, int]:
        """Return of how many pictures each template of a FaceId is fused, by its number."""
        with self._lock.reading():
            return self._templates.frames_of(face_id)

    def likeness(
        self, vector: Vector, templates: Sequence[Vector], frames: int | None = None
    ) -> float:
        """Return the score of a unit vector with the mean direction of some templates.

        They are fused of `frames` pictures in all; default: of one each.
        """
        both = np.stack([vector, fuse(templates)])
        places = self._cohort.place(both, [1, frames or len(templates)])
        [score] = pair_scores(both[:1] @ both[1], places.of(_FIRST), places.of(_SECOND)).tolist()
        return float(score)

    def templates(self) -> dict[int, tuple[StoredFace, Vector]]:
        """Return every template's owner and unit vector by its number: a copy, to compare by."""
        with self._lock.reading():
            return {
                number: (self._faces[face_id], vector)
                for number, face_id, vector in self._templates
            }

    def kinds(self) -> dict[str, Kind]:
        """Return every FaceId of the index, and whether it is a member's: a copy."""
        with self._lock.reading():
            return {face_id: face.kind for face_id, face in self._faces.items()}

    def visitors(self) -> VisitorFaces:
        """Return the visitors who are not provisional: a copy, to compare them."""
        with self._lock.reading():
            numbers, vectors, places = self._partitions["visitor"].copy()
            face_ids = [self._rows.face_id_of(number) for number in numbers.tolist()]
            templates = [self._templates.of(face_id) for face_id in face_ids]
            distinct = [(one, two) for one, others in self._distinct.items() for two in others]
            provisional = set(self._provisional)
        faces = VisitorFaces(face_ids, vectors, places, templates, distinct)
        return faces.without(provisional) if provisional else faces

    def _make_lists(self, partition: PartitionIndex, likeness: MatchLikeness) -> bool:
        with self._lock.writing():
            if not partition.wants_lists:
                return False
            partition.begin()
        try:
            copied = self._copied(partition)
            made = IvfFlatIndex.trained(copied, likeness)
        except BaseException:  # whatever it is, the partition goes on as it is
            with self._lock.writing():
                partition.abandon()
            raise
        with self._lock.writing():
            if made is None:
                partition.abandon(len(copied.numbers))
            else:
                partition.replace(made)
        return made is not None

    def _copied(self, partition: PartitionIndex) -> IndexedVectors:
        """Return the vectors of a partition, piece by piece: no change waits for more than one.

        Between two pieces a number may move from one to another.
        """
        pieces = [IndexedVectors.none(self.dimension)]
        while True:
            with self._lock.reading():
                if len(pieces) > partition.pieces:
                    return IndexedVectors.joined(pieces).once()
                pieces.append(partition.piece(len(pieces) - 1))

    def _with_rivals(self, probe: Vector, hits: list[Hit]) -> list[Hit]:
        """Return the hits with the scores of rivals whom the search did not cover."""
        seen = {hit.face.face_id for hit in hits}
        return [
            replace(hit, rival=max(self._score(probe, other) for other in hit.distinct - seen))
            if hit.distinct - seen
            else hit
            for hit in hits
        ]

    def _score(self, probe: Vector, face_id: str) -> float:
        templates = list(self._templates.of(face_id).values())
        frames = sum(self._templates.frames_of(face_id).values())
        return self.likeness(probe, templates, frames) if templates else -math.inf

    def _ranked(self, results: Iterable[dict[int, Similarity]]) -> list[Hit]:
        """Return one probe's results, which are by number in each partition, best first."""
        found = [self._hit(*one) for result in results for one in result.items()]
        return sorted(found, key=lambda hit: (-hit.score, hit.face.face_id))

    def _hit(self, number: int, similarity: Similarity) -> Hit:
        face_id = self._rows.face_id_of(number)
        distinct = frozenset(self._distinct.get(face_id, ()))
        return Hit(self._faces[face_id], *similarity, distinct)

    def _note_provisional(self, face_ids: Iterable[str]) -> None:
        for face_id in face_ids:
            face = self._faces.get(face_id)
            if face is not None and face.provisional:
                self._provisional.add(face_id)
            else:
                self._provisional.discard(face_id)

    def _set_distinctions(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._distinct.clear()
        for face_id, other in pairs:
            self._distinct[other].add(face_id)

    def _reindex(self, face_ids: Sequence[str]) -> None:
        """Put into the partitions what is now known of these FaceIds."""
        for partition, numbers in self._rows.release(face_ids).items():
            self._partitions[partition].remove(np.array(numbers))
        grouped: defaultdict[Partition, list[str]] = defaultdict(list)
        for face_id in face_ids:
            if self._templates.of(face_id):
                grouped[self._faces[face_id].partition].append(face_id)
        for partition, those in grouped.items():
            owned = [list(self._templates.of(face_id).values()) for face_id in those]
            vectors = np.stack([fuse(vectors) for vectors in owned])
            pictures = [sum(self._templates.frames_of(face_id).values()) for face_id in those]
            places = self._placed(vectors, pictures)
            numbers = self._rows.assign(those, partition)
            self._partitions[partition].add(np.array(numbers), vectors, places)

    def _placed(self, vectors: Vectors, pictures: Sequence[int]) -> Places:
        """Return the places of unit vectors, piece by piece: each takes much room for a moment."""
        pieces = (slice(start, start + _PIECE) for start in range(0, len(vectors), _PIECE))
        placed = [self._cohort.place(vectors[piece], pictures[piece]) for piece in pieces]
        return Places.joined(placed)

    def _drop_empty(self, face_ids: Iterable[str]) -> None:
        """Forget those of the FaceIds that have no templates."""
        for face_id in face_ids:
            if not self._templates.of(face_id):
                del self._faces[face_id]

    def _count(self) -> Counts:
        return Counts(
            faces=len(self._faces),
            members=len(self._partitions["roaming"]) + len(self._partitions["resident"]),
            roaming=len(self._partitions["roaming"]),
            visitors=len(self._partitions["visitor"]),
            templates=len(self._templates),
            provisional=len(self._provisional),
        )


def _first(hits: list[Hit], k: int) -> list[Hit]:
    """Return the best `k`, and of the others the best of its kind and who is distinct from one."""
    best = hits[:k]
    wanted = frozenset[str]().union(*(hit.distinct for hit in best))
    first = {hit.face.kind: hit.face.face_id for hit in reversed(hits)}
    wanted |= frozenset(first.values())
    return [*best, *(hit for hit in hits[k:] if hit.face.face_id in wanted)]
