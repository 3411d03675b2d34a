"""A store's faces in memory, by number: one vector a FaceId, the mean of its templates.

Measured, the mean direction names more members rightly than the best of the templates does, for
as many strangers (docs/accuracy.md).

The index is a cache of the gallery: it holds what the gallery's changes told it, nothing else. It
knows no names: who it is that was found, the record says (`face_search.py`).
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.messages.cluster import Counts
from contract.messages.index_status import IndexKind, IndexStatus
from contract.messages.message import Kind, Scope
from contract.vectors import Vector, Vectors
from scoring.cohort import Cohort, Floats, Places, fuse, pair_scores, unit
from service.unused_memory import return_unused_memory
from shard.gallery.change import PARTITIONS, AlteredFaces, Change, FaceNumbers, Partition
from shard.index.face_states import FaceStates, States
from shard.index.indexed_vectors import IndexedVectors
from shard.index.ivf_flat_index import IvfFlatIndex
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import LEAST_LISTED, PartitionIndex
from shard.index.read_write_lock import Reading, ReadWriteLock
from shard.index.scored_vectors import Similarity

log = logging.getLogger(__name__)

_PIECE = 300
"""Vectors placed at once: the cohort of 9,000 faces takes 11 MB for them."""
SearchScope = Scope | Literal["own", "own members"]
"""Whom a search covers: whom other stores may search for, or everybody of this store."""
COVERED: dict[SearchScope, tuple[Partition, ...]] = {
    "members": ("roaming",),
    "everyone": ("roaming", "visitor"),
    "own": ("roaming", "resident", "visitor"),
    "own members": ("roaming", "resident"),
}
_KINDS: dict[Kind, tuple[Partition, ...]] = {
    "member": ("roaming", "resident"),
    "visitor": ("visitor",),
}
_FIRST, _SECOND = np.array([0]), np.array([1])
_MORE = 8
"""How many more FaceIds are fetched where some are distinct from others."""
Distinct = Mapping[str, frozenset[str]]
"""Of each FaceId that was told apart from others, who these are that a face is rather."""


class Matches(NamedTuple):
    """What an index has found for each probe, by number, in its state after the change `seq`."""

    seq: int
    similar: Sequence[Mapping[int, Similarity]]
    distinct: Distinct


class _State(NamedTuple):
    """After which change an index is, and after how many that a search must not see in part."""

    seq: int
    steps: int
    distinct: Distinct

    def fetched(self, k: int) -> int:
        """Return how many to look for where `k` are wanted."""
        return k + _MORE if self.distinct else k


class IndexPiece(NamedTuple):
    """Some of a partition's FaceIds: their vectors and places, and what else is known of them."""

    partition: Partition
    indexed: IndexedVectors
    states: States


