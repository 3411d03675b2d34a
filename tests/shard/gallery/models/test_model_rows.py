"""A model's templates are erased without anybody being lost who should not be."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import Conflict
from contract.messages.second_model import Agreement
from contract.vectors import Vector
from shard.gallery.gallery import Gallery
from shard.gallery.models.model_rows import ModelCounts
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate, SecondVector
from tests.shard.fakes import vector_of

OLD, NEW = "old", "new"


def longer(person: int) -> Vector:
    """Return the new model's vector of a person."""
    return np.concatenate([vector_of(person + 200), vector_of(person + 100)])


def enroll(
    gallery: Gallery, face_id: str, person: int, *, both: bool = True, source: str | None = None
) -> None:
    second = SecondVector(longer(person), NEW) if both else None
    picture = NewTemplate(vector_of(person), OLD, 1.0, source, "d", second=second)
    gallery.enroll(face_id, picture, None)


def mint(gallery: Gallery, face_id: str, person: int) -> None:
    gallery.mint(face_id, NewTemplate(vector_of(person), OLD, MINTED_QUALITY), provisional=False)


def teach(gallery: Gallery, face_id: str, person: int, visit: str = "1") -> None:
    gallery.learn(face_id, NewTemplate(longer(person), NEW, 0.9, learned_from=visit))


def models_of(gallery: Gallery, face_id: str) -> list[str]:
    return [template.model for template in gallery.face(face_id).templates]


def test_what_a_model_made_is_erased_and_nobody_else_s(gallery: Gallery, tmp_path: Path) -> None:
    enroll(gallery, "a", 1)
    old = vector_of(1).tobytes()
    assert old in _on_disk(tmp_path)

    forgotten = gallery.forget_model(OLD, served=NEW)

    assert forgotten == ModelCounts(templates=1, members_alone=0, visitors_alone=0)
    assert models_of(gallery, "a") == [NEW]
    assert old not in _on_disk(tmp_path)
    assert gallery.forget_model(OLD, served=NEW).templates == 0


def _on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_it_is_refused_while_a_member_has_nothing_else(gallery: Gallery) -> None:
    enroll(gallery, "a", 1)
    enroll(gallery, "b", 2, both=False)

    with pytest.raises(Conflict, match="1 members have templates of 'old' alone"):
        gallery.forget_model(OLD, served=NEW)

    assert models_of(gallery, "a") == [OLD, NEW]
    assert gallery.model_counts(OLD, served=NEW) == ModelCounts(2, 1, 0)


def test_a_visitor_who_has_nothing_else_is_gone(gallery: Gallery) -> None:
    mint(gallery, "v-1", 1)
    mint(gallery, "v-2", 2)
    teach(gallery, "v-2", 2)

    forgotten = gallery.forget_model(OLD, served=NEW)

    assert forgotten == ModelCounts(templates=2, members_alone=0, visitors_alone=1)
    assert [face.face_id for face in gallery.faces("", 9).faces] == ["v-2"]


def test_who_is_known_by_lessons_alone_is_founded_on_them(gallery: Gallery) -> None:
    enroll(gallery, "a", 1, both=False)
    teach(gallery, "a", 1)

    gallery.forget_model(OLD, served=NEW)

    [template] = gallery.face("a").templates
    assert (template.model, template.learned_from) == (NEW, None)
    assert gallery.forget("a") == 0


def test_who_has_a_picture_still_learns(gallery: Gallery) -> None:
    enroll(gallery, "a", 1)
    teach(gallery, "a", 2)

    gallery.forget_model(OLD, served=NEW)

    assert [each.learned_from for each in gallery.face("a").templates] == [None, "1"]


def test_a_merge_is_undone_by_pictures_whatever_model_has_described_them_since(
    gallery: Gallery,
) -> None:
    enroll(gallery, "a", 1)
    enroll(gallery, "b", 2, both=False)
    gallery.merge("1", "a", "b")
    described = NewTemplate(vector_of(2), OLD, 1.0, second=SecondVector(longer(2), NEW))
    gallery.enroll("a", described, None)

    gallery.forget_model(OLD, served=NEW)
    gallery.unmerge("1")

    assert (models_of(gallery, "a"), models_of(gallery, "b")) == ([NEW], [NEW])


def test_the_other_models_templates_go_back_with_a_merge_that_is_undone(gallery: Gallery) -> None:
    enroll(gallery, "a", 1)
    enroll(gallery, "b", 2, both=False)
    gallery.merge("1", "a", "b")
    described = NewTemplate(vector_of(2), OLD, 1.0, second=SecondVector(longer(2), NEW))
    gallery.enroll("a", described, None)

    gallery.unmerge("1")

    assert sorted(models_of(gallery, "b")) == [NEW, OLD]
    assert sorted(models_of(gallery, "a")) == [NEW, OLD]


def test_a_picture_that_is_erased_later_does_not_come_back(gallery: Gallery) -> None:
    enroll(gallery, "a", 1, source="x/1")
    enroll(gallery, "a", 3, source="x/3")
    gallery.forget_model(OLD, served=NEW)
    number = gallery.face("a").templates[0].template_id

    gallery.erase_template("a", number, NEW)

    assert gallery.imports.is_erased("a", "d")


def test_how_often_it_agreed_is_forgotten(gallery: Gallery) -> None:
    enroll(gallery, "a", 1)
    gallery.agreements.add(OLD, NEW, Agreement(compared=3, same=3))

    gallery.forget_model(OLD, served=NEW)

    assert gallery.agreements.of(OLD, NEW) == Agreement()


def test_a_picture_that_one_model_knows_gets_what_the_other_lacks(gallery: Gallery) -> None:
    enroll(gallery, "a", 1, both=False, source="x/1")
    swapped = NewTemplate(longer(1), NEW, 1.0, second=SecondVector(vector_of(1), OLD))

    result = gallery.enroll("a", swapped, None)

    assert result.outcome == "unchanged"
    assert models_of(gallery, "a") == [OLD, NEW]
    assert gallery.imports.incomplete([OLD, NEW], keep=False) == set()


def test_a_picture_that_one_model_lacks_is_incomplete(gallery: Gallery) -> None:
    enroll(gallery, "a", 1, both=False, source="x/1")
    enroll(gallery, "a", 2, both=True, source="x/2")

    assert gallery.imports.incomplete([OLD, NEW], keep=False) == {"x/1"}
    assert gallery.imports.incomplete([OLD, NEW], keep=False, source="x/2") == set()
    assert gallery.imports.incomplete([OLD], keep=True) == {"x/1", "x/2"}
