"""The stores of a map, their options, and where their shards listen: values, checked as made.

`contract.stores.map_parser` makes them of `stores.yaml`.
"""

import zoneinfo
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
)

from contract.errors import BadText, UnknownStore
from contract.messages.by_kind import ByKind
from contract.messages.index_status import IndexKind
from contract.stores.address import Address
from contract.stores.camera_options import CameraOptions, parse_cameras, parse_silence
from contract.stores.daily_hours import DailyHours
from contract.stores.detection import BUILT_IN, LARGEST_FACE, SMALLEST_FACE, Detection, Detector
from contract.stores.duration import duration_between
from contract.stores.model_name import detector_name, model_name
from contract.stores.rate import parse_error_rate, parse_rate
from contract.text.identifiers import STORE, STORE_NAME
from contract.text.plain_text import check_line
from contract.text.strict_yaml import short_repr

CrossStore = Literal["members", "nobody", "everyone"]
"""Whose faces of a store the other stores may search: its members, no one, visitors as well."""

Learning = Literal["visitors", "everyone", "nobody"]
"""Whose FaceIds learn from visits of which it is sure who came."""

MAX_PATH = 1000


def _addresses(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise ValueError("expected an address host:port, or a list of at least one")
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{short_repr(text)} is not an address host:port; write it in quotes")
    try:
        return tuple(Address.parse(text) for text in texts)
    except ValueError as error:
        raise ValueError(str(error)) from error


def _timezone(value: object) -> str:
    if not isinstance(value, str) or value not in _zones():
        raise ValueError("expected a time zone such as Asia/Shanghai")
    return value


@cache  # looks through hundreds of files
def _zones() -> frozenset[str]:
    """Return the places whose time is known, without those that browsers do not know."""
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})


def _name(text: str) -> str:
    return text and STORE_NAME(text)


def _path(value: object) -> Path | None:
    if value is None or isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or len(value) > MAX_PATH:
        raise ValueError(f"expected the path of a folder, at most {MAX_PATH} characters")
    return Path(check_line(value, "the path"))


_UNLISTED = CameraOptions()
CountUnfit = bool | Literal["visits"]


def _opening_hours(value: object) -> DailyHours | None:
    return value if value is None or isinstance(value, DailyHours) else DailyHours.parse(value)


def _count_unfit(value: object) -> object:
    if value is True or value is False or value == "visits":
        return value
    raise ValueError("expected a boolean, or `visits`")


class StoreOptions(BaseModel):
    """Options of a store that `defaults` may give for all."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    cross_store: CrossStore = "members"
    threshold: Annotated[float, BeforeValidator(parse_rate)] = 0.01
    """The share of strangers taken for a member, a picture, over everything that is asked."""
    same_visitor: Annotated[float, BeforeValidator(parse_rate)] = 0.003
    """The share of strangers taken for a visitor, likewise. Measured (docs/accuracy.md): what a
    higher one confuses cannot be undone by looking again at night, what a lower one misses can."""
    learning: Learning = "visitors"
    detector: Annotated[str, BeforeValidator(detector_name)] = "hog"
    """`hog`, `cnn`, `auto`, or one of the user's own, which takes the place of `hog`."""
    min_face_px: int | None = Field(default=None, ge=SMALLEST_FACE, le=LARGEST_FACE, strict=True)
    """Width of the smallest face to be found, in pixels of the upright picture."""
    model: Annotated[str | None, BeforeValidator(model_name)] = None
    """The face network, `dlib` or one of the user's own; None: what its shards' settings say."""
    second_model: Annotated[str | None, BeforeValidator(model_name)] = None
    """The network that the store may change over to: its templates are made beside `model`'s."""
    keep_pictures: Annotated[bool, Field(strict=True)] = False
    """Whether the files of pictures that are enrolled over HTTP are kept, for another model."""
    index: IndexKind | None = None
    """How its faces are searched; None: as its shards' settings say, `flat` if they say nothing."""
    visit_gap: Annotated[timedelta, BeforeValidator(duration_between("1s", "7d"))] = timedelta(
        minutes=30
    )
    timezone: Annotated[str, BeforeValidator(_timezone)] = "UTC"
    cameras: Annotated[dict[str, CameraOptions], BeforeValidator(parse_cameras)] = {}
    """What is said of some of its cameras, by their ids; it may have others."""
    silent_after: Annotated[timedelta, BeforeValidator(parse_silence)] = timedelta(days=1)
    """How long one of its cameras may send nothing before it is missed."""
    opening_hours: Annotated[DailyHours | None, BeforeValidator(_opening_hours)] = None
    """When its cameras are missed, by its own clock; None: at any time."""
    visitor_retention: Annotated[timedelta, BeforeValidator(duration_between("1s", "36500d"))] = (
        timedelta(days=30)
    )
    """Visitors who have not been seen for that long are erased; their visits stay counted."""
    count_unfit: Annotated[CountUnfit, BeforeValidator(_count_unfit)] = False
    """Whether strangers whom nobody would know again get FaceIds and are counted as visitors; or
    whether each of their tracks is counted as a visit, without a FaceId."""
    missed_visits: Annotated[float | None, BeforeValidator(parse_error_rate)] = None
    """The share of visits of people known that are not joined to them; None: as it was measured."""
    confused_visitors: Annotated[float | None, BeforeValidator(parse_error_rate)] = None
    """The share of people who vanish in somebody else's FaceId; likewise."""

    @field_validator("second_model")
    @classmethod
    def _is_another(cls, second: str | None, info: ValidationInfo) -> str | None:
        if second is not None and second == info.data.get("model"):
            raise ValueError("it is the store's `model` already; name another one, or none")
        return second


