"""The record of a store's faces. What is acknowledged is in here; the index is rebuilt from it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

import sqlalchemy as sa

from contract.errors import (
    AlreadyBound,
    BadRequest,
    BadVectors,
    LastTemplate,
    StorageDamaged,
    UnknownFace,
    UnknownTemplate,
)
from contract.messages.face import MemberCard
from contract.messages.faces import FacePage, FaceRecord, Source, Template
from contract.messages.message import Outcome
from contract.pictures.naming import MINTED_PREFIX
from service.files.sqlite_file import file_identity, lock_for_writing, storage_errors
from shard.gallery import merges as gallery_merges
from shard.gallery import names as gallery_names
from shard.gallery import pictures as gallery_pictures
from shard.gallery import rows as rows_of
from shard.gallery import set_aside as gallery_aside
from shard.gallery.change import Change, StoredFace
from shard.gallery.file import check_migrated, check_sound, connect, migrate, scrub
from shard.gallery.rows import EnrollResult, NewTemplate, StoredVector
from shard.gallery.schema import faces, meta, sources, templates

_TAKEN = "another shard writes this gallery; FACEGATE_READ_ONLY=true makes a replica"
"""Two writers would each miss what the other one stored."""


class Gallery:
    """One store's record on one connection: its methods are for one thread at a time.

    They raise StorageFull or StorageUnavailable when the disk does not let them, or the file is no
    longer at its path; then nothing was stored.
    """

    def __init__(
        self, connection: sa.Connection, path: Path, store: str, lock: IO[bytes] | None
    ) -> None:
        self._connection = connection
        self._path = path
        self._store = store
        self._lock = lock
        self._file_identity = file_identity(path)
        self.damage: StorageDamaged | None = None
        """What was found when something could not be read: no answer can be trusted since."""

    @classmethod
    def open(cls, path: Path, store: str) -> Self:
        """Open the gallery in the file `path` for the only writer; make or migrate it as needed.

        Raises ConfigurationError when another process writes it, StorageUnavailable when it is
        damaged, another store's, or cannot be used.
        """
        with ExitStack() as on_failure:
            lock = on_failure.enter_context(lock_for_writing(path, _TAKEN))
            gallery = cls(connect(path, read_only=False), path, store, lock)
            on_failure.callback(gallery.close)
            check_sound(gallery._connection, path)
            with gallery._transaction() as connection:
                migrate(connection, path)
                rows_of.claim(connection, store, path)
            on_failure.pop_all()
        return gallery

    @classmethod
    def follow(cls, path: Path, store: str) -> Self:
        """Open the gallery in the file `path`, which another process writes, for reading.

        Raises StorageUnavailable while it is not there or not migrated yet, damaged or another's.
        """
        with ExitStack() as on_failure:
            gallery = cls(connect(path, read_only=True), path, store, None)
            on_failure.callback(gallery.close)
            check_sound(gallery._connection, path)
            with gallery._transaction() as connection:
                check_migrated(connection, path)
                rows_of.check_owner(connection, store, path)
            on_failure.pop_all()
        return gallery

    def close(self) -> None:
        """Close the connection, and let another process write."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    def check(self) -> None:
        """Raise StorageUnavailable when the file is gone from its path, or was found damaged."""
        if self.damage is not None:
            raise self.damage
        self._file_identity.check()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        self._file_identity.check()
        try:
            with storage_errors(self._path), self._connection.begin():
                yield self._connection
        except StorageDamaged as error:
            self.damage = error
            raise
        self._file_identity.check()

    def foreign_templates(self, model: str) -> dict[str, int]:
        """Return how many templates other models than `model` have made, by their names."""
        with self._transaction() as connection:
            return rows_of.foreign_templates(connection, model)

    def forget_digests(self, model: str) -> int:
        """Let the pictures whose templates other models made pass for changed; return how many.

        The next import of the same pictures encodes them, and replaces those templates.
        """
        with self._transaction() as connection:
            return rows_of.forget_digests(connection, model)

    def imported(self) -> bool:
        """Say whether the store's folder was imported to its end."""
        with self._transaction() as connection:
            return bool(connection.execute(sa.select(meta.c.imported)).scalar_one())

    def set_imported(self, imported: bool) -> None:
        """Remember whether the store's folder is imported to its end."""
        with self._transaction() as connection:
            connection.execute(sa.update(meta).values(imported=imported))

    def changes(self, after: int, model: str, apply: Callable[[Change], None]) -> int:
        """Call `apply` with what happened after the number `after`; return the last number.

        Of the templates, those of `model` are shown and the others counted.
        """
        with self._transaction() as connection:
            last = rows_of.last_seq(connection)
            if last > after:
                try:
                    for change in rows_of.changes(connection, after, model):
                        apply(change)
                except BadVectors as error:
                    raise StorageDamaged(f"{self._path} holds vectors that are none") from error
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
        minted.
        """
        with self._transaction() as connection:
            before = rows_of.read_face(connection, face_id)
            face = _enrolled(before, face_id, member_id)
            if roams is not None:
                face = replace(face, roams=roams)
            known = rows_of.same_picture(connection, face_id, template)
            if known is None or face != before:
                rows_of.write_face(connection, face, new=before is None)
            replaced = _replace_source(connection, face_id, template, known)
            number = known or rows_of.write_template(connection, face_id, template)
            if template.source and template.digest:
                gallery_pictures.note(connection, face_id, template.digest, number)
            if replaced:
                rows_of.drop_empty_faces(connection)
        outcome: Outcome = "replaced" if replaced else "unchanged" if known else "enrolled"
        return EnrollResult(face.kind, outcome, number)

    def has_picture(self, face_id: str, template: NewTemplate) -> bool:
        """Say whether the FaceId has a template of the same picture."""
        with self._transaction() as connection:
            return rows_of.same_picture(connection, face_id, template) is not None

    def mint(self, face_id: str, template: NewTemplate, provisional: bool) -> None:
        """Store `template` for the new visitor `face_id`."""
        with self._transaction() as connection:
            face = StoredFace(face_id, "visitor", None, provisional)
            rows_of.write_face(connection, face, new=True)
            rows_of.write_template(connection, face_id, template)

    def mint_distinct(
        self, face_id: str, pictures: Sequence[NewTemplate], other: str | None
    ) -> FaceRecord:
        """Store templates for the new visitor `face_id`, who is not `other`. Raises UnknownFace."""
        with self._transaction() as connection:
            if other is not None:
                self._stored_face(connection, other)
            rows_of.write_face(connection, StoredFace(face_id, "visitor", None, False), new=True)
            for picture in pictures:
                rows_of.write_template(connection, face_id, picture)
            if other is not None:
                rows_of.write_distinction(connection, face_id, other)
        return self.face(face_id)

    def bind(self, face_id: str, member_id: str, roams: bool) -> FaceRecord:
        """Make `face_id` that of a member, and say whether the member roams. Raises UnknownFace."""
        with self._transaction() as connection:
            self._stored_face(connection, face_id)
            face = StoredFace(face_id, "member", member_id, provisional=False, roams=roams)
            rows_of.write_face(connection, face, new=False)
        return self.face(face_id)

    def unbind(self, face_id: str) -> FaceRecord:
        """Make `face_id` nobody's: one that was minted is a visitor again. Raises UnknownFace.

        What the member said about other stores still holds for the face.
        """
        with self._transaction() as connection:
            before = self._stored_face(connection, face_id)
            kind = before.kind
            if before.member_id is not None:
                kind = "visitor" if face_id.startswith(MINTED_PREFIX) else "member"
            face = StoredFace(face_id, kind, None, before.provisional, before.roams)
            rows_of.write_face(connection, face, new=False)
        return self.face(face_id)

    def confirm(self, face_id: str) -> FaceRecord:
        """Make a provisional FaceId one like the others. Raises UnknownFace."""
        with self._transaction() as connection:
            before = self._stored_face(connection, face_id)
            rows_of.write_face(connection, replace(before, provisional=False), new=False)
        return self.face(face_id)

    def provisional(self, limit: int) -> list[StoredVector]:
        """Return the vectors of the first `limit` provisional FaceIds."""
        with self._transaction() as connection:
            return rows_of.provisional(connection, limit)

    def old_visitors(self, before: datetime, after: str, limit: int) -> list[str]:
        """Return the first `limit` visitors after the name `after` made before a moment."""
        query = sa.select(faces.c.face_id).where(
            faces.c.kind == "visitor",
            faces.c.created_at < rows_of.stored_moment(before),
            faces.c.face_id > after,
        )
        with self._transaction() as connection:
            return list(connection.scalars(query.order_by(faces.c.face_id).limit(limit)))

    def merge(self, merge: str, into: str | None, source: str) -> int:
        """Give the templates of `source` to `into`, and return how many; `source` is gone then.

        When `into` is None they are set aside. `merge` names it, to undo it; doing it again changes
        nothing. Raises UnknownFace.
        """
        with self._transaction() as connection:
            known = gallery_merges.moved(connection, merge)
            if known is not None:
                return known
            if into == source:
                raise BadRequest("a FaceId cannot be merged with itself")
            if into is None:
                face = self._stored_face(connection, source)
                return gallery_merges.put_aside(connection, merge, face)
            self._stored_face(connection, into)
            return gallery_merges.merge(
                connection, merge, into, self._stored_face(connection, source)
            )

    def unmerge(self, merge: str) -> int:
        """Undo a merge as far as its templates are still there, and return how many moved back."""
        with self._transaction() as connection:
            return gallery_merges.unmerge(connection, merge)

    def expire(self, before: datetime) -> int:
        """Remove the templates that were set aside before a moment, and return how many.

        Nothing of the vectors stays in the file.
        """
        with self._transaction() as connection:
            expired = gallery_aside.expire(connection, rows_of.stored_moment(before))
        if expired:
            with storage_errors(self._path):
                scrub(self._connection)
        return expired

    def rename(self, face_id: str, name: str) -> FaceRecord:
        """Give a FaceId another name; a second time changes nothing.

        Raises UnknownFace, FaceExists when the name is taken, BadRequest when it looks minted, and
        Conflict when one of the two was merged into another FaceId, which can be undone.
        """
        if name.startswith(MINTED_PREFIX):
            raise BadRequest(f"new FaceIds may not start with {MINTED_PREFIX!r}")
        with self._transaction() as connection:
            if rows_of.read_face(connection, face_id) is not None:
                gallery_names.check_free(connection, face_id, name)
                gallery_names.rename(connection, face_id, name)
            elif rows_of.read_face(connection, name) is None:
                raise self._unknown(face_id)
        return self.face(name)

    def add_distinction(self, face_id: str, other: str) -> None:
        """Remember that `face_id` is not `other`: a face that passes for both is
        whose it is more like.

        Raises UnknownFace.
        """
        with self._transaction() as connection:
            for name in (face_id, other):
                self._stored_face(connection, name)
            rows_of.write_distinction(connection, face_id, other)

    def erase(self, face_ids: Sequence[str], member_id: str | None = None) -> dict[str, int]:
        """Remove `face_ids` and those of a member; return how many templates each of them had.

        Those that are not there had none. The pictures that their files were are remembered as
        erased, also those that were left out or replaced: an import of them does not bring them
        back. Nothing of the vectors stays in the file.
        """
        with self._transaction() as connection:
            bound = sa.select(faces.c.face_id).where(faces.c.member_id == member_id)
            theirs = connection.scalars(bound).all() if member_id is not None else []
            names = list(dict.fromkeys([*face_ids, *theirs]))
            for name in names:
                gallery_pictures.erase(connection, name)
            removed = {
                name: gallery_merges.erase(connection, name) + rows_of.erase(connection, name)
                for name in names
            }
        if any(removed.values()):
            with storage_errors(self._path):
                scrub(self._connection)
        return removed

    def erase_template(self, face_id: str, template_id: int) -> int:
        """Remove one template of a FaceId, and return how many are left.

        Its source is remembered as erased: an import of the same file does not bring it back.
        Nothing of the vector stays in the file. Raises UnknownFace, UnknownTemplate, and
        LastTemplate for the only one.
        """
        with self._transaction() as connection:
            self._stored_face(connection, face_id)
            theirs = sa.select(templates.c.template_id).where(templates.c.face_id == face_id)
            numbers = connection.scalars(theirs).all()
            if template_id not in numbers:
                raise UnknownTemplate(f"{face_id!r} has no picture {template_id}")
            if len(numbers) == 1:
                raise LastTemplate(f"{face_id!r} has no other picture: erase it, or enrol one more")
            rows_of.erase_template(connection, face_id, template_id)
        with storage_errors(self._path):
            scrub(self._connection)
        return len(numbers) - 1

    def remember(self, source: Source, digest: str) -> None:
        """Remember a picture that was left out, so that it is not encoded again until it changes.

        The template that an earlier content of it gave stays. `digest` is the picture's own.
        """
        with self._transaction() as connection:
            rows_of.write_source(connection, source)
            gallery_pictures.note(connection, source.face_id, digest)

    def is_erased(self, named: str, digest: str) -> bool:
        """Say whether a picture that comes for the FaceId `named` showed somebody erased."""
        with self._transaction() as connection:
            return gallery_pictures.is_erased(connection, named, digest)

    def erased_pictures(self) -> set[tuple[str, str]]:
        """Return the FaceIds and digests that pictures of erased people came with."""
        with self._transaction() as connection:
            return gallery_pictures.erased(connection)

    def source(self, name: str) -> Source | None:
        """Return what came of the picture called `name`; None when it was never seen."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(sources).where(sources.c.source == name)).first()
        return None if row is None else Source.model_validate(row._asdict())

    def sources(self, prefix: str) -> list[Source]:
        """Return the pictures whose name starts with `prefix`, in the order of their names."""
        begins = sa.func.substr(sources.c.source, 1, len(prefix)) == prefix
        query = sa.select(sources).where(sources.c.source >= prefix, begins)
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(sources.c.source)).all()
        return [Source.model_validate(row._asdict()) for row in rows]

    def face(self, face_id: str) -> FaceRecord:
        """Return one FaceId and its templates. Raises UnknownFace."""
        records = self._records(sa.select(faces).where(faces.c.face_id == face_id))
        if not records:
            raise self._unknown(face_id)
        return records[0]

    def faces(self, after: str, limit: int) -> FacePage:
        """Return the first `limit` FaceIds after the name `after`."""
        query = sa.select(faces).where(faces.c.face_id > after).order_by(faces.c.face_id)
        records = self._records(query.limit(limit + 1))
        page = records[:limit]
        return FacePage(faces=page, next_after=page[-1].face_id if len(records) > limit else None)

    def _records(self, query: sa.Select[Any]) -> list[FaceRecord]:
        with self._transaction() as connection:
            rows = connection.execute(query).all()
            owned: dict[str, list[Template]] = {row.face_id: [] for row in rows}
            listed = _LISTED.where(templates.c.face_id.in_(owned))
            for row in connection.execute(listed):
                owned[row.face_id].append(Template.model_validate(row._asdict()))
        return [self._record(row, owned[row.face_id]) for row in rows]

    def _record(self, row: sa.Row[Any], owned: list[Template]) -> FaceRecord:
        return FaceRecord(
            face_id=row.face_id,
            store=self._store,
            kind=row.kind,
            member=MemberCard(member_id=row.member_id) if row.member_id else None,
            provisional=row.provisional,
            cross_store=row.roams,
            created_at=row.created_at,
            templates=owned,
        )

    def _stored_face(self, connection: sa.Connection, face_id: str) -> StoredFace:
        face = rows_of.read_face(connection, face_id)
        if face is None:
            raise self._unknown(face_id)
        return face

    def _unknown(self, face_id: str) -> UnknownFace:
        return UnknownFace(f"there is no FaceId {face_id!r} in {self._store}")


