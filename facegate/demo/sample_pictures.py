"""The sample photographs, read from the packages that `make setup` downloads beside the venv.

Seven photographs come with face_recognition's source distribution (six of Barack Obama, one of Joe
Biden), one with scikit-image (Eileen Collins). Nothing is unpacked or installed.
"""

import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from contract.errors import ConfigurationError

_OF_FACE_RECOGNITION = (
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "32bit.png",
    "biden.jpg",
)
_OF_SCIKIT_IMAGE = "skimage/data/astronaut.png"
SAMPLE_PEOPLE = {
    "obama": (
        *("obama.jpg", "obama2.jpg", "obama3.jpg", "32bit.png"),
        *("obama_partial_face.jpg", "obama_partial_face2.jpg"),
    ),
    "biden": ("biden.jpg",),
    "collins": ("astronaut.png",),
}
"""Who is on which of them: on `obama2.jpg` he is the largest."""


def sample_pictures(folder: Path) -> Mapping[str, bytes]:
    """Return the eight sample files by name, from the two package archives in `folder`.

    Raises ConfigurationError when an archive or a picture is missing or cannot be read.
    """
    try:
        return {
            **_from_face_recognition(_archive(folder, "face_recognition-*.tar.gz")),
            **_from_scikit_image(_archive(folder, "scikit_image-*.whl")),
        }
    except (OSError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ConfigurationError(
            f"{folder}: the sample pictures cannot be read: {error}"
        ) from error


def _archive(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise ConfigurationError(f"{folder}: no {pattern} with sample pictures; run `make setup`")
    return found[-1]


def _from_face_recognition(path: Path) -> dict[str, bytes]:
    pictures: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        root = path.name.removesuffix(".tar.gz")
        for name in _OF_FACE_RECOGNITION:
            member = archive.extractfile(f"{root}/tests/test_images/{name}")
            if member is None:
                raise KeyError(name)
            pictures[name] = member.read()
    return pictures


def _from_scikit_image(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {PurePosixPath(_OF_SCIKIT_IMAGE).name: archive.read(_OF_SCIKIT_IMAGE)}
