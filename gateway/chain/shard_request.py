"""Requests to a shard: their method, path, query and body."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import quote

from contract.messages.by_kind import ByKind
from contract.messages.message import Message, Scope
from contract.stores.detection import Detection
from contract.stores.store_map import Learning


class Picture(NamedTuple):
    """A request's body as it came: a picture, or a form that holds some."""

    body: bytes
    content_type: str


class ShardRequest(NamedTuple):
    """An HTTP request to a shard, whichever of a store's it may be.

    A picture travels untouched, with its own content type; a message as JSON. Parameters of the
    query that are None are left out.
    """

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    body: Message | Picture | None = None
    query: Mapping[str, object] = MappingProxyType({})


class RecognizeParameters(NamedTuple):
    """The parameters of a recognition in the home store; the picture may be one of a `track`.

    `rates` are the shares of strangers that may pass for a member and for a visitor, `candidates`
    how many are listed for each face, `learning` whose FaceIds are to get a lesson.
    """

    rates: ByKind[float]
    detection: Detection
    candidates: int
    camera: str | None = None
    track: str | None = None
    remember: bool = False
    learning: Learning = "nobody"


class SearchParameters(NamedTuple):
    """The parameters of a search: `templates` are how many it looks at in all stores together."""

    k: int
    scope: Scope
    rates: ByKind[float]
    templates: int


def rates_query(rates: ByKind[float]) -> dict[str, object]:
    """Return the query that says how many strangers may pass for members, and for visitors."""
    return {"rate": rates.member, "visitor_rate": rates.visitor}


def detection_query(detection: Detection) -> dict[str, object]:
    """Return the query that says how to look for faces; 0 overrules what the shard may have."""
    return {
        "detector": detection.detector,
        "min_face_px": detection.min_face_px or 0,
        "rotate": detection.rotate or None,
        "region": detection.region and detection.region.text,
    }


def face_path(face_id: str) -> str:
    """Return the shard's path of one FaceId."""
    return f"/faces/{quote(face_id, safe='')}"


def template_path(face_id: str, template_id: int) -> str:
    """Return the shard's path of one template of a FaceId."""
    return f"{face_path(face_id)}/templates/{template_id}"
