"""How a folder of pictures says whose face each one shows, for imports by the shard and by users.

A picture directly in the folder is named `FACEID_anything.jpg` (the course's `095_0.bmp` is FaceId
`095`); a picture in a subfolder belongs to the FaceId that the first subfolder names.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from contract.identifiers import FACE_ID
from contract.text import tidy

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MINTED_PREFIX = "v-"
"""FaceIds that a shard mints for strangers start so."""


def face_id_of(relative: PurePosixPath) -> str:
    """Return the FaceId that the path of a picture, relative to its folder, names.

    Raises BadText when the name gives no FaceId.
    """
    first = relative.parts[0] if len(relative.parts) > 1 else relative.stem.partition("_")[0]
    return FACE_ID(tidy(first))


def pictures_in(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield (path relative to `folder`, path) of every picture below `folder`, sorted by name."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith("."):
            relative = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            yield PurePosixPath(relative), path