_LISTED = (
    sa.select(templates)
    .with_only_columns(*(column for column in templates.c if column is not templates.c.vector))
    .order_by(templates.c.template_id)
)


def _enrolled(before: StoredFace | None, face_id: str, member_id: str | None) -> StoredFace:
    """Return the FaceId as it is after an enrolment."""
    if before is None:
        if face_id.startswith(MINTED_PREFIX):
            raise BadRequest(f"there is no FaceId {face_id!r}, and new ones may not start so")
        return StoredFace(face_id, "member", member_id, provisional=False, roams=member_id is None)
    if before.kind == "visitor" and member_id is None:
        return before
    if None not in {member_id, before.member_id} and member_id != before.member_id:
        raise AlreadyBound(f"the FaceId {face_id!r} is bound to member {before.member_id!r}")
    bound = member_id or before.member_id
    roams = before.roams and bound == before.member_id
    return StoredFace(face_id, "member", bound, provisional=False, roams=roams)


def _replace_source(
    connection: sa.Connection, face_id: str, template: NewTemplate, known: int | None
) -> int:
    """Remember the picture, and remove what its source gave before; return how many templates.

    The FaceId has this picture already as the template `known`, if any.
    """
    if template.source is None:
        return 0
    former = templates.c.source == template.source
    if known is not None:
        former &= templates.c.template_id != known
    replaced = rows_of.remove_templates(connection, former)
    rows_of.write_source(connection, _source_of(template, face_id))
    if known is not None:
        rows_of.name_source(connection, known, template.source)
    return replaced


def _source_of(template: NewTemplate, face_id: str) -> Source:
    return Source(
        source=template.source or "",
        digest=template.digest or "",
        face_id=face_id,
        outcome="enrolled",
    )
