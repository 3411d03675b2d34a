"""ONVIF: `wsnt:Notify` in SOAP, and Profile M's events in JSON.

Messages have `UtcTime`, the source's tokens and `ObjectId`; objects may bring their picture in
base64 (`tt:Appearance`, `tt:Image`).
"""

from gateway.push.makers.maker import Maker

ONVIF = Maker(
    name="onvif",
    marks=frozenset({"NotificationMessage", "UtcTime", "MetadataStream"}),
    times=("UtcTime",),
    channels=("VideoSourceConfigurationToken", "VideoSourceToken", "VideoSource", "Source"),
    tracks=("ObjectId",),
)
