"""The record of a store's faces. What is acknowledged is in here; the index is rebuilt from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from contract.errors import BadRequest, BadVectors, StorageDamaged, UnknownFace
from contract.messages.faces import FacePage, FaceRecord
from contract.messages.message import Kind
from contract.messages.shard_updates import Binding
from contract.pictures.naming import MINTED_PREFIX
from shard.gallery import (
    bulk_enrollment,
    change_log,
    distinctions,
    enrollment,
    erasure,
    face_records,
    face_rows,
    learned_templates,
    merges,
    meta_rows,
    renames,
    set_aside,
    template_rows,
)
from shard.gallery.change import Change, StoredFace
from shard.gallery.enrollment import EnrollResult
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.imports.import_history import ImportHistory
from shard.gallery.indexing.record_reader import RecordReader
from shard.gallery.indexing.roaming_faces import RoamingPage, roaming_page
from shard.gallery.indexing.snapshot_marks import SnapshotMarks
from shard.gallery.indexing.stored_places import StoredPlaces
from shard.gallery.kept_pictures import KeptPictures
from shard.gallery.models import model_rows
from shard.gallery.models.agreements import Agreements
from shard.gallery.models.model_rows import ModelCounts
from shard.gallery.models.undescribed_pictures import UndescribedPictures
from shard.gallery.template_rows import NewTemplate, StoredVector


class Gallery:
    """One store's record, each method in one transaction. For one thread at a time.

    `imports` is what is known of the pictures that were imported, `kept` are the files that are
    kept, `undescribed` the pictures of which one of two models has no template, `agreements` how
    often two named the same people, `places` what an index has told of FaceIds, `marks` of
    which of its snapshots it is. `record` is what
    other threads may read.

    They raise StorageFull or StorageUnavailable when the disk does not let them, or the file is no
    longer at its path; then nothing was stored.
    """

    def __init__(self, file: GalleryFile, store: str) -> None:
        self.file = file
        self.imports = ImportHistory(file)
        self.kept = KeptPictures(file)
        self.agreements = Agreements(file)
        self.undescribed = UndescribedPictures(file)
        self.places = StoredPlaces(file)
        self.marks = SnapshotMarks(file)
        self.record = RecordReader(file)
        self._store = store

    @classmethod
    def open(cls, path: Path, store: str) -> Self:
        """Open the gallery in the file `path` for the only writer; see GalleryFile.open."""
        return cls._checked(cls.open_unchecked(path, store))

    @classmethod
    def open_unchecked(cls, path: Path, store: str) -> Self:
        """Do the same while the pages may still be looked through: see GalleryFile."""
        return cls(GalleryFile.open(path, store), store)

    @classmethod
    def follow(cls, path: Path, store: str) -> Self:
        """Open the gallery in the file `path`, which another process writes, for reading."""
        return cls._checked(cls.follow_unchecked(path, store))

    @classmethod
    def follow_unchecked(cls, path: Path, store: str) -> Self:
        """Do the same while the pages may still be looked through: see GalleryFile."""
        return cls(GalleryFile.follow(path, store), store)

    @classmethod
    def _checked(cls, gallery: Self) -> Self:
        try:
            gallery.file.wait_checked()
        except BaseException:  # whatever it is, the file does not stay open
            gallery.close()
            raise
        return gallery

    def close(self) -> None:
        """Close the file, and let another process write."""
        self.record.close()
        self.file.close()

    def changes(
        self,
        after: int,
        model: str,
        apply: Callable[[Change], None],
        second: str | None = None,
        *,
        count_foreign: bool = True,
        placing: int | None = None,
    ) -> int:
        """Call `apply` with what happened after the number `after`; return the last number.

        Of the templates, those of `model` are shown, and, with `count_foreign`, those counted that
        neither it nor `second` made. Places come along that were stored under the number `placing`.
        """
        expected = [each for each in (model, second) if each is not None]
        with self.file.transaction() as connection:
            last = meta_rows.last_seq(connection)
            if last > after:
                try:
                    for change in change_log.changes(
                        connection, after, model, expected if count_foreign else None, placing
                    ):
                        apply(change)
                except BadVectors as error:
                    raise StorageDamaged(f"{self.file.path} holds vectors that are none") from error
            return last

    def enroll(
        self,
        face_id: str,
        template: NewTemplate,
        member_id: str | None,
        roams: bool | None = None,
    ) -> EnrollResult:
        """Store `template` for `face_id` instead of what its source gave before, if anything.

        When the FaceId has the same picture already, that one stays. A FaceId keeps MOST_TEMPLATES;
        the source of one that made room for another stays known, so that an import of the same
        folder has nothing to do. A visitor becomes a member when `member_id` is given. `roams`
        None: a FaceId that a member gets does not, for it is not known what the member agreed to;
        others stay as they are, and new ones roam. Raises BadRequest for a new FaceId that looks
        minted, and AlreadyBound when it is another member's.
        """
        with self.file.transaction() as connection:
            return enrollment.enroll(connection, face_id, template, member_id, roams)

    def enroll_all(self, new: Sequence[tuple[str, NewTemplate]]) -> list[EnrollResult | None]:
        """Store templates that have digests, each for its FaceId; None: somebody erased has it.

        All or none are stored, with the errors of `enroll`.
        """
        with self.file.transaction() as connection:
            return bulk_enrollment.enroll_all(connection, new)

    def has_picture(self, face_id: str, template: NewTemplate) -> bool:
        """Say whether the FaceId has a template of the same picture."""
        with self.file.transaction() as connection:
            return template_rows.same_picture(connection, face_id, template) is not None

    def mint(self, face_id: str, template: NewTemplate, provisional: bool) -> None:
        """Store `template` for the new visitor `face_id`."""
        with self.file.transaction() as connection:
            face_rows.insert_face(connection, StoredFace(face_id, "visitor", None, provisional))
            template_rows.add_template(connection, face_id, template)

    def mint_distinct(
        self, face_id: str, new: Sequence[NewTemplate], other: str | None
    ) -> FaceRecord:
        """Store templates for the new visitor `face_id`, who is not `other`. Raises UnknownFace."""
        with self.file.transaction() as connection:
            if other is not None:
                self._face(connection, other)
            face_rows.insert_face(connection, StoredFace(face_id, "visitor", None, False))
            for template in new:
                template_rows.add_template(connection, face_id, template)
            if other is not None:
                distinctions.add(connection, face_id, other)
                learned_templates.forget(connection, [other])
        return self.face(face_id)

    def bind(self, bindings: Mapping[str, Binding | None]) -> list[str]:
        """Make FaceIds those of members, or nobody's; return those of them that there are.

        What was minted and is nobody's is a visitor again. What the member said about other stores
        still holds for the face then.
        """
        with self.file.transaction() as connection:
            found = [face_rows.read_face(connection, face_id) for face_id in sorted(bindings)]
            known = [face for face in found if face is not None]
            for face in known:
                face_rows.update_face(connection, _bound(face, bindings[face.face_id]))
        return [face.face_id for face in known]

    def confirm(self, face_id: str) -> FaceRecord:
        """Make a provisional FaceId one like the others. Raises UnknownFace."""
        with self.file.transaction() as connection:
            before = self._face(connection, face_id)
            face_rows.update_face(connection, replace(before, provisional=False))
        return self.face(face_id)

    def rename(self, face_id: str, name: str) -> FaceRecord:
        """Give a FaceId another name; a second time changes nothing.

        Raises UnknownFace, FaceExists when the name is taken, BadRequest when it looks minted, and
        Conflict when one of the two was merged into another FaceId, which can be undone.
        """
        if name.startswith(MINTED_PREFIX):
            raise BadRequest(f"new FaceIds may not start with {MINTED_PREFIX!r}")
        with self.file.transaction() as connection:
            if face_rows.read_face(connection, face_id) is not None:
                renames.check_free(connection, face_id, name)
                renames.rename(connection, face_id, name)
            elif face_rows.read_face(connection, name) is None:
                raise self._unknown(face_id)
        return self.face(name)

    def add_distinction(self, face_id: str, other: str) -> None:
        """Store that `face_id` is not `other`. Raises UnknownFace.

        A face that matches both is whose it is more similar to. Both forget what they have learned:
        it may be of the other.
        """
        with self.file.transaction() as connection:
            for name in (face_id, other):
                self._face(connection, name)
            distinctions.add(connection, face_id, other)
            learned_templates.forget(connection, [face_id, other])

    def distinct_pairs(self) -> list[tuple[str, str]]:
        """Return all pairs of FaceIds of which the first was declared not to be the second."""
        with self.file.transaction() as connection:
            return distinctions.pairs(connection)

    def merge(self, merge: str, into: str | None, source: str) -> int:
        """Give the templates of `source` to `into`, and return how many; `source` is gone then.

        When `into` is None they are set aside. `merge` names it, to undo it; doing it again changes
        nothing. Raises UnknownFace.
        """
        with self.file.transaction() as connection:
            known = merges.moved(connection, merge)
            if known is not None:
                return known
            if into == source:
                raise BadRequest("a FaceId cannot be merged with itself")
            if into is None:
                return merges.put_aside(connection, merge, self._face(connection, source))
            self._face(connection, into)
            return merges.merge(connection, merge, into, self._face(connection, source))

    def unmerge(self, merge: str, person: str | None = None) -> int:
        """Undo a merge as far as its templates are still there, and return how many moved back.

        The FaceId that got them forgets what it has learned; `person` says which one that is where
        they were set aside.
        """
        with self.file.transaction() as connection:
            return merges.unmerge(connection, merge, person)

    def learn(self, face_id: str, template: NewTemplate) -> bool:
        """Store what a visit has taught, and say whether it is kept; see learned_templates.learn.

        Raises UnknownFace.
        """
        with self.file.transaction() as connection:
            self._face(connection, face_id)
            return learned_templates.learn(connection, face_id, template)

    def forget(self, face_id: str) -> int:
        """Remove what a FaceId has learned, and return how many templates that were.

        Nothing of the vectors stays in the file. Raises UnknownFace.
        """
        with self.file.transaction() as connection:
            self._face(connection, face_id)
            forgotten = learned_templates.forget(connection, [face_id])
        if forgotten:
            self.file.scrub()
        return forgotten

    def learned_numbers(self) -> frozenset[int]:
        """Return the numbers of all templates that were learned."""
        with self.file.transaction() as connection:
            return learned_templates.learned_numbers(connection)

    def expire(self, before: datetime) -> int:
        """Remove the templates that were set aside before a moment, and return how many.

        Nothing of the vectors stays in the file.
        """
        with self.file.transaction() as connection:
            expired = set_aside.expire(connection, before)
        if expired:
            self.file.scrub()
        return expired

    def erase(self, face_ids: Sequence[str], member_id: str | None = None) -> dict[str, int]:
        """Remove `face_ids` and those of a member; return how many templates each of them had.

        Those that are not there had none. The pictures that their files were are remembered as
        erased, also those that were refused or replaced: an import of them does not bring them
        back. Nothing of the vectors stays in the file.
        """
        with self.file.transaction() as connection:
            theirs = [] if member_id is None else face_rows.bound_faces(connection, member_id)
            removed = erasure.erase_faces(connection, [*face_ids, *theirs])
        if any(removed.values()):
            self.file.scrub()
        return removed

    def erase_template(self, face_id: str, template_id: int, model: str) -> int:
        """Remove one template of a FaceId, with those that other models made of its picture.

        Return how many are left. Its source is remembered as erased: an import of the same file
        does not bring it back. Nothing of the vectors stays in the file. Raises UnknownFace,
        UnknownTemplate, and LastTemplate for the only picture, or the only one that `model` knows.
        """
        with self.file.transaction() as connection:
            self._face(connection, face_id)
            left = erasure.erase_template(connection, face_id, template_id, model)
        self.file.scrub()
        return left

    def model_counts(self, model: str, served: str) -> ModelCounts:
        """Return how much there is of `model`, beside the model `served`."""
        with self.file.transaction() as connection:
            return model_rows.count(connection, model, served)

    def forget_model(self, model: str, served: str) -> ModelCounts:
        """Remove all that `model` made, and return how much that was; see model_rows.forget.

        Nothing of the vectors stays in the file. Raises Conflict when members would be lost.
        """
        with self.file.transaction() as connection:
            forgotten = model_rows.forget(connection, model, served)
        self.file.scrub()
        return forgotten

    def face(self, face_id: str) -> FaceRecord:
        """Return one FaceId and its templates. Raises UnknownFace."""
        with self.file.transaction() as connection:
            found = face_records.face_record(connection, self._store, face_id)
        if found is None:
            raise self._unknown(face_id)
        return found

    def known_faces(self, face_ids: Sequence[str]) -> list[str]:
        """Return those of the FaceIds that there are, in the order of their names."""
        with self.file.transaction() as connection:
            return face_records.known_faces(connection, face_ids)

    def faces(self, after: str, limit: int) -> FacePage:
        """Return the first `limit` FaceIds after the name `after`."""
        with self.file.transaction() as connection:
            return face_records.face_page(connection, self._store, after, limit)

    def roaming(self, after: int, model: str, placing: int, limit: int) -> RoamingPage:
        """Return what happened to those whom other stores may find; see roaming_page.

        Raises StorageDamaged when a stored vector is none.
        """
        with self.file.transaction() as connection:
            try:
                return roaming_page(connection, after, model, placing, limit)
            except BadVectors as error:
                raise StorageDamaged(f"{self.file.path} holds vectors that are none") from error

    def old_visitors(self, before: datetime, after: str, limit: int) -> list[str]:
        """Return the first `limit` visitors after the name `after` made before a moment."""
        with self.file.transaction() as connection:
            return face_rows.old_visitors(connection, before, after, limit)

    def provisional(self, model: str, limit: int) -> list[StoredVector]:
        """Return the vectors of `model` of the first `limit` provisional FaceIds that have any."""
        with self.file.transaction() as connection:
            return template_rows.provisional_vectors(connection, model, limit)

    def foreign_templates(self, models: Sequence[str]) -> dict[str, int]:
        """Return how many templates other models than these have made, by their names."""
        with self.file.transaction() as connection:
            return template_rows.foreign_templates(connection, models)

    def _face(self, connection: sa.Connection, face_id: str) -> StoredFace:
        found = face_rows.read_face(connection, face_id)
        if found is None:
            raise self._unknown(face_id)
        return found

    def _unknown(self, face_id: str) -> UnknownFace:
        return UnknownFace(f"there is no FaceId {face_id!r} in {self._store}")


def _bound(face: StoredFace, binding: Binding | None) -> StoredFace:
    """Return a FaceId as it is when a binding says whose it is."""
    if binding is not None:
        member = replace(face, kind="member", member_id=binding.member_id, provisional=False)
        return replace(member, roams=binding.cross_store)
    if face.member_id is None:
        return face
    kind: Kind = "visitor" if face.face_id.startswith(MINTED_PREFIX) else "member"
    return replace(face, kind=kind, member_id=None)
