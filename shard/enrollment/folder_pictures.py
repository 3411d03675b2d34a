"""The pictures in a store's folder."""

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from contract.pictures.folder import SkippedFile, walk_folder
from shard.enrollment.import_report import FolderImportReport


@dataclass(frozen=True)
class FolderPicture:
    """A picture: its path in the folder, its file, and the SHA-256 of what is in it."""

    name: PurePosixPath
    path: Path
    digest: str


def source_prefix(folder: Path) -> str:
    """Return what the names begin with by which a gallery knows the pictures of a folder."""
    return unicodedata.normalize("NFC", folder.resolve().name) + "/"


def folder_pictures(folder: Path, report: FolderImportReport) -> Iterator[FolderPicture]:
    """Yield the pictures below `folder`; report files that are none or cannot be read."""
    for found in walk_folder(folder):
        if isinstance(found, SkippedFile):
            tell = report.refused if found.wanted else report.skipped
            tell(PurePosixPath(found.name), found.reason)
            continue
        try:
            with found.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            report.refused(found.name, error)
        else:
            yield FolderPicture(found.name, found.path, digest)
