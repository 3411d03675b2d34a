"""What makers' cameras send, made by hand after what their documents and their users say."""

import base64
import json
from datetime import datetime
from typing import Any, NamedTuple

BOUNDARY = "MIME_boundary"


class Body(NamedTuple):
    """A request's content type, and its body."""

    content_type: str
    content: bytes


class Piece(NamedTuple):
    """A part of a body: the lines of its header, and what it holds."""

    head: tuple[str, ...]
    content: bytes


def in_base64(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def form_part(name: str, content: bytes, kind: str = "image/jpeg", file: str = "") -> Piece:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    disposition += f'; filename="{file}"' if file else ""
    return Piece((disposition, f"Content-Type: {kind}"), content)


def bare_part(content: bytes, kind: str = "image/jpeg") -> Piece:
    return Piece((f"Content-Type: {kind}", f"Content-Length: {len(content)}"), content)


def joined(kind: str, *pieces: Piece, end: bytes = b"\r\n", last: bool = True) -> Body:
    """Put the pieces together, with lines that end in `end`, and a last boundary or none."""
    line = f"--{BOUNDARY}".encode()
    body = b"".join(
        end.join([line, *(text.encode() for text in piece.head), b"", piece.content, b""])
        for piece in pieces
    )
    return Body(f"multipart/{kind}; boundary={BOUNDARY}", body + (line + b"--" + end) * last)


def json_body(value: Any) -> Body:
    return Body("application/json", json.dumps(value).encode())


def hikvision_xml(at: str, kind: str = "VMD", more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="2.0"'
        ' xmlns="http://www.hikvision.com/ver20/XMLSchema">\n<ipAddress>192.0.2.64</ipAddress>\n'
        f"<channelID>1</channelID>\n<dateTime>{at}</dateTime>\n<activePostCount>1</activePostCount>"
        f"\n<eventType>{kind}</eventType>\n<eventState>active</eventState>\n{more}"
        "</EventNotificationAlert>\n"
    ).encode()


def hikvision_face(at: str, face: int, kind: str = "faceCapture") -> bytes:
    """Return the event of a face that was seen, or compared with the camera's library."""
    seen = {"faceId": face, "faceRect": {"height": 0.1, "width": 0.06, "x": 0.4, "y": 0.3}}
    compared = {"identify": [{"maxsimilarity": 0.2, "candidate": []}]} if "Match" in kind else {}
    event = {
        **{"ipAddress": "192.0.2.64", "portNo": 80, "protocol": "HTTP", "channelID": 1},
        **{"dateTime": at, "activePostCount": 1, "eventType": kind, "eventState": "active"},
        kind: [{"targetAttrs": {"faceTime": at}, "faces": [{**seen, **compared}]}],
    }
    return json.dumps(event).encode()


def hikvision(at: str, face: int, crop: bytes, scene: bytes, kind: str = "faceCapture") -> Body:
    return joined(
        "form-data",
        form_part(kind, hikvision_face(at, face, kind), "application/json"),
        form_part("faceImage", crop, file="face.jpg"),
        form_part("backgroundImage", scene, file="background.jpg"),
    )


def dahua_lines(seconds: int, person: int, **more: object) -> bytes:
    values = {
        **{"EventBaseInfo.Code": "FaceDetection", "EventBaseInfo.Action": "Start"},
        **{"EventBaseInfo.Index": 0, "UTC": seconds, "UTCMS": 120, "EventID": 10000 + person},
        **{"Faces[0].ObjectID": person, "Faces[0].Sex": "Woman", **more},
    }
    return "".join(f"Events[0].{name}={value}\r\n" for name, value in values.items()).encode()


def dahua(seconds: int, person: int, *pictures: bytes) -> Body:
    """Return an event in lines; several pictures are one after the other in a single part."""
    places: dict[str, object] = {}
    offset = 0
    for number, picture in enumerate(pictures) if len(pictures) > 1 else []:
        size = {"Offset": offset, "Length": len(picture), "Type": 1 + number}
        places |= {f"ImageInfo[{number}].{name}": value for name, value in size.items()}
        offset += len(picture)
    return joined(
        "x-mixed-replace",
        bare_part(dahua_lines(seconds, person, **places), "text/plain"),
        bare_part(b"".join(pictures)),
        last=False,
    )


def dahua_json(seconds: int, person: int, picture: bytes) -> Body:
    data = {"UTC": seconds, "RealUTC": seconds, "Faces": [{"ObjectID": person}], "Status": 1}
    event = {"Action": "Pulse", "Code": "FaceDetection", "Data": data, "Index": 0}
    said = {"Channel": 0, "Events": [event], "Time": "16-04-2024 21:07:02"}
    return joined(
        "form-data",
        form_part("info", json.dumps(said).encode(), "text/plain"),
        form_part("file", picture),
    )


def uniview(seconds: int, person: int, crop: bytes, scene: bytes) -> Body:
    def image(number: int, picture: bytes) -> dict[str, object]:
        size = {"Index": number, "Type": number, "Format": 0, "Size": len(picture)}
        return {**size, "CaptureTime": seconds, "Data": in_base64(picture)}

    face = {"FaceID": person, "SmallPicAttachIndex": 2, "LargePicAttachIndex": 1}
    structure = {
        "ObjInfo": {"FaceNum": 1, "FaceInfoList": [{**face, "Position": "138,315;282,684"}]},
        "ImageNum": 2,
        "ImageInfoList": [image(1, scene), image(2, crop)],
    }
    event = {"Reference": "192.0.2.9/System/Event/Subscription/1", "Seq": 7, "SrcID": 1}
    return json_body({**event, "TimeStamp": seconds, "StructureInfo": structure})


def uniview_person(seconds: int, face: bytes, scene: bytes, enrolled: bytes) -> Body:
    """Return what a terminal says of somebody whom it has compared with its library."""

    def image(picture: bytes) -> dict[str, object]:
        return {"Name": "1.jpg", "Size": len(picture), "Data": in_base64(picture)}

    person = {"ID": 1, "Timestamp": seconds, "FaceImage": image(face), "PanoImage": image(scene)}
    card = {"ID": 2, "Timestamp": seconds, "IDImage": image(enrolled)}
    lists = {"FaceInfoList": [person], "CardInfoList": [card], "LibMatInfoList": []}
    return json_body({"Reference": "192.0.2.9", "Seq": 12, "Timestamp": seconds, **lists})


def axis_event(milliseconds: int, person: str) -> Body:
    """Return an event of object analytics, as over MQTT."""
    data = {"active": "1", "objectId": person, "classTypes": "human", "triggerTime": ""}
    topic = "axis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1"
    message = {"source": {}, "key": {}, "data": data}
    said = {"topic": topic, "timestamp": milliseconds, "serial": "ACCC8E000000"}
    return json_body({**said, "message": message})


def axis_track(start: str, person: str, picture: bytes) -> Body:
    """Return one object of scene metadata with the best snapshot of it."""
    box = {"left": 0.1, "top": 0.2, "right": 0.4, "bottom": 0.6}
    image = {"data": in_base64(picture), "bounding_box": box, "timestamp": start}
    return json_body(
        {
            **{"id": person, "start_time": start, "end_time": start, "duration": 1.0},
            **{"classes": [{"type": "Human", "score": 0.9}], "image": image},
        }
    )


def onvif(at: str, person: str, picture: bytes | None = None) -> Body:
    image = f"<tt:Appearance><tt:Image>{in_base64(picture or b'')}</tt:Image></tt:Appearance>"
    seen = f'<tt:Object ObjectId="{person}">{image if picture else ""}</tt:Object>'
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
        ' xmlns:tt="http://www.onvif.org/ver10/schema"><SOAP-ENV:Body><wsnt:Notify>'
        "<wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/FaceDetector/Face</wsnt:Topic>"
        f'<wsnt:Message><tt:Message UtcTime="{at}" PropertyOperation="Changed"><tt:Source>'
        '<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="vs0"/></tt:Source><tt:Data>'
        f'<tt:SimpleItem Name="State" Value="true"/>{seen}</tt:Data></tt:Message></wsnt:Message>'
        "</wsnt:NotificationMessage></wsnt:Notify></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return Body("application/soap+xml; charset=utf-8", text.encode())


def without_zone(at: datetime) -> str:
    """Return what a camera's clock shows that does not know its zone."""
    return at.replace(tzinfo=None).isoformat(timespec="seconds")
