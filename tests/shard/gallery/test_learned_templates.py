"""What visits teach stands beside what a FaceId is founded on, and goes when that is in doubt."""

import pytest

from contract.errors import LastTemplate, UnknownFace
from contract.messages.by_kind import ByKind
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, MOST_TEMPLATES, NewTemplate
from shard.index.collection import Collection
from tests.gateway.people.chain import everything_in
from tests.shard.fakes import MODEL, vector_of


def lesson(visit: int, quality: float = 1.0) -> NewTemplate:
    return NewTemplate(vector_of(100 + visit), MODEL, quality, learned_from=str(visit))


def picture(person: int, source: str | None = None) -> NewTemplate:
    return NewTemplate(vector_of(person), MODEL, 1.5, source, str(person))


def learned(gallery: Gallery, face_id: str) -> list[str]:
    """Return the visits that have taught a FaceId, in their order."""
    return [t.learned_from for t in gallery.face(face_id).templates if t.learned_from]


@pytest.fixture
def taught(gallery: Gallery) -> Gallery:
    """A gallery with `a`, who has learned from the visits 1 and 2, and `b`, from 3."""
    for name, person, visits in (("a", 1, (1, 2)), ("b", 2, (3,))):
        gallery.enroll(name, picture(person), None)
        assert all(gallery.learn(name, lesson(visit)) for visit in visits)
    return gallery


def test_a_visit_teaches_once_and_one_person_alone(taught: Gallery) -> None:
    assert taught.learn("a", lesson(1, quality=2.0))
    assert learned(taught, "a") == ["2", "1"]

    assert taught.learn("b", lesson(1))

    assert (learned(taught, "a"), learned(taught, "b")) == (["2"], ["3", "1"])


def test_a_handful_is_kept_the_weakest_and_oldest_makes_room(taught: Gallery) -> None:
    assert all(taught.learn("a", lesson(visit, quality=1.5)) for visit in (4, 5, 6))

    assert learned(taught, "a") == ["2", "4", "5", "6"]
    assert not taught.learn("a", lesson(7, quality=0.5))
    assert len(taught.face("a").templates) == MOST_TEMPLATES


def test_pictures_come_first(taught: Gallery) -> None:
    for person in range(10, 10 + MOST_TEMPLATES - 1):
        taught.enroll("a", picture(person), None)

    assert learned(taught, "a") == []
    assert not taught.learn("a", lesson(4, quality=9.0))


def test_a_picture_that_is_like_what_was_learned_is_enrolled(taught: Gallery) -> None:
    same = NewTemplate(lesson(1).vector, MODEL, 1.5, "x/1", "digest")

    assert taught.enroll("a", same, None).outcome == "enrolled"


def test_nobody_learns_who_is_not_there(gallery: Gallery) -> None:
    with pytest.raises(UnknownFace):
        gallery.learn("nobody", lesson(1))


def test_who_is_not_whom_forgets_and_so_does_the_other(taught: Gallery) -> None:
    taught.add_distinction("a", "b")

    assert (learned(taught, "a"), learned(taught, "b")) == ([], [])


def test_a_visit_of_somebody_else_makes_forget(taught: Gallery) -> None:
    taught.mint_distinct("v-1", [picture(9)], "a")

    assert (learned(taught, "a"), learned(taught, "b")) == ([], ["3"])


def test_what_was_learned_while_two_were_one_goes_with_the_merge(taught: Gallery) -> None:
    taught.merge("merge", "a", "b")
    taught.learn("a", lesson(4))
    assert learned(taught, "a") == ["2", "3", "4"]

    assert taught.unmerge("merge") == 2

    assert (learned(taught, "a"), learned(taught, "b")) == ([], ["3"])


def test_what_was_set_aside_comes_back_with_what_it_had_learned(taught: Gallery) -> None:
    taught.merge("merge", None, "b")

    assert taught.unmerge("merge", "a") == 2

    assert (learned(taught, "a"), learned(taught, "b")) == ([], ["3"])


def test_who_is_erased_leaves_nothing_with_whom_they_were_merged(taught: Gallery) -> None:
    taught.merge("merge", "a", "b")
    taught.learn("a", lesson(4))

    taught.erase(["b"])

    assert learned(taught, "a") == []
    assert [t.source for t in taught.face("a").templates] == [None]


def test_what_was_learned_is_overwritten_when_it_is_erased(taught: Gallery) -> None:
    def in_the_files() -> list[int]:
        content = everything_in(taught.file.path.parent)
        return [visit for visit in (1, 2, 3) if lesson(visit).vector.tobytes() in content]

    assert in_the_files() == [1, 2, 3]

    taught.erase(["a"])
    taught.forget("b")

    assert in_the_files() == []


def test_a_picture_takes_along_what_was_measured_against_it(taught: Gallery) -> None:
    second = taught.enroll("a", picture(5), None).template_id
    [first, *_] = taught.face("a").templates

    assert taught.erase_template("a", second, MODEL) == 1
    assert learned(taught, "a") == []
    taught.learn("a", lesson(1))
    with pytest.raises(LastTemplate):
        taught.erase_template("a", first.template_id, MODEL)


def test_what_was_learned_can_be_erased_by_itself(taught: Gallery) -> None:
    [_, first, _] = taught.face("a").templates

    assert taught.erase_template("a", first.template_id, MODEL) == 2
    assert learned(taught, "a") == ["2"]


def test_nothing_learned_outlives_the_last_picture(gallery: Gallery) -> None:
    gallery.enroll("a", picture(1, "x/1"), None)
    gallery.learn("a", lesson(1))

    gallery.enroll("b", picture(2, "x/1"), None)  # the file shows somebody else now

    assert [face.face_id for face in gallery.faces("", 10).faces] == ["b"]


def test_a_new_name_keeps_what_was_learned(taught: Gallery) -> None:
    taught.rename("a", "anna")

    assert learned(taught, "anna") == ["1", "2"]


def test_how_many_frames_a_template_is_of_survives_a_merge_and_its_undoing(
    collection: Collection,
) -> None:
    strict = ByKind(1e-9, 1e-9)
    three = NewTemplate(vector_of(1), MODEL, MINTED_QUALITY, frames=3)
    visitor = collection.mint(three, strict, False)[0].face_id
    collection.enroll("a", NewTemplate(vector_of(2), MODEL, 1.0))
    for into in ("a", None):
        collection.change(collection.gallery.merge, f"into {into}", into, visitor)
        collection.change(collection.gallery.unmerge, f"into {into}")

    frames = collection.templates_of(visitor).frames

    assert list(frames.values()) == [3]
