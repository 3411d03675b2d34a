"""Templates of two models beside each other: stored, replaced, learned and erased together."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import ConfigurationError, LastTemplate
from contract.messages.by_kind import ByKind
from contract.messages.second_model import Agreement
from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate, SecondVector
from shard.index.collection import Collection
from tests.shard.fakes import DIMENSION, MODEL, SECOND, vector_of

RATES = ByKind(0.01, 0.01)


def second_of(person: int, shift: float = 0.0) -> SecondVector:
    return SecondVector(vector_of(person, shift, SECOND.dimension), SECOND.model)


def both(person: int, source: str | None = None) -> NewTemplate:
    return NewTemplate(
        vector_of(person), MODEL, 1.5, source, f"d{person}", second=second_of(person)
    )


def one(person: int, source: str | None = None) -> NewTemplate:
    return replace(both(person, source), second=None)


def models(gallery: Gallery, face_id: str) -> Counter[str]:
    """Return how many templates of each model a FaceId has."""
    return Counter(template.model for template in gallery.face(face_id).templates)


def load(gallery: Gallery, model: str = MODEL, second: str | None = SECOND.model) -> Collection:
    dimensions = {MODEL: DIMENSION, SECOND.model: SECOND.dimension, "other": 4}
    beside = None
    if second is not None:
        scale = ScoreScale.of_model(second)
        beside = Collection(gallery, second, dimensions[second], scale, skip_foreign=True)
    scale = ScoreScale.of_model(model)
    return Collection.load(gallery, model, dimensions[model], scale, second=beside)


@pytest.fixture
def two(gallery: Gallery) -> Collection:
    """The collection of a gallery with both models."""
    return load(gallery)


def named(collection: Collection | None, person: int) -> str | None:
    """Return who a person is by a collection's model."""
    assert collection is not None
    probe = vector_of(person, dimension=collection.dimension)[None, :]
    [hits] = collection.search(probe, 1)
    needed = collection.thresholds(RATES)
    return next((hit.face.face_id for hit in hits if hit.passes(hits, needed)), None)


def test_who_is_enrolled_is_known_by_both_models(two: Collection) -> None:
    two.enroll("a", both(1))

    assert (named(two, 1), named(two.second, 1)) == ("a", "a")
    assert two.changed_over().member.model_dump() == {"changed": 1, "of": 1}
    assert two.counts.templates == 1


def test_a_stranger_gets_both_in_one_step(two: Collection) -> None:
    face, known = two.mint(replace(both(1), quality=MINTED_QUALITY), RATES, False)

    assert known is None
    assert named(two.second, 1) == face.face_id
    assert two.changed_over().visitor.model_dump() == {"changed": 1, "of": 1}


def test_a_stranger_from_before_the_exchange_is_minted_by_the_former_model(
    two: Collection,
) -> None:
    vector, model = second_of(1)
    face, _ = two.mint(NewTemplate(vector, model, MINTED_QUALITY), RATES, False)
    again, known = two.mint(NewTemplate(vector, model, MINTED_QUALITY), RATES, False)

    assert known is not None
    assert face.face_id == again.face_id == named(two.second, 1)
    assert (two.counts.visitors, two.changed_over().visitor.changed) == (0, 1)


def test_who_got_a_first_template_later_is_in_the_index_of_that_model(two: Collection) -> None:
    two.enroll("a", one(1))
    assert named(two.second, 1) is None

    stored = two.enroll("a", both(1))

    assert (stored.outcome, named(two.second, 1)) == ("unchanged", "a")
    assert models(two.gallery, "a") == {MODEL: 1, SECOND.model: 1}


def test_a_replica_follows_both(two: Collection, tmp_path: Path) -> None:
    replica = load(Gallery.follow(tmp_path / "gallery.sqlite3", "s"))
    two.enroll("a", one(1))
    replica.catch_up()
    two.enroll("a", both(1))
    replica.catch_up()

    assert (named(replica, 1), named(replica.second, 1)) == ("a", "a")
    replica.gallery.close()


def test_a_changed_file_replaces_the_templates_of_both(two: Collection) -> None:
    two.enroll("a", both(1, "x/1"))
    two.enroll("a", both(2))

    assert two.enroll("a", both(3, "x/1")).outcome == "replaced"

    assert models(two.gallery, "a") == {MODEL: 2, SECOND.model: 2}
    assert (named(two.second, 1), named(two.second, 3)) == (None, None)  # two people in one


def test_a_file_that_shows_the_same_picture_again_keeps_both(two: Collection) -> None:
    first = two.enroll("a", both(1, "x/1"))
    again = two.enroll("a", replace(both(1, "x/1"), digest="saved again"))

    assert again.template_id == first.template_id
    assert models(two.gallery, "a") == {MODEL: 1, SECOND.model: 1}


