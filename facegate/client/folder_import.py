"""Enrol a folder of pictures through the gateway; only new and changed pictures are sent.

Pictures whose names say that they show one person are compared with one another before any of them
is enrolled, and those that show somebody else are left out.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from contract.errors import BadRequest
from contract.pictures.folder import FoundPicture, SkippedFile, walk_folder
from contract.pictures.naming import face_id_of
from facegate.client.api_error import ApiError
from facegate.client.client import Client
from facegate.client.imported_picture import NOBODYS, UNLIKE, ImportedPicture, Outcome, refused
from scoring.majority import NOBODY, majority, sample, square

AT_ONCE = 4
"""People whose pictures are on their way at once: enough to keep a shard's workers busy."""
ABOUT_THE_PICTURE = frozenset({400, 413, 415, 422, 504})
"""Statuses that concern one picture; with any other the import cannot go on."""
_ERASED = "PICTURE_ERASED"
_TAKEN = frozenset({"enrolled", "replaced"})
_ABOUT_THE_PERSON = frozenset({UNLIKE, "ALREADY_ENROLLED", _ERASED, "CONFLICT"})
"""Codes of a 409 that concerns one picture."""

Progress = Callable[[int, int], None]
"""Called with the pictures that are done and the pictures in all."""


def import_folder(
    client: Client, store: str, folder: Path, progress: Progress = lambda done, total: None
) -> list[ImportedPicture]:
    """Import the pictures below `folder` into `store`, and return what became of everything there.

    A picture that is refused does not stop the others. Raises ClientError when the import cannot
    go on, and NotADirectoryError; what was enrolled until then stays, and the next run goes on.
    `client` waits for a shard that is busy as long as it was made to.
    """
    found = list(walk_folder(folder))
    pictures = [each for each in found if isinstance(each, FoundPicture)]
    importing = _Import(client, store, unicodedata.normalize("NFC", folder.resolve().name) + "/")
    results = [_skipped(each) for each in found if isinstance(each, SkippedFile)]
    done = 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for some in threads.map(importing.take, *_groups(pictures)):
            results += some
            done += len(some)
            progress(done, len(pictures))
    removed = sorted(importing.known.keys() - {str(picture.name) for picture in pictures})
    in_order = sorted(results, key=lambda result: result.name)
    return in_order + [ImportedPicture(name, "removed") for name in removed]


def _skipped(each: SkippedFile) -> ImportedPicture:
    return ImportedPicture(each.name, "refused" if each.wanted else "passed over", each.reason)


def _groups(
    pictures: Sequence[FoundPicture],
) -> tuple[list[str | BadRequest], list[list[FoundPicture]]]:
    """Return the FaceIds, and the pictures of each; what names none is alone with its error."""
    groups: defaultdict[str, list[FoundPicture]] = defaultdict(list)
    nameless: list[tuple[BadRequest, FoundPicture]] = []
    for picture in pictures:
        try:
            groups[face_id_of(picture.name)].append(picture)
        except BadRequest as error:
            nameless.append((error, picture))
    return [*groups, *(e for e, _ in nameless)], [*groups.values(), *([p] for _, p in nameless)]


@dataclass(frozen=True)
class _NewPicture:
    """A picture that is new or has changed."""

    name: str
    path: Path
    digest: str


