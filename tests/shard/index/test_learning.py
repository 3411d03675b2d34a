"""A FaceId learns from visits of which it is certain, and never walks to somebody else."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import UnknownFace
from contract.messages.by_kind import ByKind
from contract.stores.store_map import Learning
from contract.vectors import Vector
from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate
from shard.index.collection import Collection
from tests.shard.fakes import DIMENSION, MODEL

RATES = ByKind(0.01, 0.01)
FAR = 1.2
"""Radians from which nobody takes one face for the other."""


def face_at(angle: float) -> Vector:
    """Return a unit vector in the plane of the first two axes."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[:2] = math.cos(angle), math.sin(angle)
    return vector


def lesson(angle: float, visit: int) -> NewTemplate:
    return NewTemplate(face_at(angle), MODEL, 1.0, learned_from=str(visit))


def teach(
    collection: Collection,
    face_id: str,
    angle: float,
    visit: int = 1,
    learning: Learning = "visitors",
) -> bool:
    certainty = collection.certainty(RATES)
    return collection.learn(face_id, lesson(angle, visit), certainty, learning)


def mint(collection: Collection, angle: float, provisional: bool = False) -> str:
    """Give a face at that angle a FaceId of its own, whoever is near."""
    strict = ByKind(1e-9, 1e-9)
    template = NewTemplate(face_at(angle), MODEL, MINTED_QUALITY)
    return collection.mint(template, strict, provisional)[0].face_id


def angles(collection: Collection, face_id: str) -> list[float]:
    """Return where the templates of a FaceId are, in their order."""
    vectors = collection.vectors_of(face_id)
    return [math.atan2(vectors[n][1], vectors[n][0]) for n in sorted(vectors)]


def test_a_certain_visit_teaches(collection: Collection) -> None:
    visitor = mint(collection, 0.0)

    assert teach(collection, visitor, 0.2)

    assert angles(collection, visitor) == pytest.approx([0.0, 0.2], abs=1e-6)


def test_of_a_member_it_has_to_be_surer_than_to_name_them(collection: Collection) -> None:
    collection.enroll("anna", NewTemplate(face_at(0.0), MODEL, 1.0))
    certainty = collection.certainty(RATES)
    doubtful = next(
        float(angle)
        for angle in np.arange(0.0, FAR, 0.01)
        if collection.likeness(face_at(angle), [face_at(0.0)]) < certainty.sure.member
    )

    assert collection.search(face_at(doubtful)[None, :], 1)[0][0].passes([], certainty.needed)
    assert not teach(collection, "anna", doubtful, learning="everyone")
    assert teach(collection, "anna", doubtful - 0.01, learning="everyone")


def test_who_does_not_match_teaches_nothing(collection: Collection) -> None:
    visitor = mint(collection, 0.0)

    assert not teach(collection, visitor, FAR)


def test_nothing_is_learned_with_somebody_else_near(collection: Collection) -> None:
    visitor, _ = mint(collection, 0.0), mint(collection, 0.4)

    assert not teach(collection, visitor, 0.199)
    assert teach(collection, visitor, 0.15)


def test_nothing_is_learned_by_who_is_not_the_most_alike(collection: Collection) -> None:
    visitor, other = mint(collection, 0.0), mint(collection, FAR)

    assert not teach(collection, visitor, FAR - 0.1)
    assert not teach(collection, other, 0.1)


def test_what_is_known_is_not_learned_again(collection: Collection) -> None:
    visitor = mint(collection, 0.0)

    assert not teach(collection, visitor, 0.05)
    assert teach(collection, visitor, 0.2, visit=1)
    assert not teach(collection, visitor, 0.21, visit=2)
    assert teach(collection, visitor, 0.21, visit=1)  # the same visit knows it better now


def test_the_other_face_of_one_member_is_no_rival(collection: Collection) -> None:
    for name, angle in (("anna", 0.0), ("anna-2", 0.4)):
        collection.enroll(name, NewTemplate(face_at(angle), MODEL, 1.0), "m-1")

    assert teach(collection, "anna", 0.199, learning="everyone")


@pytest.mark.parametrize(
    ("learning", "expected"),
    [("nobody", (False, False)), ("visitors", (True, False)), ("everyone", (True, True))],
)
def test_a_store_says_who_learns(
    collection: Collection, learning: Learning, expected: tuple[bool, bool]
) -> None:
    visitor = mint(collection, 0.0)
    collection.enroll("anna", NewTemplate(face_at(FAR + 0.5), MODEL, 1.0))

    told = (
        teach(collection, visitor, 0.2, 1, learning),
        teach(collection, "anna", FAR + 0.7, 2, learning),
    )

    assert told == expected


def test_who_may_be_somebody_else_learns_nothing(collection: Collection) -> None:
    visitor = mint(collection, 0.0, provisional=True)

    assert not teach(collection, visitor, 0.2)


def test_who_is_gone_learns_nothing(collection: Collection) -> None:
    visitor = mint(collection, 0.0)
    collection.erase(visitor)

    with pytest.raises(UnknownFace):
        teach(collection, visitor, 0.2)


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.floats(0.05, 0.3), min_size=5, max_size=25))
def test_nobody_walks_to_somebody_else_by_small_steps(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float]
) -> None:
    """However a chain of visits leads away, what is learned stays like what the FaceId began as."""
    folder = tmp_path_factory.mktemp("gallery")
    gallery = Gallery.open(folder / "gallery.sqlite3", "s")
    collection = Collection.load(gallery, MODEL, DIMENSION, ScoreScale.of_model(MODEL))
    visitor, at = mint(collection, 0.0), 0.0
    for visit, step in enumerate(steps):
        at += step
        teach(collection, visitor, at, visit)

        needed = collection.certainty(RATES).needed.visitor
        for angle in angles(collection, visitor):
            assert collection.likeness(face_at(angle), [face_at(0.0)]) >= needed - 1e-3
    assert max(map(abs, angles(collection, visitor))) < FAR
    gallery.close()
