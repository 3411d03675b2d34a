"""Dahua's events (and those of its other brands): lines of `Events[0].Key=value`, or JSON.

They come as multipart/mixed, multipart/x-mixed-replace or multipart/form-data, with the pictures in
a part each, or one after the other in a single part; then the event says where each begins. `UTC`
counts by the camera's clock in some firmware; where that is so, `RealUTC` is there, too, or the two
are told apart by which is nearer to now.
"""

from gateway.push.event_document import EventDocument
from gateway.push.makers.maker import Maker
from gateway.push.pushed_picture import NamedPicture, is_picture

_KINDS = {"0": "enrolled", "1": "scene", "2": "face"}
"""`ImageInfo[].Type`: the library's picture, the scene, the face that was cut out."""


def _pieces(document: EventDocument, picture: NamedPicture) -> list[NamedPicture]:
    """Return the pictures that one part holds, if the event says where they are."""
    places: dict[tuple[str, ...], dict[str, str]] = {}
    for leaf in document.leaves:
        if leaf.name in {"Offset", "Length", "Type"}:
            places.setdefault(leaf.path[:-1], {})[leaf.name] = leaf.text
    found = []
    for path, place in places.items():
        offset, length = place.get("Offset", ""), place.get("Length", "")
        if not (offset.isascii() and offset.isdigit() and length.isascii() and length.isdigit()):
            continue
        file = picture.file[int(offset[:9]) :][: int(length[:9])]
        kind = _KINDS.get(place.get("Type", ""), "")
        if is_picture(file):
            found.append(NamedPicture((kind, *reversed(path)), file))
    return found if len(found) > 1 else [picture]


DAHUA = Maker(
    name="dahua",
    marks=frozenset({"EventBaseInfo", "Events", "PhysicalAddress"}),
    times=("RealUTC", "UTC", "CreateTime", "LocaleTime", "Time"),
    wall_times=frozenset({"UTC", "CreateTime"}),
    channels=("Channel", "ChannelID", "Index"),
    tracks=("ObjectID", "TrackID"),
    ids=("EventID", "EventLongID", "UID", "RecNo", "FrameSequence"),
    pieces=_pieces,
)
