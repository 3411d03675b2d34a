"""Hikvision's alarm host ("HTTP listening", ISAPI): `EventNotificationAlert` in XML or JSON.

Face events are `faceCapture` (somebody was seen) and `alarmResult` or `faceSnapMatch` (and compared
with the camera's library), multipart with pictures called `faceImage`, `backgroundImage` and
`faceLibImage`. `faceId` numbers the face that is followed. A camera sends again what is not
answered with 200.
"""

from gateway.push.makers.maker import Maker

HIKVISION = Maker(
    name="hikvision",
    marks=frozenset(
        {
            *("EventNotificationAlert", "activePostCount", "faceCapture", "faceSnapMatch"),
            *("alarmResult", "captureLibResult", "AccessControllerEvent"),
        }
    ),
    times=("faceTime", "captureTime", "dateTime", "time"),
    channels=("channelID", "dynChannelID", "channel"),
    tracks=("trackID", "targetID", "faceId"),
    ids=("uuid", "uid", "UUID", "serialNo", "pId"),
)
