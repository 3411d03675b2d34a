"""How a folder of pictures says whose face each one shows, for imports by the shard and by users.

A picture directly in the folder is named `FACEID_anything.jpg` (the course's `095_0.bmp` is FaceId
`095`); a picture in a subfolder belongs to the FaceId that the first subfolder names.
"""

from pathlib import PurePosixPath

from contract.identifiers import FACE_ID
from contract.text import tidy

MINTED_PREFIX = "v-"
"""FaceIds that a shard mints for strangers start so."""
_OF_CAMERAS = frozenset(
    {
        *("img", "imag", "image", "mvimg", "pxl", "dsc", "dscf", "dscn", "dcim", "pict", "p", "fb"),
        *("photo", "pic", "picture", "snapshot", "screenshot", "scan", "frame", "capture", "cam"),
        *("whatsapp", "whatsapp image", "signal", "received", "telegram", "wechat", "mmexport"),
        *("win", "vid", "video", "mov", "pano", "burst", "dji", "gopr", "selfie", "face"),
        *("微信图片", "照片", "图片", "截图"),
    }
)


def face_id_of(relative: PurePosixPath) -> str:
    """Return the FaceId that the path of a picture, relative to its folder, names.

    Raises BadText when the name gives no FaceId.
    """
    first = relative.parts[0] if len(relative.parts) > 1 else relative.stem.partition("_")[0]
    return FACE_ID(tidy(first))


def hint_about(face_id: str) -> str:
    """Return what may help when the pictures of a FaceId are not one person's."""
    if is_of_cameras(face_id):
        whose = "cameras and telephones begin the names of their pictures so, whoever is on them"
    else:
        whose = "the part of a picture's name before the first _ is its FaceId"
    return f"{whose}; put each person's pictures into a folder of their name"


def is_of_cameras(face_id: str) -> bool:
    """Tell whether a FaceId is what cameras and telephones begin their names with, or a date."""
    return face_id.casefold() in _OF_CAMERAS or (len(face_id) == 8 and face_id.isdecimal())
