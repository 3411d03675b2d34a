"""Search for people: the index finds numbers, the record says who they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Places
from shard.gallery.change import StoredFace
from shard.gallery.indexing.record_reader import NumberedFaces, RecordReader
from shard.index.face_index import COVERED, FaceIndex, Matches, SearchScope
from shard.index.hit import Hit
from shard.index.scored_vectors import Similarity
from shard.index.visitor_faces import VisitorFaces


class FaceSearch:
    """Searches an index and the record that it follows; from any thread.

    What is answered is of one state: who was altered while the index was searched is searched for
    once more, when the index knows of it. Who is erased meanwhile, or no longer to be found by such
    a search, is not answered. The methods raise StorageError.
    """

    def __init__(
        self, index: FaceIndex, record: RecordReader, model: str, wait_seconds: float
    ) -> None:
        """Wait up to `wait_seconds` for the index to know of a change of those who were found."""
        self._index = index
        self._record = record
        self._model = model
        self._wait_seconds = wait_seconds

    def search(
        self, probes: Vectors, places: Places, k: int, scope: SearchScope
    ) -> list[list[Hit]]:
        """Return for each unit vector of `probes` (n, d) its `k` best FaceIds, best first.

        FaceIds with the same score come in the order of their names. After them come the best
        member and the best visitor where they are not among the `k`, for each kind may need another
        score, and those who are distinct from one of the `k` and follow soon.
        """
        matches = self._index.search(probes, places, k, scope)
        known = self._named(matches)
        if known.last_change > matches.seq:
            self._index.wait(known.last_change, self._wait_seconds)
            matches = self._index.search(probes, places, k, scope, of_one_state=True)
            known = self._named(matches)
        faces = {
            number: face for number, face in known.faces.items() if face.partition in COVERED[scope]
        }
        found = [_first(_ranked(similar, faces, matches), k) for similar in matches.similar]
        if not matches.distinct:
            return found
        return [self._with_rivals(*one) for one in zip(probes, found, strict=True)]

    def visitors(self) -> VisitorFaces:
        """Return the visitors who are not provisional: a copy, to compare them."""
        numbers, vectors, places = self._index.copy("visitor")
        known = self._record.faces(numbers.tolist()).faces
        here = [
            (row, known[number].face_id)
            for row, number in enumerate(numbers.tolist())
            if number in known and known[number].kind == "visitor" and not known[number].provisional
        ]
        own = self._record.templates_of([face_id for _, face_id in here], self._model)
        here = [(row, face_id) for row, face_id in here if own[face_id].vectors]
        rows, face_ids = np.array([row for row, _ in here], np.intp), [name for _, name in here]
        templates = [own[face_id].vectors for face_id in face_ids]
        distinct = self._index.distinctions
        return VisitorFaces(face_ids, vectors[rows], places.of(rows), templates, distinct)

    def _named(self, matches: Matches) -> NumberedFaces:
        return self._record.faces({number for each in matches.similar for number in each})

    def _with_rivals(self, probe: Vector, hits: list[Hit]) -> list[Hit]:
        """Return the hits with the scores of rivals whom the search did not cover."""
        seen = {hit.face.face_id for hit in hits}
        rivals = frozenset[str]().union(*(hit.distinct for hit in hits)) - seen
        if not rivals:
            return hits
        scores = self._scores(probe, rivals)
        return [
            replace(hit, rival=max(scores[other] for other in hit.distinct - seen))
            if hit.distinct - seen
            else hit
            for hit in hits
        ]

    def _scores(self, probe: Vector, face_ids: frozenset[str]) -> dict[str, float]:
        own = self._record.templates_of(face_ids, self._model)
        return {
            face_id: self._index.likeness(
                probe, list(templates.vectors.values()), sum(templates.frames.values())
            )
            if templates.vectors
            else -math.inf
            for face_id, templates in own.items()
        }


def _ranked(
    similar: Mapping[int, Similarity], faces: Mapping[int, StoredFace], matches: Matches
) -> list[Hit]:
    """Return one probe's hits, best first."""
    hits = [
        Hit(face, *similarity, matches.distinct.get(face.face_id, frozenset()))
        for number, similarity in similar.items()
        if (face := faces.get(number)) is not None
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.face.face_id))


def _first(hits: Sequence[Hit], k: int) -> list[Hit]:
    """Return the best `k`, and of the others the best of its kind and who is distinct from one."""
    best = list(hits[:k])
    wanted = frozenset[str]().union(*(hit.distinct for hit in best))
    first = {hit.face.kind: hit.face.face_id for hit in reversed(hits)}
    wanted |= frozenset(first.values())
    return [*best, *(hit for hit in hits[k:] if hit.face.face_id in wanted)]
