"""Parameters that several routes share."""

from typing import Annotated, Any, Self

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, Json, ValidationError

from contract.errors import BadRequest
from contract.messages.by_kind import ByKind
from contract.messages.message import Place, Scope
from contract.stores.detection import LARGEST_FACE, Detection, Detector, Rotation
from contract.stores.rate import HIGHEST, LOWEST
from contract.stores.region import Region
from contract.stores.store_map import Learning, Store
from contract.text.identifiers import Camera, Reference, Track
from scoring.cohort import Cohort, Places
from shard.api.chosen_store import STORE_PARAMETER, ChosenService
from shard.faces.tracks import TrackId

FRAMES = r"^(\d{1,6}(,\d{1,6})*)?$"
MOST_TEMPLATES = 10**12
"""More than there are people: what is computed from it stays finite."""
FRAMES_TEXT = "how many pictures each vector is fused from, such as 3,1,1; default: one each"

_DETECTOR = "default: the store's"
_MIN_FACE_PX = "0: the detector's own; default: the store's"
_ROTATE = "degrees by which the picture is turned clockwise first"
_REGION = (
    "x1,y1,x2,y2,...: the polygon where faces count, from 0 to 1 of the picture turned upright"
)


def _region_text(text: str) -> str:
    Region.of_text(text)
    return text


AskedRotation = Annotated[Rotation, BeforeValidator(int)]
"""In a query, where everything is text."""
AskedRegion = Annotated[str, Field(max_length=1000), AfterValidator(_region_text)]
"""A region as `Region.text` has it."""

Rate = Annotated[
    float | None,
    Query(
        ge=LOWEST / 2,  # what a store spends at home of the lowest that it may ask for
        le=HIGHEST,
        description="share of strangers taken for a member; default: the store's `threshold`",
    ),
]
VisitorRate = Annotated[
    float | None,
    Query(
        ge=LOWEST / 2,
        le=HIGHEST,
        description="share of strangers taken for a visitor; default: `rate`, or if that is not"
        " given the store's `same_visitor`",
    ),
]


async def _detection(
    service: ChosenService,
    detector: Annotated[Detector | None, Query(description=_DETECTOR)] = None,
    min_face_px: Annotated[
        int | None, Query(ge=0, le=LARGEST_FACE, description=_MIN_FACE_PX)
    ] = None,
    rotate: Annotated[AskedRotation, Query(description=_ROTATE)] = 0,
    region: Annotated[AskedRegion | None, Query(description=_REGION)] = None,
) -> Detection:
    """Return how to look for faces; what is left out is the store's."""
    return chosen_detection(service.store, detector, min_face_px, rotate, region)


ChosenDetection = Annotated[Detection, Depends(_detection)]
"""A route's parameter: how to look for faces."""


def chosen_detection(
    store: Store,
    detector: Detector | None,
    min_face_px: int | None,
    rotate: Rotation = 0,
    region: str | None = None,
) -> Detection:
    """Return how to look for faces, as asked for; what is left out is the store's."""
    smallest = store.min_face_px if min_face_px is None else min_face_px or None
    where = None if region is None else Region.of_text(region)
    return Detection(detector or store.detection.detector, smallest, rotate, where)


class RecognizeQuery(BaseModel):
    """What a recognition asks for."""

    candidates: int = Field(0, ge=0, le=20)
    vectors: bool = Field(False, description="show the vectors of unknown faces")
    rate: Rate = None
    visitor_rate: VisitorRate = None
    detector: Detector | None = Field(None, description=_DETECTOR)
    min_face_px: int | None = Field(None, ge=0, le=LARGEST_FACE, description=_MIN_FACE_PX)
    rotate: AskedRotation = Field(0, description=_ROTATE)
    region: AskedRegion | None = Field(None, description=_REGION)
    camera: Camera | None = Field(None, description="whose track it is")
    track: Track | None = Field(None, description="one person walking in")
    remember: bool = Field(False, description="keep the vectors in memory while a visit lasts")
    learning: Learning = Field(
        "nobody", description="whose lesson is shown where it is sure who came"
    )

    def detection(self, store: Store) -> Detection:
        """Return how to look for faces; what is left out is the store's."""
        return chosen_detection(store, self.detector, self.min_face_px, self.rotate, self.region)

    @property
    def track_id(self) -> TrackId | None:
        """The track that the picture is a frame of."""
        return None if self.track is None else TrackId(self.camera, self.track)


class MintQuery(BaseModel):
    """How strangers get FaceIds."""

    provisional: bool = False
    rate: Rate = None
    visitor_rate: VisitorRate = None
    frames: str = Field("", pattern=FRAMES, description=FRAMES_TEXT)


class LearnQuery(BaseModel):
    """What a visit teaches a FaceId, beside the vector."""

    visit: Reference = Field(description="what taught it before is replaced")
    learning: Learning = Field("visitors", description="whose FaceIds learn")
    rate: Rate = None
    visitor_rate: VisitorRate = None
    frames: int = Field(1, ge=1, description="how many pictures the vector is fused from")
    quality: float = Field(ge=0, allow_inf_nan=False, description="the detector's confidence")


class SearchQuery(BaseModel):
    """What a search of vectors asks for."""

    k: int = Field(default=1, ge=1, le=20, description="how many FaceIds for each vector")
    scope: Scope = Field(default="members", description="whose faces are searched")
    rate: Rate = None
    visitor_rate: VisitorRate = None
    templates: int = Field(
        default=0,
        ge=0,
        le=MOST_TEMPLATES,
        description="how many the whole search looks at, in all stores",
    )
    frames: str = Field(default="", pattern=FRAMES, description=FRAMES_TEXT)
    cohort: str = Field(default="", description="the strangers among whom the `places` are")
    places: Json[list[Place]] = Field(
        default=[], description="mean and deviation of each vector's place, such as [[0.51,0.06]]"
    )

    def places_among(self, cohort: Cohort, count: int) -> Places | None:
        """Return the places of `count` vectors; None when they are to be computed.

        Those of another release's cohort are of no use here. Raises BadRequest.
        """
        if not self.places or self.cohort != cohort.name:
            return None
        if len(self.places) != count:
            raise BadRequest(f"places: {len(self.places)} for {count} vectors")
        return Places.of_pairs(self.places)

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read the request's query. Raises RequestValidationError, as a declared query would."""
        try:
            return cls.model_validate(dict(request.query_params))
        except ValidationError as error:
            items = [{**item, "loc": ("query", *item["loc"])} for item in error.errors()]
            raise RequestValidationError(items) from error

    @classmethod
    def described(cls, operation: dict[str, Any]) -> dict[str, Any]:
        """Return what OpenAPI says about `operation`, with this query's parameters."""
        fields = cls.model_json_schema()["properties"]
        query = [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in fields.items()
        ]
        return {**operation, "parameters": [*operation["parameters"], STORE_PARAMETER, *query]}


def rates_of(store: Store, rate: float | None, visitor_rate: float | None) -> ByKind[float]:
    """Return the rates that were asked for; a gateway with one limit for both gives `rate` alone.

    What is left out altogether is the store's.
    """
    default = store.rates if rate is None else ByKind(rate, rate)
    return ByKind(rate or default.member, visitor_rate or default.visitor)


def frames_of(text: str, count: int) -> list[int]:
    """Return for each of `count` vectors how many pictures it is fused from. Raises BadRequest."""
    frames = [max(1, int(number)) for number in text.split(",")] if text else [1] * count
    if len(frames) != count:
        raise BadRequest(f"frames: {len(frames)} numbers for {count} vectors")
    return frames
