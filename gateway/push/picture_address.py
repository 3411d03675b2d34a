"""Whether an event says where its picture can be fetched, instead of bringing it along.

It is not fetched: who pushes is not known, and would have the gateway ask whomever they name.
"""

import re

from gateway.push.event_document import EventDocument

CODE = "PICTURE_ADDRESS"
"""What a camera is told to be refused with that sends addresses."""
REASON = "it says where its picture is instead of sending it, and nothing is fetched"

_LONGEST = 2000
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>]+")
_FILE = re.compile(r"(?:https?|ftp)://[^\s<>?#]+\.(?:jpe?g|png|bmp)(?:[?#].*)?", re.IGNORECASE)
_NAME = re.compile(
    r"(?:pic|image|img|photo|snap|face|bkg|background).*ur[il]|ur[il].*(?:pic|image)"
)
"""As in picUrl, imageURL, faceUri, bkgUrl, snapPicURL, backgroundImageUrl."""


def names_a_picture(document: EventDocument) -> bool:
    """Say whether a text of an event is the address of a picture, by its ending or its name."""
    return any(
        _FILE.fullmatch(text) or (_NAME.search(leaf.name.lower()) and _ADDRESS.fullmatch(text))
        for leaf in document.leaves
        if len(text := leaf.text.strip()) <= _LONGEST
    )
