"""From a frame's faces to visits: opened, extended, revised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from contract.messages.face import MemberCard
from contract.messages.recognition import RecognizeAnswer, RecognizedFace, VisitMark
from gateway.clock.store_clock import hour_of
from gateway.record.feed.event_log import add_event
from gateway.record.people.distinctions import are_apart
from gateway.record.people.persons import (
    FacePair,
    is_member,
    lock_persons,
    merge_persons,
    person_of,
)
from gateway.record.people.redaction import without_erased
from gateway.record.people.renames import by_their_names
from gateway.record.prepared import Prepared
from gateway.record.schema import members, visits
from gateway.record.store_order import lock_stores
from gateway.record.visits.idempotency_keys import KeyLease, store_answer
from gateway.record.visits.ledger import Ledger, visit_of
from gateway.record.visits.tracks import CameraTrack, Track, repoint_tracks
from gateway.record.visits.visit import VisitKind, VisitRow

_TELL_EVERY = 60_000
"""Milliseconds between two events that only say that somebody is still there."""


@dataclass(frozen=True)
class Frame:
    """A picture that a camera of `store` took at the moment `at`, by the gateway's clock `now`.

    In a frame of a track one face, which says so, is the track's person.
    """

    store: str
    timezone: str
    visit_gap: timedelta
    at: int
    now: int
    camera: str | None = None
    track: str | None = None

    @property
    def gap(self) -> int:
        """Milliseconds without a frame that end a visit."""
        return self.visit_gap // timedelta(milliseconds=1)

    @property
    def track_key(self) -> CameraTrack | None:
        """The track that the frame is of."""
        if self.track is None:
            return None
        return CameraTrack(self.store, self.camera or "", self.track)

    @property
    def hour(self) -> int:
        """The hour on the store's clock."""
        return hour_of(self.at, self.timezone)


def record_answer(
    connection: sa.Connection, frame: Frame | None, answer: RecognizeAnswer, lease: KeyLease | None
) -> bytes:
    """Store who was seen in `frame`, and the answer for `claim`; return the answer as JSON."""
    if frame is not None:
        faces = record_frame(connection, frame, answer.faces)
    else:
        faces = without_erased(connection, answer.faces, since=0)
    answer = answer.model_copy(update={"faces": faces})
    body = answer.model_dump_json().encode()
    if lease is not None:
        store_answer(connection, lease, body)
    return body


def record_frame(
    connection: sa.Connection, frame: Frame, faces: Sequence[RecognizedFace]
) -> list[RecognizedFace]:
    """Store who was seen, and return the faces with the visits that they are part of.

    Faces without a FaceId are no visits.
    """
    lock_stores(connection, frame.store)
    faces = by_their_names(connection, without_erased(connection, faces, frame.now), frame.now)
    known = [place for place, face in enumerate(faces) if face.face_id is not None]
    told: dict[int, tuple[VisitRow, bool]] = {}
    with Ledger(connection) as ledger:
        writing = _Writing(connection, ledger, frame)
        # In the order of their names: two transactions that lock the same persons do not cross.
        for place in sorted(known, key=lambda place: _name(faces[place])):
            of_track = faces[place].track is not None
            told[place] = writing.record(faces[place], frame.track_key if of_track else None)
    marked = list(faces)
    for place, (visit, new) in told.items():
        marked[place] = _marked(connection, faces[place], writing.standing(visit), new)
    return marked


_NEAR = Prepared(
    sa.select(visits)
    .where(
        visits.c.person == sa.bindparam("person"),
        visits.c.store == sa.bindparam("store"),
        visits.c.first_at <= sa.bindparam("until"),
        visits.c.last_at >= sa.bindparam("since"),
    )
    .order_by(visits.c.first_at, visits.c.visit)
)