class Store(StoreOptions):
    """One store of the map."""

    id: str
    name: Annotated[str, AfterValidator(_name)] = ""
    shards: Annotated[tuple[Address, ...], BeforeValidator(_addresses)]
    """Its replicas. The first one takes the writes."""
    gallery: Annotated[Path | None, BeforeValidator(_path)] = None
    """Folder imported when the shard starts; absolute, or relative to the map's folder."""

    @property
    def options(self) -> dict[str, str | int | float | bool | None]:
        """What else the map says about it, as JSON has it."""
        named = {"id", "name", "shards", "cross_store", "cameras", "opening_hours"}
        hours = None if self.opening_hours is None else str(self.opening_hours)
        return self.model_dump(mode="json", exclude=named) | {"opening_hours": hours}

    @property
    def camera_options(self) -> dict[str, dict[str, JsonValue]]:
        """What the map says of its cameras, as JSON has it: all but their sources."""
        return {name: camera.shown for name, camera in self.cameras.items()}

    @property
    def rates(self) -> ByKind[float]:
        """The shares of strangers that may be taken for a member, and for a visitor."""
        return ByKind(self.threshold, self.same_visitor)

    @property
    def detection(self) -> Detection:
        """How faces are looked for in this store's pictures."""
        chosen: Detector = next((name for name in BUILT_IN if name == self.detector), "hog")
        return Detection(chosen, self.min_face_px)

    def detection_at(self, camera: str | None) -> Detection:
        """Return how faces are looked for in pictures of a camera, whether or not it is listed."""
        options = self._camera(camera)
        return replace(
            self.detection,
            min_face_px=options.min_face_px or self.min_face_px,
            rotate=options.rotate,
            region=options.region,
        )

    def agent_detection_at(self, camera: str) -> Detection:
        """Return how the agent beside a camera looks for faces: by `auto`, unless the map says."""
        is_said = "detector" in self.model_fields_set and self.own_detector is None
        detection = self.detection_at(camera)
        return detection if is_said else replace(detection, detector="auto")

    def silence_of(self, camera: str) -> timedelta:
        """Return how long a camera may send nothing before it is missed."""
        return self._camera(camera).silent_after or self.silent_after

    def _camera(self, name: str | None) -> CameraOptions:
        return self.cameras.get(name or "", _UNLISTED)

    @property
    def own_detector(self) -> str | None:
        """The name of a detector of the user's own; None where it uses none."""
        return None if self.detector in BUILT_IN else self.detector


class StoreMap:
    """The stores, read once and never changed; a new file makes a new map.

    `version` is a digest of the file's content: equal text, equal version.
    """

    def __init__(self, stores: Mapping[str, Store], version: str) -> None:
        self.stores: Mapping[str, Store] = MappingProxyType(dict(stores))
        self.version = version

    def store(self, name: str) -> Store:
        """Return the store called `name`. Raises UnknownStore."""
        try:
            return self.stores[STORE.known(name)]
        except (BadText, KeyError):
            raise UnknownStore(f"there is no store {name!r} in the map") from None
