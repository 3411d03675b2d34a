"""What happened at a camera, by whichever maker's words: when, whose track, which event it is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.errors import BadText
from contract.text.identifiers import TRACK
from contract.text.plain_text import normalize_text
from gateway.push.event_document import EventDocument
from gateway.push.event_time import moment_said
from gateway.push.makers.axis import AXIS
from gateway.push.makers.dahua import DAHUA
from gateway.push.makers.hikvision import HIKVISION
from gateway.push.makers.maker import Maker
from gateway.push.makers.onvif import ONVIF
from gateway.push.makers.own_words import OWN_WORDS
from gateway.push.makers.uniview import UNIVIEW

MAKERS = (HIKVISION, UNIVIEW, DAHUA, ONVIF, AXIS)

_NO_TRACK = frozenset({"0", "1", "-1", "4294967295"})
"""What firmware says that counts no tracks. Were it one, all who come would be one person; that the
first track after a start is lost costs nothing."""


@dataclass(frozen=True)
class PushedEvent:
    """An event as its maker's words tell it. What it does not say is None.

    `at` is in UTC. `track` is of one channel: recorders send those of all their cameras.
    """

    maker: Maker
    at: datetime | None = None
    track: str | None = None
    name: str | None = None
    """What tells this event from others of its camera, if its time or its id is known."""

    @classmethod
    def read(cls, document: EventDocument, timezone: str, now: datetime) -> "PushedEvent":
        """Return the event that a document tells of, in a store whose clock is in `timezone`."""
        maker = next((maker for maker in MAKERS if maker.made(document)), OWN_WORDS)
        at, said = _time(maker, document, timezone, now)
        channel = document.only(maker.channels)
        track = _track(maker, document)
        told = [document.first(maker.ids), said]
        return cls(
            maker,
            at,
            track and _storable(track if channel is None else f"{channel}:{track}"),
            repr([maker.name, channel, track, *told]) if any(told) else None,
        )

    def key(self, camera: str, pictures: Sequence[bytes]) -> str | None:
        """Return what is the same when the event is sent again, and only then; None if untold."""
        if self.name is None:
            return None
        digest = hashlib.sha256(self.name.encode("utf-8", "replace"))
        for picture in pictures:
            digest.update(hashlib.sha256(picture).digest())
        return f"event {digest.hexdigest()} of {camera!r}"


def _time(
    maker: Maker, document: EventDocument, timezone: str, now: datetime
) -> tuple[datetime | None, str | None]:
    """Return when the event was, and how it says so."""
    for name in (*maker.times, *OWN_WORDS.times):
        for text in document.values(name):
            at = moment_said(text, timezone, now, wall=name in maker.wall_times)
            if at is not None:
                return at, text
    return None, None


def _track(maker: Maker, document: EventDocument) -> str | None:
    """Return whose track it is, of one person alone; None if that is not told."""
    track = document.only(maker.tracks)
    if maker is not OWN_WORDS and (track is None or track in _NO_TRACK):
        return document.only(OWN_WORDS.tracks)
    return track


def _storable(track: str) -> str | None:
    """Return the name of a track; None when it is none that the record takes."""
    try:
        return TRACK(normalize_text(track))
    except BadText:
        return None
