"""What visits teach a store's second model, while the served one says who came.

The served model was certain when the lesson was made, and the second one knows few people yet: so
it is only asked whether what it knows speaks against it.
"""

from collections.abc import Sequence

from contract.messages.by_kind import ByKind
from contract.messages.faces import FaceRecord
from contract.vectors import Vector
from shard.gallery.learned_templates import MOST_SECOND
from shard.gallery.template_rows import NewTemplate
from shard.index.certainty import RIVALS
from shard.index.collection import Collection


def needs_lesson(collection: Collection, face_id: str) -> bool:
    """Say whether the second model has few templates of a FaceId."""
    second = collection.second
    return second is not None and len(second.vectors_of(face_id)) < MOST_SECOND


def learn_second(
    collection: Collection, face_id: str, template: NewTemplate, rates: ByKind[float]
) -> bool:
    """Store the second model's vector of a visit, and say whether it is kept.

    It is not where the FaceId has a few, or what the second model knows of it, or of anybody else,
    speaks against it at these `rates`. Raises UnknownFace.
    """
    record = collection.gallery.face(face_id)
    second = collection.second
    if second is None or record.provisional:
        return False
    visit = {each.template_id: each.learned_from for each in record.templates}
    known = [
        vector
        for number, vector in second.vectors_of(face_id).items()
        if visit[number] != template.learned_from
    ]
    if len(known) >= MOST_SECOND or _contradicts(second, record, known, template, rates):
        return False
    return collection.change(collection.gallery.learn, face_id, template)


def _contradicts(
    second: Collection,
    record: FaceRecord,
    known: Sequence[Vector],
    template: NewTemplate,
    rates: ByKind[float],
) -> bool:
    """Say whether a new template is unlike what is `known` of its FaceId, or like another's."""
    needed = second.thresholds(rates, template.frames)
    if known and second.likeness(template.vector, known) < needed.of(record.kind):
        return True
    [hits] = second.search(template.vector[None, :], RIVALS)
    return any(
        hit.passes(hits, needed)
        and hit.face.face_id != record.face_id
        and (record.member is None or hit.face.member != record.member)
        for hit in hits
    )
