"""What the store map says of a camera: how its pictures are taken, and when it is missed."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from contract.errors import BadText
from contract.stores.detection import LARGEST_FACE, SMALLEST_FACE, Rotation
from contract.stores.duration import duration_between
from contract.stores.region import Region
from contract.text.identifiers import CAMERA, CAMERA_NAME
from contract.text.plain_text import check_line
from contract.text.strict_yaml import short_repr

MAX_SOURCE = 1000
SCHEMES = ("rtsp", "rtsps", "http", "https")
"""Of the addresses that a camera's stream or snapshots may have."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)", re.IGNORECASE)
_WEBCAM = re.compile(r"webcam:\d{1,3}", re.ASCII)

parse_silence = duration_between("10s", "365d")
"""Return how long a camera may be silent, as the map says it. Raises ValueError."""


def _optional(parse: Callable[[object], object]) -> Callable[[object], object]:
    """Return `parse` for options that may be None."""
    return lambda value: None if value is None else parse(value)


def _name(text: str) -> str:
    return text and CAMERA_NAME(text)


def _rotation(value: object) -> object:
    if value not in get_args(Rotation) or type(value) is not int:  # 1.0 and true are equal to 1
        raise ValueError("expected 90, 180 or 270 degrees, clockwise; 0 is as it comes")
    return value


def _source(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_SOURCE:
        raise ValueError(
            f"expected an address, webcam:0 or a path, at most {MAX_SOURCE} characters"
        )
    address = _ADDRESS.match(check_line(value, "the source"))
    if address is not None:
        if address[1].lower() not in SCHEMES or not address[2].rpartition("@")[2]:
            raise ValueError(f"expected a host after one of {'://, '.join(SCHEMES)}://")
    elif value.startswith("webcam:") and not _WEBCAM.fullmatch(value):
        raise ValueError("expected webcam:0, or another number")
    return value


class CameraOptions(BaseModel):
    """One camera of a store; as it is, one of which nothing is said."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: Annotated[str, AfterValidator(_name)] = ""
    """What people call it; its id if this is empty."""
    rotate: Annotated[Rotation, BeforeValidator(_rotation)] = 0
    region: Annotated[Region | None, BeforeValidator(_optional(Region.parse))] = None
    """Where faces count, of the picture that is turned upright; None: everywhere."""
    min_face_px: int | None = Field(default=None, ge=SMALLEST_FACE, le=LARGEST_FACE, strict=True)
    """None: as the store says."""
    source: Annotated[str | None, BeforeValidator(_optional(_source))] = None
    """Where `facegate cameras` gets its pictures; None: it posts them. May hold a password."""
    silent_after: Annotated[timedelta | None, BeforeValidator(_optional(parse_silence))] = None
    """None: as the store says."""

    @property
    def shown(self) -> dict[str, JsonValue]:
        """What is said of it, as JSON has it; without the source, which may hold a password."""
        said = self.model_dump(mode="json", exclude={"source", "region"}, exclude_unset=True)
        if self.region is not None:
            said["region"] = [list(point) for point in self.region.points]
        return said

    def over(self, defaults: Self) -> Self:
        """Return `defaults` with what is said here."""
        said = {option: getattr(self, option) for option in self.model_fields_set}
        return defaults.model_copy(update=said)

    def in_folder(self, folder: Path) -> Self:
        """Return it with a path that is taken from there."""
        source = self.source
        if source is None or _ADDRESS.match(source) or _WEBCAM.fullmatch(source):
            return self
        return self.model_copy(update={"source": str(folder / source)})


def parse_cameras(value: object) -> dict[str, Any]:
    """Return the options of cameras by their ids, in the form in which these are stored.

    A camera of which nothing is said may have no options at all. Raises ValueError.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("expected cameras by their ids, such as door: {rotate: 90}")
    cameras: dict[str, Any] = {}
    for key, options in value.items():
        camera = _camera_id(key)
        if camera in cameras:
            raise ValueError(f"duplicate camera {camera!r}")
        if not isinstance(options, dict | NoneType):
            raise ValueError(f"{camera}: expected options of the camera, such as {{rotate: 90}}")
        cameras[camera] = options or {}
    return cameras


def _camera_id(key: str) -> str:
    try:
        return CAMERA(key)
    except BadText as error:
        raise ValueError(f"{short_repr(key)}: {error.detail}") from error
