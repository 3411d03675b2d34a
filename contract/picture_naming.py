"""How a folder of pictures says whose face each one shows, for imports by the shard and by users.

A picture directly in the folder is named `FACEID_anything.jpg` (the course's `095_0.bmp` is FaceId
`095`); a picture in a subfolder belongs to the FaceId that the first subfolder names.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from contract.errors import BadRequest

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MAX_FACE_ID = 100
MINTED_PREFIX = "v-"
"""FaceIds that a shard mints for strangers start so."""


def canonical_face_id(text: str) -> str:
    """Return the form in which FaceIds are stored: Unicode NFC.

    Raises BadRequest when it is empty, too long, or has a slash or control character.
    """
    face_id = unicodedata.normalize("NFC", text)
    if not face_id or face_id != face_id.strip() or face_id in {".", ".."}:
        raise BadRequest(f"the FaceId {text!r} is empty, a dot name, or has spaces at its ends")
    if len(face_id) > MAX_FACE_ID:
        raise BadRequest(f"the FaceId is longer than {MAX_FACE_ID} characters")
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "/\\" for c in face_id):
        raise BadRequest(f"the FaceId {text!r} has a slash or a control character")
    return face_id


def face_id_of(relative: PurePosixPath) -> str:
    """Return the FaceId that the path of a picture, relative to its folder, names.

    Raises BadRequest when the name gives no FaceId.
    """
    first = relative.parts[0] if len(relative.parts) > 1 else relative.stem.partition("_")[0]
    return canonical_face_id(first)


def pictures_in(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield (path relative to `folder`, path) of every picture below `folder`, sorted by name."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith("."):
            relative = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            yield PurePosixPath(relative), path