class _Import:
    """One import: `known` are the pictures of earlier ones, by their name in the folder."""

    def __init__(self, client: Client, store: str, prefix: str) -> None:
        self._client = client
        self._store = store
        self._prefix = prefix
        before = client.sources(store, prefix)
        self.known = {source.source.removeprefix(prefix): source for source in before}

    def take(self, whose: str | BadRequest, pictures: list[FoundPicture]) -> list[ImportedPicture]:
        """Import the pictures of one FaceId."""
        if isinstance(whose, BadRequest):
            return [refused(str(picture.name), whose.detail) for picture in pictures]
        looked = [self._look(picture, whose) for picture in pictures]
        done = [each for each in looked if isinstance(each, ImportedPicture)]
        fresh = [each for each in looked if isinstance(each, _NewPicture)]
        if len(fresh) < 2 or self._is_enrolled(whose):
            return done + self._enroll(whose, fresh)
        person = self._person(fresh)
        if not person:
            reason = NOBODY.format(count=len(fresh), face_id=whose)
            return done + [refused(each.name, reason, whose, NOBODYS) for each in fresh]
        others = [each for each in fresh if each not in person]
        return done + self._enroll(whose, [*person, *others])

    def _look(self, picture: FoundPicture, face_id: str) -> "_NewPicture | ImportedPicture":
        """Return a picture to be sent, or what is known of it without."""
        name = str(picture.name)
        try:
            with picture.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return refused(name, error.strerror or str(error), face_id)
        known = self.known.get(name)
        if known is None or known.digest != digest:
            return _NewPicture(name, picture.path, digest)
        outcome: Outcome = "unchanged" if known.outcome == "enrolled" else known.outcome
        return ImportedPicture(name, outcome, known.reason, face_id=face_id)

    def _is_enrolled(self, face_id: str) -> bool:
        """Say whether the store knows who has a FaceId: then its shard compares with them."""
        try:
            return bool(self._client.face(self._store, face_id).templates)
        except ApiError as error:
            if error.status != 404:
                raise
            return False

    def _person(self, fresh: Sequence[_NewPicture]) -> list[_NewPicture]:
        """Return the pictures of the person whom most of them show; none when there is none.

        Those that show no face, or several, have no say.
        """
        compared: dict[str, _NewPicture] = {}
        scores: list[list[float | None]] = []
        needed = 0.0
        for each in sample(list({each.digest: each for each in fresh}.values())):
            try:
                answer = self._client.likeness(self._store, each.path, compared)
            except (ApiError, OSError) as error:
                if isinstance(error, ApiError) and not _is_about_the_picture(error):
                    raise
                continue
            scores.append(answer.scores)
            compared[answer.digest] = each
            needed = answer.needed
        if not compared:
            return list(fresh)
        pictures = list(compared.values())
        return [pictures[number] for number in majority(square(scores), needed)]

    def _enroll(self, face_id: str, pictures: Sequence[_NewPicture]) -> list[ImportedPicture]:
        """Enrol pictures, and once more those that were unlike the first few: there are more."""
        results = [self._enrolled(face_id, picture) for picture in pictures]
        taken = [result.name for result in results if result.outcome in _TAKEN]
        if len(taken) > 1:
            results = [
                self._enrolled(face_id, picture) if result.code == UNLIKE else result
                for picture, result in zip(pictures, results, strict=True)
            ]
        return [_with_others(result, taken) for result in results]

    def _enrolled(self, face_id: str, picture: _NewPicture) -> ImportedPicture:
        source = self._prefix + picture.name
        try:
            answer = self._client.enroll(self._store, face_id, picture.path, source=source)
        except OSError as error:
            return refused(picture.name, error.strerror or str(error), face_id)
        except ApiError as error:
            if not _is_about_the_picture(error):
                raise
            if error.code == _ERASED:
                return ImportedPicture(picture.name, "erased", error.detail, face_id=face_id)
            return refused(picture.name, error.detail or str(error), face_id, error.code)
        warnings = tuple(warning.detail for warning in answer.warnings)
        return ImportedPicture(picture.name, answer.outcome, None, warnings, face_id)


def _with_others(result: ImportedPicture, taken: Sequence[str]) -> ImportedPicture:
    """Return what became of a picture; of one that is unlike others, with whose."""
    if result.code != UNLIKE or not taken:
        return result
    more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
    return replace(
        result, reason=f"{result.reason}; {result.face_id} is the person on {taken[0]}{more}"
    )


def _is_about_the_picture(error: ApiError) -> bool:
    return error.status in ABOUT_THE_PICTURE or error.code in _ABOUT_THE_PERSON
