"""The visits that a frame's faces are part of: opened, extended, joined and revised."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.feed.event_log import add_event
from gateway.record.people.distinctions import are_distinct
from gateway.record.people.face_pair import FacePair
from gateway.record.people.persons import (
    add_person,
    is_member,
    lock_persons,
    merge_persons,
    resolve_person,
)
from gateway.record.prepared import Prepared
from gateway.record.visits.frame import Frame
from gateway.record.visits.ledger import Ledger, visit_of
from gateway.record.visits.pending_visits import is_pending, keep_pending, settle_pending
from gateway.record.visits.schema import visits
from gateway.record.visits.tracks import Track, TrackKey, name_tracks, repoint_tracks
from gateway.record.visits.visit import VisitRow

_EXTENDED_EVERY = 60_000
"""Milliseconds between two `visit.extended` events of one visit."""


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


_VISIT = Prepared(sa.select(visits).where(visits.c.visit == sa.bindparam("number")))


class FrameVisits:
    """Opens, extends, joins and revises the visits that the faces of one frame are part of."""

    def __init__(self, connection: sa.Connection, ledger: Ledger, frame: Frame) -> None:
        self._connection = connection
        self._ledger = ledger
        self._frame = frame
        self._replaced: dict[int, int] = {}

    def current_number(self, visit: VisitRow) -> int:
        """Return the number of the visit that `visit` is part of now."""
        number = visit.visit
        while number in self._replaced:
            number = self._replaced[number]
        return number

    def record(self, face: RecognizedFace, key: TrackKey | None) -> tuple[VisitRow, bool]:
        """Return the visit that `face` is part of now, and whether this frame opened it.

        `key`: the face is that track's person, who alone may be pending, or unknown.
        """
        track, visit = self._of_track(key) if key else (None, None)
        if key is not None and face.match == "pending":
            return self._record_pending(face, key, track, visit)
        if key is not None and face.match == "unknown":
            return self._record_nameless(face, key, track, visit, tells=False)
        person = resolve_person(self._connection, self._ledger, face, self._frame.at)
        if track is not None and visit is not None:
            self._revise_track_visit(track, visit, face, person)
        near = self._at_frame(person)
        visit = self._extend(near, face) if near else self._open(face, person)
        if key is not None:
            now = Track.after(track, face, visit.visit, opened=not near)
            now.keep(self._connection, key, self._frame.now)
        return visit, not near

    def name(self, visit: VisitRow, face: RecognizedFace) -> None:
        """Make a pending visit that of `face`, now that it is known."""
        person = resolve_person(self._connection, self._ledger, face, visit.last_at)
        name_tracks(self._connection, visit.visit, face)
        self._reassign(visit, face, person)

    def _of_track(self, key: TrackKey) -> tuple[Track | None, VisitRow | None]:
        """Return the track and its visit; neither when the name is that of another one by now.

        Cameras that start again count their tracks from one: a frame that is not part of the visit
        is of somebody else.
        """
        track = Track.find(self._connection, key)
        row = _VISIT.first(self._connection, {"number": track.visit}) if track else None
        visit = visit_of(row) if row and row.person is not None else None
        if visit is None or not visit.is_near(self._frame.at, self._frame.gap):
            return None, None
        return track, visit

    def _record_pending(
        self, face: RecognizedFace, key: TrackKey, track: Track | None, visit: VisitRow | None
    ) -> tuple[VisitRow, bool]:
        """Add a frame to the visit of a track whose frames do not say who it is; open one if new.

        A visit that has got a FaceId meanwhile keeps it. One of somebody who could not be seen well
        until now is told of from now on.
        """
        is_told = visit is None or self._is_told(visit)
        visit, new = self._record_nameless(face, key, track, visit, tells=is_told)
        if visit.face_id is None and self._frame.pending is not None:
            keep_pending(
                self._connection,
                visit.visit,
                visit.store,
                self._frame.pending,
                self._frame.due_at,
            )
        if not is_told:
            self._add_event("visit.opened", visit)
        return visit, new

    def _record_nameless(
        self,
        face: RecognizedFace,
        key: TrackKey,
        track: Track | None,
        visit: VisitRow | None,
        *,
        tells: bool,
    ) -> tuple[VisitRow, bool]:
        """Add a frame to the visit of a track that has no FaceId by it; open one if it is new.

        `tells`: whether readers of the feed know of the visit, and hear of the frame.
        """
        new = track is None or visit is None
        if track is None or visit is None:
            visit = self._open(face, add_person(self._connection, member=False))
            track = Track(visit.visit, None, None, minted=False, opened=True)
        else:
            visit = self._extend([visit], face, tells=tells)
        track.keep(self._connection, key, self._frame.now)
        return visit, new

    def _is_told(self, visit: VisitRow) -> bool:
        """Say whether a visit is somebody's, of which readers of the feed know."""
        return visit.face_id is not None or is_pending(self._connection, visit.visit)

    def _at_frame(self, person: int) -> list[VisitRow]:
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
                **_recognized_as(face),
                first_at=frame.at,
                last_at=frame.at,
                frames=1,
                hour=frame.hour,
                before_here=None,
                before_anywhere=None,
                member=face.kind == "member",
                counted=True,
                sightings=face.sighting or "",
                last_camera=frame.camera,
                last_camera_at=frame.at,
            )
        )
        if face.match != "unknown":  # nobody to show, until the track is somebody
            self._add_event("visit.opened", visit)
        return visit

    def _extend(
        self, near: list[VisitRow], face: RecognizedFace, *, tells: bool = True
    ) -> VisitRow:
        """Add the frame to the last of the visits `near`, and join those whose gap it closes."""
        before = near[-1]
        frame = self._frame
        after = before.with_frame(frame.at, face.score, face.sighting, frame.camera)
        provisional = after.provisional and (face.provisional or face.face_id is None)
        after = self._with_hour(replace(after, provisional=provisional))
        self._ledger.change(before, after)
        if tells:
            self._tell_extended(before, after)
        for other in near[:-1]:
            if before.first_at - other.last_at > self._frame.gap:
                after = self._join(after, other)
        return after

    def _tell_extended(self, before: VisitRow, after: VisitRow) -> None:
        left = before.last_camera
        if after.last_camera != left:
            self._add_event("visit.extended", after, **({} if left is None else {"left": left}))
        elif after.last_at // _EXTENDED_EVERY != before.last_at // _EXTENDED_EVERY:
            self._add_event("visit.extended", after)

    def _join(self, visit: VisitRow, other: VisitRow) -> VisitRow:
        """Join two visits: the earlier one stays, and is returned."""
        first, second = sorted((visit, other), key=lambda v: (v.first_at, v.visit))
        self._ledger.remove(second)
        self._replaced[second.visit] = first.visit
        repoint_tracks(self._connection, second.visit, first.visit)
        whole = self._ledger.change(first, first.with_visit(second))
        self._add_event("visit.revised", whole, replaces=second.visit)
        return whole

    def _revise_track_visit(
        self, track: Track, before: VisitRow, face: RecognizedFace, person: int
    ) -> None:
        """Make the visit that the track has opened, or the FaceId it has minted, `person`'s."""
        other = before.person
        if other is None or other == person:
            return
        lock_persons(self._connection, other)
        if are_distinct(self._connection, *_pair(face, track)):
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
        self._reassign(before, face, person)

    def _reassign(self, before: VisitRow, face: RecognizedFace, person: int) -> None:
        """Make a visit that of `person`, recognised as `face`, and join it with theirs."""
        visit = self._ledger.change(
            before,
            replace(before, person=person, **_recognized_as(face)),
        )
        is_told = self._is_told(before)
        if before.face_id is None and before.person is not None:
            settle_pending(self._connection, before.visit, before.person)
        self._add_event("visit.revised" if is_told else "visit.opened", visit)
        for other in self._overlapping(visit):
            visit = self._join(visit, other)

    def _overlapping(self, visit: VisitRow) -> list[VisitRow]:
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

    def _with_hour(self, visit: VisitRow) -> VisitRow:
        """Return the visit with the hour in which it began."""
        if visit.first_at != self._frame.at:
            return visit
        return replace(visit, hour=self._frame.hour)

    def _add_event(self, kind: str, visit: VisitRow, **more: int | str) -> None:
        payload = {"visit": visit.visit, **more}
        add_event(self._connection, visit.store, kind, self._frame.now, payload)


def _pair(face: RecognizedFace, track: Track) -> tuple[FacePair, FacePair]:
    """Return the FaceId that a track is, and the one that was minted for it too early."""
    return (
        (face.store or "", face.face_id or ""),
        (track.home_store or "", track.face_id or ""),
    )


def _recognized_as(face: RecognizedFace) -> dict[str, Any]:
    """Return the columns of a visit that say who it was recognised as."""
    return {
        "home_store": face.store,
        "face_id": face.face_id,
        "kind": face.match if face.match in ("home", "roaming") else "new",
        "score": face.score,
        "provisional": face.provisional,
    }
