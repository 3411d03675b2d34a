"""What an index holds, held against what the record says it should hold."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from contract.vectors import Vector
from scoring.cohort import fuse
from shard.gallery.change import Partition, StoredFace
from shard.index.collection import Collection
from shard.index.indexed_vectors import IndexedVectors

ROUNDING = 1e-6


class IndexedFace(NamedTuple):
    """A FaceId in the index."""

    partition: Partition
    templates: int
    provisional: bool
    vector: Vector
    place: tuple[float, float]


def in_order(held: IndexedVectors) -> IndexedVectors:
    """Return the same vectors in the order of their numbers, each once."""
    once = held.once()
    order = np.argsort(once.numbers)
    return IndexedVectors(once.numbers[order], once.vectors[order], once.places.of(order))


def indexed(collection: Collection) -> dict[int, IndexedFace]:
    """Return what the index holds, by number."""
    held: dict[int, IndexedFace] = {}
    for partition, (numbers, vectors, places), states in collection.pieces():
        rows = zip(numbers.tolist(), states, vectors, places.pairs, strict=True)
        for number, state, vector, place in rows:
            assert number not in held
            known = int(state["templates"]), bool(state["provisional"])
            held[number] = IndexedFace(partition, *known, vector, place)
    return held


def assert_equal_to_record(collection: Collection, rounding: float = ROUNDING) -> None:
    """Check each FaceId of the index, that it is searched where it belongs, and who is not whom."""
    told_apart = set(map(frozenset, collection.gallery.distinct_pairs()))
    assert set(map(frozenset, collection.visitors().distinct)) == told_apart
    held, record = indexed(collection), collection.gallery.record
    named = record.faces(held).faces
    assert named.keys() == held.keys()
    owned: defaultdict[StoredFace, list[Vector]] = defaultdict(list)
    for face, vector in record.templates(collection.model).values():
        owned[face].append(vector)
    assert {face.face_id for face in named.values()} == {face.face_id for face in owned}
    if not held:
        return
    faces = [named[number] for number in held]
    expected = [(face.partition, len(owned[face]), face.provisional) for face in faces]
    assert [found[:3] for found in held.values()] == expected
    vectors = np.stack([found.vector for found in held.values()])
    assert np.allclose(vectors, np.stack([fuse(owned[face]) for face in faces]), atol=rounding)
    templates = record.templates_of([face.face_id for face in faces], collection.model)
    pictures = [sum(templates[face.face_id].frames.values()) for face in faces]
    places = collection.scale.cohort.place(vectors, pictures)
    assert np.allclose([found.place for found in held.values()], places.pairs, atol=1e-4)