class FaceIndex:
    """Three partitions: roaming members, other members, visitors. Safe to use from many threads.

    They are indexes of their own because Faiss is fast without selectors only, and because what is
    not in an index cannot be found in it: a search from another store never sees a member who has
    not agreed to it.
    Vectors are brought to unit length: those that older releases stored are longer.
    """

    def __init__(self, dimension: int, cohort: Cohort, kind: IndexKind = "flat") -> None:
        self.dimension = dimension
        self.seq = 0
        self._cohort = cohort
        self._lock = ReadWriteLock()
        self._caught_up = threading.Condition()
        self._partitions = {name: PartitionIndex(dimension, kind) for name in PARTITIONS}
        self._states = FaceStates()
        self._distinct: Distinct = {}
        self._steps = 0
        self.counts = self._count()

    def update(self, change: Change) -> None:
        """Apply `change`; no search sees half of what concerns several FaceIds."""
        altered = change.altered
        held = altered.templates > 0
        vectors, pictures = _fused(altered)
        places = altered.places.of(np.flatnonzero(held))
        stored = ~np.isnan(places.mean)
        self._place(vectors, pictures, places, np.flatnonzero(~stored))
        numbers, partitions = altered.numbers[held], altered.partitions[held]
        concerned = np.concatenate([change.gone, altered.numbers])
        with self._lock.writing():
            former = self._states.release(concerned)
            left = 0
            for code, name in enumerate(PARTITIONS):
                rows = np.flatnonzero(partitions == code)
                shown = IndexedVectors(numbers[rows], vectors[rows], places.of(rows))
                left += self._partitions[name].update(former[name], shown)
            if left or len(concerned) > 1 or change.distinctions is not None:
                self._steps += 1
            self._states.put(
                numbers,
                partitions,
                altered.templates[held],
                altered.provisional[held],
                stored,
            )
            if change.distinctions is not None:
                self._distinct = _by_face_id(change.distinctions)
            self.counts = self._count()

    def reach(self, seq: int) -> None:
        """Note that the index is equal to the gallery after its change `seq`."""
        with self._caught_up:
            self.seq = seq
            self._caught_up.notify_all()

    def wait(self, seq: int, seconds: float) -> None:
        """Wait until the index has the change `seq`, for no longer than some seconds."""
        with self._caught_up:
            self._caught_up.wait_for(lambda: self.seq >= seq, seconds)

    def search(
        self,
        probes: Vectors,
        places: Places,
        k: int,
        scope: SearchScope,
        *,
        of_one_state: bool = False,
    ) -> Matches:
        """Return for each unit vector of `probes` (n, d) the `k` best of each partition at least.

        There are more where some are distinct from others. `places` are those of the probes.
        Changes go on between the pieces of the work, unless the answer is to be `of_one_state`: a
        FaceId that comes or is altered by itself meanwhile is seen as before or as after. Where
        one goes, moves to another partition, or several change at once, it begins anew like that.
        """
        with self._lock.reading():
            begun = self._state
        if not of_one_state:
            fetch = begun.fetched(k)
            found = self._found(probes, places, fetch, scope, self._lock.reading)
            if self._steps == begun.steps:
                return Matches(begun.seq, found, begun.distinct)
        with self._lock.reading():
            state = self._state
            found = self._found(probes, places, state.fetched(k), scope, nullcontext)
        return Matches(state.seq, found, state.distinct)

    def _found(
        self,
        probes: Vectors,
        places: Places,
        fetch: int,
        scope: SearchScope,
        reading: Reading,
    ) -> list[Mapping[int, Similarity]]:
        found = [
            self._partitions[name].search(probes, places, fetch, reading) for name in COVERED[scope]
        ]
        return [_joined(results) for results in zip(*found, strict=True)]

    @property
    def _state(self) -> "_State":
        return _State(self.seq, self._steps, self._distinct)

    def cosines(self, probes: Vectors, scope: SearchScope) -> list[tuple[Floats, Places]] | None:
        """Return the cosines of the `probes` (n, d) with everybody in `scope`, and their places.

        Each part is of shapes (n, m) and (m,). None where a search does not look at everybody.
        """
        with self._lock.reading():
            parts = [self._partitions[name].cosines(probes) for name in COVERED[scope]]
        known = [part for part in parts if part is not None]
        return list(chain.from_iterable(known)) if len(known) == len(parts) else None

    @property
    def statuses(self) -> dict[Partition, IndexStatus]:
        """How each partition is searched."""
        return {name: partition.status for name, partition in self._partitions.items()}

    def make_lists(
        self, likeness: MatchLikeness, go_on: Callable[[], None], least: int = LEAST_LISTED
    ) -> bool:
        """Make the inverted lists that partitions want, and say whether any did.

        It takes seconds, and minutes with a million faces; searches and changes go on meanwhile.
        People who match are so alike: where lists would miss too many of them, none are made, nor
        are any of fewer than `least` faces, which are 16 or more.
        `go_on` is called every few seconds, and ends it by what it raises: nothing has changed.
        """
        partitions = self._partitions.values()
        made = [self._make_lists(each, likeness, go_on, least) for each in partitions]
        return any(made)

    def are_distinct(self, one: str, other: str) -> bool:
        """Say whether two FaceIds were declared to be different people."""
        distinct = self._distinct
        return one in distinct.get(other, ()) or other in distinct.get(one, ())

    @property
    def distinctions(self) -> list[tuple[str, str]]:
        """All pairs of FaceIds that were declared to be different people."""
        return [(one, two) for one, others in self._distinct.items() for two in others]

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

    def known(self, kind: Kind) -> NDArray[np.bool_]:
        """Say of every number up to some last one whether it is in the index as this kind."""
        with self._lock.reading():
            return self._states.known(*_KINDS[kind])

    def pieces(self) -> Iterator[IndexPiece]:
        """Yield all that is in the index, piece by piece: no change waits for more than one.

        Who is altered meanwhile may be in none of them, or in two.
        """
        for name, partition in self._partitions.items():
            number, made = 0, partition.made
            while True:
                with self._lock.reading():
                    if partition.made != made:  # in other pieces: from the first one again
                        number, made = 0, partition.made
                    if number >= partition.pieces:
                        break
                    indexed = partition.piece(number)
                    states = self._states.of(indexed.numbers)
                yield IndexPiece(name, indexed, states)
                number += 1

    def put_back(self, piece: IndexPiece) -> None:
        """Put in again what another index had; who is here already stays so."""
        partition, (numbers, vectors, places), states = piece
        with self._lock.writing():
            rows = np.flatnonzero(self._states.are_new(numbers))
            if len(rows):
                self._partitions[partition].add(numbers[rows], vectors[rows], places.of(rows))
                self._states.put_back(numbers[rows], states[rows])
            self.counts = self._count()

    def copy(self, partition: Partition) -> IndexedVectors:
        """Return a copy of a partition; of who is altered meanwhile, some may be missing."""
        return self._copied(self._partitions[partition])

    def places_to_store(self, most: int) -> tuple[FaceNumbers, Places]:
        """Return up to `most` numbers whose places the record has not, and these places."""
        with self._lock.reading():
            numbers = self._states.without_stored_place(most)
            partitions = self._partitions.values()
            waiting = IndexedVectors.joined([each.of(numbers) for each in partitions])
        return waiting.numbers, waiting.places

    @property
    def places_stored(self) -> int:
        """How many FaceIds have their places in the record."""
        with self._lock.reading():
            return self._states.places_stored

    def note_stored_places(self, numbers: FaceNumbers) -> None:
        """Note that the places of these numbers are in the record by now."""
        with self._lock.writing():
            self._states.note_stored_places(numbers)

    def _make_lists(
        self,
        partition: PartitionIndex,
        likeness: MatchLikeness,
        go_on: Callable[[], None],
        least: int,
    ) -> bool:
        with self._lock.writing():
            if not partition.wants_lists(least):
                return False
            partition.begin()
        log.info("making lists of %d faces", len(partition))
        try:
            tried, made = self._trained(partition, likeness, go_on)
        except BaseException:  # whatever it is, the partition goes on as it is
            with self._lock.writing():
                partition.abandon()
            raise
        if made is None:
            with self._lock.writing():
                partition.abandon(tried)
        else:
            self._replace(partition, made)
        return_unused_memory()  # as much as the vectors take, of what lists were made by
        return made is not None

    def _trained(
        self, partition: PartitionIndex, likeness: MatchLikeness, go_on: Callable[[], None]
    ) -> tuple[int, IvfFlatIndex | None]:
        """Return by how many vectors lists were made, and the lists where they pay."""
        copied = self._copied(partition)
        return len(copied.numbers), IvfFlatIndex.trained(copied, likeness, go_on)

    def _replace(self, partition: PartitionIndex, made: IvfFlatIndex) -> None:
        with self._lock.writing():
            former = partition.replace(made)
        del former  # now: to free a large one takes longer than a search may wait

    def _copied(self, partition: PartitionIndex) -> IndexedVectors:
        """Return the vectors of a partition, piece by piece: no change waits for more than one.

        Between two pieces a number may move from one to another.
        """
        pieces = [IndexedVectors.none(self.dimension)]
        while True:
            with self._lock.reading():
                if len(pieces) > partition.pieces:
                    break
                pieces.append(partition.piece(len(pieces) - 1))
        joined = IndexedVectors.joined(pieces)
        pieces.clear()
        return joined.once()

    def _place(
        self,
        vectors: Vectors,
        pictures: NDArray[np.int64],
        places: Places,
        missing: NDArray[np.intp],
    ) -> None:
        """Fill in the `missing` places of unit vectors.

        Piece by piece: each takes much room for a moment.
        """
        for start in range(0, len(missing), _PIECE):
            piece = missing[start : start + _PIECE]
            placed = self._cohort.place(vectors[piece], pictures[piece].tolist())
            places.mean[piece], places.deviation[piece] = placed

    def _count(self) -> Counts:
        members = {name: len(self._partitions[name]) for name in _KINDS["member"]}
        visitors = len(self._partitions["visitor"])
        return Counts(
            faces=sum(members.values()) + visitors,
            members=sum(members.values()),
            roaming=members["roaming"],
            visitors=visitors,
            templates=self._states.templates,
            provisional=self._states.provisional,
        )


def _fused(altered: AlteredFaces) -> tuple[Vectors, NDArray[np.int64]]:
    """Return the mean vectors of those who have templates, and of how many pictures each is."""
    counts = altered.templates[altered.templates > 0]
    if not len(counts):
        return altered.vectors, counts
    first = np.cumsum(counts) - counts
    vectors = unit(np.add.reduceat(unit(altered.vectors), first, axis=0))
    return vectors, np.add.reduceat(altered.frames, first)


def _joined(results: Iterable[Mapping[int, Similarity]]) -> Mapping[int, Similarity]:
    return {number: similarity for each in results for number, similarity in each.items()}


def _by_face_id(pairs: Iterable[tuple[str, str]]) -> Distinct:
    distinct: defaultdict[str, set[str]] = defaultdict(set)
    for face_id, other in pairs:
        distinct[other].add(face_id)
    return {face_id: frozenset(others) for face_id, others in distinct.items()}