def test_a_picture_is_erased_with_the_templates_of_both(two: Collection) -> None:
    first = two.enroll("a", both(1))
    two.enroll("a", both(2))

    assert two.erase_template("a", first.template_id) == 2
    assert models(two.gallery, "a") == {MODEL: 1, SECOND.model: 1}
    [left, beside] = two.gallery.face("a").templates
    for template in (left, beside):
        with pytest.raises(LastTemplate):
            two.erase_template("a", template.template_id)


def test_the_last_picture_that_the_served_model_knows_stays(two: Collection) -> None:
    first = two.enroll("a", both(1))
    vector, model = second_of(1, 0.3)
    two.change(two.gallery.enroll, "a", NewTemplate(vector, model, 1.0), None)

    with pytest.raises(LastTemplate):
        two.erase_template("a", first.template_id)
    alone = two.gallery.face("a").templates[-1]
    assert two.erase_template("a", alone.template_id) == 2


def test_what_is_set_aside_comes_back_as_one_picture(two: Collection) -> None:
    two.enroll("a", both(1))
    two.enroll("b", both(2))
    two.enroll("b", both(3))
    for into in ("a", None):
        two.change(two.gallery.merge, f"into {into}", into, "b")
        two.change(two.gallery.unmerge, f"into {into}")

    number = two.gallery.face("b").templates[0].template_id

    assert named(two.second, 1) == "a"
    assert two.erase_template("b", number) == 2


def test_a_visit_teaches_both_models_and_one_person(gallery: Gallery) -> None:
    for name, person in (("a", 1), ("b", 2)):
        gallery.enroll(name, both(person), None)
    lesson = NewTemplate(vector_of(1, 0.2), MODEL, 1.0, learned_from="7")
    vector, model = second_of(1, 0.2)
    gallery.learn("a", lesson)
    gallery.learn("a", replace(lesson, vector=vector, model=model))
    assert models(gallery, "a") == {MODEL: 2, SECOND.model: 2}

    gallery.learn("b", lesson)

    assert models(gallery, "a") == {MODEL: 1, SECOND.model: 1}


def test_a_store_changes_to_its_second_model_and_back(gallery: Gallery) -> None:
    load(gallery).enroll("a", both(1))

    changed = load(gallery, SECOND.model, MODEL)
    changed.enroll(
        "b",
        replace(
            both(2),
            vector=second_of(2).vector,
            model=SECOND.model,
            second=SecondVector(vector_of(2), MODEL),
        ),
    )
    back = load(gallery)

    assert [named(changed, person) for person in (1, 2)] == ["a", "b"]
    assert [named(back, person) for person in (1, 2)] == ["a", "b"]
    assert not back.gallery.undescribed.of(MODEL, SECOND.model)


def test_who_has_no_template_of_the_served_model_is_counted(gallery: Gallery) -> None:
    load(gallery).enroll("a", both(1))
    load(gallery).enroll("b", one(2))

    changed = load(gallery, SECOND.model, MODEL)

    assert changed.counts.members == 1
    assert changed.changed_over().member.model_dump() == {"changed": 2, "of": 2}


def test_members_who_would_be_lost_end_the_start(gallery: Gallery) -> None:
    load(gallery).enroll("a", both(1))
    load(gallery).enroll("b", one(2))

    with pytest.raises(ConfigurationError, match=r"1 members have no others.*FACEGATE_REENCODE"):
        load(gallery, SECOND.model, None)
    with pytest.raises(ConfigurationError, match=r"of model .*, the encoder is 'other'"):
        load(gallery, "other", None)


def test_visitors_who_are_left_over_do_not(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    two = load(gallery)
    two.enroll("a", both(1))
    two.mint(replace(one(2), quality=MINTED_QUALITY), RATES, False)

    changed = load(gallery, SECOND.model, None)

    assert (changed.counts.members, changed.counts.visitors) == (1, 0)
    assert "2 of the gallery's vectors are of model 'fake-v1'" in caplog.text
    assert "they are kept out" in caplog.text


def test_pictures_that_a_model_does_not_know_are_listed(two: Collection) -> None:
    two.enroll("a", one(1, "x/1"))
    two.enroll("a", one(2))  # nobody has its file
    two.enroll("b", both(3, "x/3"))
    undescribed = two.gallery.undescribed

    [picture] = undescribed.of(MODEL, SECOND.model)

    assert (picture.source, picture.digest, picture.model) == ("x/1", "d1", MODEL)
    assert not two.change(undescribed.describe, picture, both(9))  # the file shows another face
    assert two.change(undescribed.describe, picture, both(1))
    assert not undescribed.of(MODEL, SECOND.model)
    two.erase("a")
    assert not two.change(undescribed.describe, picture, both(1))


def test_agreement_is_added_up_for_each_pair(gallery: Gallery) -> None:
    gallery.agreements.add("m", "n", Agreement(compared=2, same=1, different=1))
    gallery.agreements.add("m", "n", Agreement(compared=1, same=1))

    assert gallery.agreements.of("m", "n") == Agreement(compared=3, same=2, different=1)
    assert gallery.agreements.of("n", "m") == Agreement()
