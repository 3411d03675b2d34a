"""How a folder of pictures says whose face each one shows, for imports by the shard and by users.

A picture directly in the folder is named `FACEID_anything.jpg` (the course's `095_0.bmp` is FaceId
`095`); a picture in a subfolder belongs to the FaceId that the first subfolder names.
"""

import re
from pathlib import PurePosixPath

from contract.text.identifiers import FACE_ID
from contract.text.plain_text import normalize_text

MINTED_PREFIX = "v-"
"""FaceIds that a shard mints for strangers start so."""
_OF_CAMERAS = frozenset(
    {
        *("img", "imag", "image", "mvimg", "pxl", "dsc", "dscf", "dscn", "dcim", "pict", "p", "fb"),
        *("photo", "pic", "picture", "snapshot", "screenshot", "scan", "frame", "capture", "cam"),
        *("whatsapp", "whatsapp image", "signal", "received", "telegram", "wechat", "mmexport"),
        *("win", "vid", "video", "mov", "pano", "burst", "dji", "gopr", "selfie", "face"),
        *("foto", "bild", "imagen", "untitled", "unnamed", "camscanner", "snapchat"),
        *("微信图片", "照片", "图片", "截图"),
    }
)
_START = re.compile(r"\D+")
_COUNT = re.compile(r"\d{4}")
"""What they add to it: a number of four figures or more, or the day."""
_DAY = re.compile(r"(19|20)\d\d(?P<dash>-?)(0[1-9]|1[0-2])(?P=dash)(0[1-9]|[12]\d|3[01])(\D|$)")


def face_id_of(relative: PurePosixPath) -> str:
    """Return the FaceId that the path of a picture, relative to its folder, names.

    Raises BadText when the name gives no FaceId.
    """
    first = relative.parts[0] if len(relative.parts) > 1 else relative.stem.partition("_")[0]
    return FACE_ID(normalize_text(first))


def hint_about(picture: PurePosixPath) -> str:
    """Return what may help when the pictures of a FaceId are not one person's, by one of them.

    `picture` is relative to its folder. Raises BadText when its name gives no FaceId.
    """
    if len(picture.parts) > 1:
        return "a folder's pictures are all of one person; give each person a folder of their name"
    if is_of_cameras(face_id_of(picture)):
        whose = "cameras and telephones begin the names of their pictures so, whoever is on them"
    else:
        whose = "the part of a picture's name before the first _ is its FaceId"
    return f"{whose}; put each person's pictures into a folder of their name"


def is_of_cameras(face_id: str) -> bool:
    """Tell whether a FaceId is what cameras and telephones call pictures: `IMG`, `DSC00012`."""
    name = face_id.casefold()
    if name in _OF_CAMERAS:
        return True
    start = _START.match(name)
    numbered = start is not None and start.group().rstrip(" -") in _OF_CAMERAS
    return (numbered and _COUNT.search(name) is not None) or _DAY.match(name) is not None
