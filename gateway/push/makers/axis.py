"""Axis: pictures sent as they are by an action rule, and events in JSON as over MQTT.

`topic`, `timestamp` in milliseconds and `message` with `source` and `data` are those of events and
of object analytics; scene metadata has observations with `track_id`, or one object with its path,
and the snapshot of it in `image.data`.
"""

from gateway.push.makers.maker import Maker

AXIS = Maker(
    name="axis",
    marks=frozenset(
        {"observations", "triggerTime", "serial", "start_time", "track_id", "bounding_box"}
    ),
    times=("triggerTime", "start_time", "timestamp"),
    channels=("VideoSource", "channel", "source"),
    tracks=("track_id", "objectId", "id"),
    ids=("objectId", "id"),
)
