"""Enrol a folder of pictures through the gateway; only new and changed pictures are sent."""

import hashlib
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from contract.errors import BadRequest
from contract.picture_naming import face_id_of, pictures_in
from facegate.api_error import ApiError
from facegate.client import Client

AT_ONCE = 4
"""Pictures on their way at the same time: enough to keep a shard's encoder workers busy."""
ABOUT_THE_PICTURE = frozenset({400, 413, 415, 422, 504})
"""Statuses that concern one picture; with any other the import cannot go on."""

Progress = Callable[[int, int], None]
"""Called with the pictures that are done and the pictures in all."""


@dataclass(frozen=True)
class ImportedPicture:
    """What became of one picture; `name` is relative to the folder.

    `removed`: imported before and no longer in the folder; the store keeps its vector.
    `erased`: its FaceId was erased, and an unchanged picture does not bring it back. A picture may
    be enrolled with `warnings`.
    """

    name: str
    outcome: Literal["enrolled", "replaced", "unchanged", "refused", "erased", "removed"]
    reason: str | None = None
    warnings: tuple[str, ...] = ()


def import_folder(
    client: Client, store: str, folder: Path, progress: Progress = lambda done, total: None
) -> list[ImportedPicture]:
    """Import the pictures below `folder` into `store`, and return what became of each.

    A picture that is refused does not stop the others. Raises ClientError when the import cannot
    go on, and NotADirectoryError; what was enrolled until then stays, and the next run goes on.
    `client` waits for a shard that is busy as long as it was made to.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    pictures = {str(relative): path for relative, path in pictures_in(folder)}
    importing = _Import(client, store, unicodedata.normalize("NFC", folder.resolve().name) + "/")
    results = []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for result in threads.map(importing.take, pictures, pictures.values()):
            results.append(result)
            progress(len(results), len(pictures))
    removed = sorted(importing.known.keys() - pictures.keys())
    return results + [ImportedPicture(name, "removed") for name in removed]


class _Import:
    """One import: `known` are the pictures of earlier ones, by their name in the folder."""

    def __init__(self, client: Client, store: str, prefix: str) -> None:
        self._client = client
        self._store = store
        self._prefix = prefix
        before = client.sources(store, prefix)
        self.known = {source.source.removeprefix(prefix): source for source in before}

    def take(self, name: str, path: Path) -> ImportedPicture:
        try:
            face_id = face_id_of(PurePosixPath(name))
            content = path.read_bytes()
        except BadRequest as error:
            return ImportedPicture(name, "refused", error.detail)
        except OSError as error:
            return ImportedPicture(name, "refused", error.strerror or str(error))
        known = self.known.get(name)
        if known is not None and known.digest == hashlib.sha256(content).hexdigest():
            outcome = "unchanged" if known.outcome == "enrolled" else known.outcome
            return ImportedPicture(name, outcome, known.reason)
        try:
            answer = self._client.enroll(self._store, face_id, content, source=self._prefix + name)
        except ApiError as error:
            if error.status not in ABOUT_THE_PICTURE and not error.warnings:
                raise
            return ImportedPicture(name, "refused", str(error))
        warnings = tuple(warning.detail for warning in answer.warnings)
        return ImportedPicture(name, answer.outcome, warnings=warnings)