class _Writing:
    """One frame being written."""

    def __init__(self, connection: sa.Connection, ledger: Ledger, frame: Frame) -> None:
        self._connection = connection
        self._ledger = ledger
        self._frame = frame
        self._replaced: dict[int, int] = {}

    def standing(self, visit: VisitRow) -> int:
        """Return the number of the visit that `visit` is part of now."""
        number = visit.visit
        while number in self._replaced:
            number = self._replaced[number]
        return number

    def record(self, face: RecognizedFace, key: CameraTrack | None) -> tuple[VisitRow, bool]:
        """Return the visit that `face` is part of now, and whether this frame opened it.

        `key`: the face is that track's person.
        """
        person = person_of(self._connection, self._ledger, face, self._frame.at)
        track = Track.find(self._connection, key) if key else None
        if track is not None:
            self._revise(track, face, person)
        near = self._near(person)
        visit = self._extend(near, face) if near else self._open(face, person)
        if key is not None:
            now = Track.after(track, face, visit.visit, opened=not near)
            now.keep(self._connection, key, self._frame.now)
        return visit, not near

    def _near(self, person: int) -> list[VisitRow]:
        """Return the person's visits in this store that the frame's moment is part of."""
        at, gap = self._frame.at, self._frame.gap
        moment = {
            "person": person,
            "store": self._frame.store,
            "until": at + gap,
            "since": at - gap,
        }
        return [visit_of(row) for row in _NEAR.all(self._connection, moment)]

    def _open(self, face: RecognizedFace, person: int) -> VisitRow:
        frame = self._frame
        visit = self._ledger.open(
            VisitRow(
                visit=0,
                store=frame.store,
                camera=frame.camera,
                person=person,
                home_store=face.store,
                face_id=face.face_id,
                kind=_kind(face),
                score=face.score,
                provisional=face.provisional,
                first_at=frame.at,
                last_at=frame.at,
                frames=1,
                hour=frame.hour,
                before_here=None,
                before_anywhere=None,
                member=face.kind == "member",
                counted=True,
                sightings=face.sighting or "",
            )
        )
        self._tell("visit.opened", visit)
        return visit

    def _extend(self, near: list[VisitRow], face: RecognizedFace) -> VisitRow:
        """Add the frame to the last of the visits `near`; a gap that it closes is no gap."""
        before = near[-1]
        after = before.with_frame(self._frame.at, face.score, face.sighting)
        after = self._placed(replace(after, provisional=face.provisional and after.provisional))
        self._ledger.change(before, after)
        if after.last_at // _TELL_EVERY != before.last_at // _TELL_EVERY:
            self._tell("visit.extended", after)
        for other in near[:-1]:
            if before.first_at - other.last_at > self._frame.gap:
                after = self._fuse(after, other)
        return after

    def _fuse(self, visit: VisitRow, other: VisitRow) -> VisitRow:
        """Make two visits one: the earlier stays, and is returned."""
        first, second = sorted((visit, other), key=lambda v: (v.first_at, v.visit))
        self._ledger.remove(second)
        self._replaced[second.visit] = first.visit
        repoint_tracks(self._connection, second.visit, first.visit)
        whole = self._ledger.change(first, first.with_visit(second))
        self._tell("visit.revised", whole, replaces=second.visit)
        return whole

    def _revise(self, track: Track, face: RecognizedFace, person: int) -> None:
        """Make what the track has opened or named the visit of who it turns out to be."""
        row = self._connection.execute(
            sa.select(visits).where(visits.c.visit == track.visit)
        ).first()
        if row is None or row.person is None or row.person == person:
            return
        before, other = visit_of(row), row.person
        lock_persons(self._connection, other)
        if are_apart(self._connection, *_pair(face, track)):
            return
        if track.minted and not is_member(self._connection, other):
            merge_persons(
                self._connection,
                self._ledger,
                into=person,
                source=other,
                cause="track",
                at=self._frame.now,
                pair=_pair(face, track),
            )
            before = replace(before, person=person)
        elif not track.opened:
            return
        visit = self._ledger.change(
            before,
            replace(
                before,
                person=person,
                home_store=face.store,
                face_id=face.face_id,
                kind=_kind(face),
                score=face.score,
                provisional=face.provisional,
            ),
        )
        self._tell("visit.revised", visit)
        for other in self._near_visit(visit):
            visit = self._fuse(visit, other)

    def _near_visit(self, visit: VisitRow) -> list[VisitRow]:
        """Return the other visits of the same person here that `visit` is part of."""
        gap = self._frame.gap
        query = sa.select(visits).where(
            visits.c.person == visit.person,
            visits.c.store == visit.store,
            visits.c.visit != visit.visit,
            visits.c.first_at <= visit.last_at + gap,
            visits.c.last_at >= visit.first_at - gap,
        )
        return [visit_of(row) for row in self._connection.execute(query.order_by(visits.c.visit))]

    def _placed(self, visit: VisitRow) -> VisitRow:
        """Return the visit with the hour in which it began."""
        if visit.first_at != self._frame.at:
            return visit
        return replace(visit, hour=self._frame.hour)

    def _tell(self, kind: str, visit: VisitRow, **more: int) -> None:
        payload = {"visit": visit.visit, **more}
        add_event(self._connection, visit.store, kind, self._frame.now, payload)


def _pair(face: RecognizedFace, track: Track) -> tuple[FacePair, FacePair]:
    """Return the FaceId that a track is, and the one that was minted for it too early."""
    return (
        (face.store or "", face.face_id or ""),
        (track.home_store or "", track.face_id or ""),
    )


def _kind(face: RecognizedFace) -> VisitKind:
    assert face.match != "unknown"
    return face.match


def _name(face: RecognizedFace) -> tuple[str, str]:
    return face.store or "", face.face_id or ""


_OF_PERSON = visits.alias()
_STANDING = Prepared(
    sa.select(
        visits.c.before_here,
        sa.select(sa.func.count())
        .where(_OF_PERSON.c.person == visits.c.person)
        .scalar_subquery()
        .label("count"),
        members.c.member_id,
        members.c.name,
        members.c.tags,
    )
    .join(members, members.c.person == visits.c.person, isouter=True)
    .where(visits.c.visit == sa.bindparam("number"))
)


def _marked(
    connection: sa.Connection, face: RecognizedFace, visit: int, new: bool
) -> RecognizedFace:
    """Return `face` with its visit, as it stands after everything of the frame is stored."""
    row = _STANDING.first(connection, {"number": visit})
    mark = VisitMark(id=str(visit), new=new, count=row.count, returning=row.before_here is not None)
    member = face.member
    if row.member_id is not None:
        member = MemberCard(member_id=row.member_id, name=row.name, tags=row.tags)
    return face.model_copy(update={"visit": mark, "member": member})
