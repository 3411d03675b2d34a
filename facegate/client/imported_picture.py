"""What becomes of the pictures of a folder that is imported, and hints about those left out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from contract.pictures.naming import hint_about, is_of_cameras

UNLIKE, NOBODYS = "UNLIKE_OWN_FACE", "NOBODY"
"""Codes of pictures that are left out because they show somebody else, or nobody in particular."""

Outcome = Literal[
    "enrolled", "replaced", "unchanged", "refused", "erased", "removed", "passed over"
]


@dataclass(frozen=True)
class ImportedPicture:
    """What became of one picture; `name` is relative to the folder.

    `refused`: somebody's picture that could not be taken. `passed over`: no picture, or what the
    system keeps for itself. `removed`: imported before and no longer in the folder; the store keeps
    its vector. `erased`: its FaceId was erased, and what its files were does not bring it back. A
    picture may be enrolled with `warnings`.
    """

    name: str
    outcome: Outcome
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    face_id: str | None = None
    code: str | None = None


def refused(
    name: str, reason: str, face_id: str | None = None, code: str | None = None
) -> ImportedPicture:
    """Return what became of a picture that could not be taken."""
    return ImportedPicture(name, "refused", reason, face_id=face_id, code=code)


def hints(results: Sequence[ImportedPicture]) -> dict[str, list[str]]:
    """Return what may help, each with the FaceIds that it concerns.

    They may be no person's: their pictures differ, or cameras gave their names.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for result in results:
        if result.face_id is not None and _is_doubtful(result, result.face_id):
            found[hint_about(PurePosixPath(result.name))].add(result.face_id)
    return {hint: sorted(face_ids) for hint, face_ids in found.items()}


def _is_doubtful(result: ImportedPicture, face_id: str) -> bool:
    if result.outcome not in {"enrolled", "replaced", "refused"}:
        return False
    by_folder = "/" in result.name
    return result.code in {UNLIKE, NOBODYS} or (not by_folder and is_of_cameras(face_id))
