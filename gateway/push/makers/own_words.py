"""Cameras of people's own making: the names of this project's API, and others as plain."""

from gateway.push.makers.maker import Maker

OWN_WORDS = Maker(
    name="other",
    marks=frozenset(),
    times=("captured_at", "EventTime", "timestamp", "datetime", "dateTime", "time"),
    channels=("channel",),
    tracks=("track", "track_id", "trackId"),
    ids=("event_id", "eventId", "frame", "uuid"),
)
