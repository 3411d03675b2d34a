"""Recognising, searching and comparing pictures."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from contract.messages.calibration import Calibration
from contract.messages.recognition import CompareAnswer, RecognizeAnswer, SearchPictureAnswer
from contract.stores.detection import Detector
from facegate.client.api_call import (
    ApiCall,
    Parameter,
    given,
    store_path,
)
from facegate.client.picture_source import Picture, alone_or_together


def recognize(
    store: str,
    picture: Picture | Iterable[Picture],
    *,
    mint: bool = True,
    candidates: int = 0,
    camera: str | None = None,
    track: str | None = None,
    captured_at: datetime | None = None,
    visit: bool = True,
    frame: str | int | None = None,
    key: str | None = None,
    cut_out: bool = False,
    detector: Detector | None = None,
) -> ApiCall[RecognizeAnswer]:
    """Return who is in the picture, as the store's camera would ask.

    `mint` gives a stranger a new FaceId; `candidates` adds the best k with their scores.
    Several pictures, and all those of one `track`, are frames of one person, who comes first.

    With `cut_out` the picture is a part of a whole one, to which the camera's `rotate` and `region`
    were applied: neither is applied again. `detector` finds the faces instead of the store's own.

    Those with a FaceId are counted as visits at the moment `captured_at`, which has a time
    zone, unless `visit` is False. A picture sent again with the same `key`, or with the same
    number `frame` from the same `camera`, gets the same answer and is not counted again.
    Without either, one call counts once, however often it has to go.
    """
    query = given(
        mint=mint,
        candidates=candidates or None,
        camera=camera,
        track=track,
        captured_at=captured_at.isoformat() if captured_at else None,
        visit=None if visit else False,
        frame=frame,
        cut_out=cut_out or None,
        detector=detector,
    )
    if key is None and frame is None and (mint or visit):
        key = uuid.uuid4().hex  # asked again because a shard was busy, it counts once
    path = store_path(store, "recognize")
    return ApiCall(
        "POST",
        path,
        RecognizeAnswer.model_validate_json,
        query,
        *alone_or_together(picture),
        key=key,
    )


def push(
    store: str,
    camera: str,
    picture: Picture,
    *,
    track: str | None = None,
    captured_at: datetime | None = None,
    frame: str | int | None = None,
) -> ApiCall[str]:
    """Push a picture as the store's camera of that name, and return the line that it is answered.

    Programs that want to know who was seen use `recognize`.
    """
    query = given(
        track=track, captured_at=captured_at.isoformat() if captured_at else None, frame=frame
    )
    path = store_path(store, "cameras", camera, "push")
    return ApiCall("POST", path, bytes.decode, query, (picture,))


def search(picture: Picture, *, candidates: int = 5) -> ApiCall[SearchPictureAnswer]:
    """Return who is in the picture, in any store."""
    query = {"candidates": candidates}
    return ApiCall("POST", "/v1/search", SearchPictureAnswer.model_validate_json, query, (picture,))


def compare(one: Picture, other: Picture) -> ApiCall[CompareAnswer]:
    """Return whether the largest faces of two pictures are one person."""
    return ApiCall(
        "POST",
        "/v1/compare",
        CompareAnswer.model_validate_json,
        pictures=(one, other),
        in_form=True,
    )


def calibration(store: str, rate: float | None = None) -> ApiCall[Calibration]:
    """Return what the store's own scores say about its threshold, or about another `rate`."""
    query: dict[str, Parameter] = {} if rate is None else {"rate": str(rate)}
    return ApiCall("GET", store_path(store, "calibration"), Calibration.model_validate_json, query)
