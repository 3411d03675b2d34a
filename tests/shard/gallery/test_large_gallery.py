"""What a gallery costs as it grows, in steps of SQLite's machine: the same on every computer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate, SecondVector
from shard.index.collection import Collection
from tests.shard.bound import bound
from tests.shard.fakes import DIMENSION, MODEL, SECOND, vector_of
from tests.shard.gallery.filled import filled

SMALL, LARGE = 500, 2000


@pytest.fixture(scope="module")
def galleries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Gallery]]:
    """A small gallery and a large one, with a template of two models for each FaceId."""
    made = [
        filled(tmp_path_factory.mktemp("gallery") / "g.sqlite3", count) for count in (SMALL, LARGE)
    ]
    yield made
    for gallery in made:
        gallery.close()


@contextmanager
def counted(gallery: Gallery) -> Iterator[Callable[[], int]]:
    """Give how many hundreds of steps SQLite has taken meanwhile."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with gallery.file.transaction() as connection:
        raw = connection.connection.driver_connection
    assert raw is not None
    raw.set_progress_handler(step, 100)
    try:
        yield lambda: steps
    finally:
        raw.set_progress_handler(None, 100)


def loaded(gallery: Gallery) -> Collection:
    scale, second_scale = ScoreScale.of_model(MODEL), ScoreScale.of_model(SECOND.model)
    second = Collection(gallery, SECOND.model, SECOND.dimension, second_scale, skip_foreign=True)
    return Collection.load(gallery, MODEL, DIMENSION, scale, second=second)


def test_a_start_takes_as_long_as_there_are_faces_and_not_their_square(
    galleries: list[Gallery],
) -> None:
    steps = []
    for gallery in galleries:
        with counted(gallery) as so_far:
            loaded(gallery)
            steps.append(so_far())

    small, large = steps
    assert large < 1.5 * small * LARGE / SMALL


def enroll(collection: Collection, person: int, source: str | None = None) -> None:
    """Enrol a picture of a person by both models."""
    second = SecondVector(vector_of(person, dimension=SECOND.dimension), SECOND.model)
    template = NewTemplate(vector_of(person), MODEL, 1.5, source, f"d{source}", second=second)
    collection.enroll(f"new-{person}", template)


def enroll_three(collection: Collection) -> None:
    enroll(collection, 1, "new.jpg")
    enroll(collection, 2)
    enroll(collection, 1, "again.jpg")


def replace_a_picture(collection: Collection) -> None:
    enroll(collection, 3, "replaced.jpg")
    enroll(collection, 4, "replaced.jpg")


def merge_and_undo(collection: Collection) -> None:
    collection.change(collection.gallery.merge, "1", "m-1", "m-2")
    collection.change(collection.gallery.unmerge, "1")


def set_aside_and_undo(collection: Collection) -> None:
    collection.change(collection.gallery.merge, "2", None, "m-3")
    collection.change(collection.gallery.unmerge, "2")


def erase_who_was_merged(collection: Collection) -> None:
    collection.change(collection.gallery.merge, "3", "m-4", "m-5")
    collection.change(collection.gallery.erase, ["m-5"])


def list_old_visitors(collection: Collection) -> None:
    collection.gallery.old_visitors(datetime(2025, 1, 1, tzinfo=UTC), "", 100)


CHANGES: list[Callable[[Collection], object]] = [
    enroll_three,
    replace_a_picture,
    merge_and_undo,
    set_aside_and_undo,
    erase_who_was_merged,
    lambda collection: collection.erase("m-6"),
    lambda collection: collection.change(collection.gallery.rename, "m-7", "mia"),
    lambda collection: collection.change(collection.gallery.bind, bound("m-8", "member", True)),
    lambda collection: collection.change(collection.gallery.add_distinction, "m-9", "m-10"),
    list_old_visitors,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_takes_no_longer_among_many_faces(
    galleries: list[Gallery], change: Callable[[Collection], object]
) -> None:
    steps = []
    for gallery in galleries:
        collection = loaded(gallery)
        with counted(gallery) as so_far:
            change(collection)
            steps.append(so_far())

    small, large = steps
    assert large < 1.5 * small + 20
