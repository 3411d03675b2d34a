"""Uniview's LAPI notifications: JSON with pictures in base64, answered in LAPI's own envelope.

`…/Event/Notification/Structure` has `StructureInfo` with `ImageInfoList` and `FaceInfoList`;
`PersonVerification` has `FaceInfoList` with `PanoImage` and `FaceImage`, and those of its library.
Terminals send again what is not answered with `StatusCode` 0.
"""

from gateway.push.event_document import EventDocument
from gateway.push.makers.maker import Maker, Reply


def _reply(path: str, document: EventDocument) -> Reply:
    number = document.first(["Seq"]) or "0"
    return Reply.of_json(
        {
            "Response": {
                "ResponseURL": path,
                "StatusCode": 0,
                "StatusString": "Succeed",
                "Data": {
                    "RecordID": int(number[:18]) if number.isascii() and number.isdigit() else 0
                },
            }
        }
    )


UNIVIEW = Maker(
    name="uniview",
    marks=frozenset({"StructureInfo", "AlarmInfo", "FaceInfoList", "LibMatInfoList", "RefId"}),
    times=("CaptureTime", "AppearTime", "TimeStamp", "Timestamp", "PassTime"),
    channels=("SrcID", "AlarmSrcID", "ChannelID"),
    tracks=("PersonID", "FaceDoforPersonID", "FaceID"),
    ids=("Seq", "AlarmSeq"),
    reply=_reply,
)
