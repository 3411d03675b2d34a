"""The vectors of all templates of an index, by number and by FaceId."""

from collections.abc import Iterator, Sequence

from contract.vectors import Vector, Vectors
from scoring.cohort import unit
from shard.gallery.change import StoredTemplate


class TemplateVectors:
    """Unit vectors, float32 of shape (d,), each with its template's number, frames and FaceId."""

    def __init__(self) -> None:
        self._owner: dict[int, str] = {}
        self._vectors: dict[str, dict[int, Vector]] = {}
        self._frames: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._owner)

    def __iter__(self) -> Iterator[tuple[int, str, Vector]]:
        for face_id, vectors in self._vectors.items():
            for number, vector in vectors.items():
                yield number, face_id, vector

    def of(self, face_id: str) -> dict[int, Vector]:
        """Return the vectors of a FaceId by the numbers of its templates."""
        return dict(self._vectors.get(face_id, {}))

    def frames_of(self, face_id: str) -> dict[int, int]:
        """Return of how many pictures each is fused, by the numbers of the templates."""
        return {number: self._frames[number] for number in self._vectors.get(face_id, ())}

    def add(self, templates: Sequence[StoredTemplate], vectors: Vectors) -> set[str]:
        """Add templates with their vectors (n, d) of any length; return their FaceIds."""
        for template, vector in zip(templates, unit(vectors), strict=True):
            self._owner[template.template_id] = template.face_id
            self._frames[template.template_id] = template.frames
            self._vectors.setdefault(template.face_id, {})[template.template_id] = vector
        return {template.face_id for template in templates}

    def remove(self, template_ids: Sequence[int]) -> set[str]:
        """Remove the templates that are here, and return the FaceIds that they were of."""
        known = [number for number in template_ids if number in self._owner]
        owners = {number: self._owner.pop(number) for number in known}
        for number, face_id in owners.items():
            del self._vectors[face_id][number], self._frames[number]
            if not self._vectors[face_id]:
                del self._vectors[face_id]
        return set(owners.values())
