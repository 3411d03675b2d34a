"""Cameras that send planned visits through the gateway, each at its own time in the past."""

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.album import Album
from bench.count.cases import DAYS
from facegate.evaluation.counting.visit_plan import PlannedVisit

VISIT_GAP_SECONDS = 5
"""The stores' `visit_gap`: visits of different people are never one, whoever they are taken for."""
_SLOT = timedelta(days=6.5) / DAYS
_OPEN = 0.9
"""Of a slot, how long the store is open, so that a person's visits are hours apart."""
_FRAME = timedelta(seconds=1)
_TIMEOUT = 60.0


def store_name(number: int) -> str:
    """Return the name of a store."""
    return f"store-{number}"


@dataclass(frozen=True)
class Sent:
    """What became of the visits that were sent."""

    visits: list[str | None]
    """Of each its number in the record; None where the answer had no visit."""
    milliseconds: list[float]
    """Of each answer."""


def send(port: int, album: Album, visits: Sequence[PlannedVisit]) -> Sent:
    """Send every frame of every visit, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    sent = Sent([], [])
    try:
        for number, (visit, moment) in enumerate(zip(visits, moments(visits), strict=True)):
            for frame, photograph in enumerate(visit.frames):
                at = (moment + frame * _FRAME).isoformat().replace("+00:00", "Z")
                path = (
                    f"/v1/stores/{store_name(visit.store)}/recognize?camera=door&captured_at={at}"
                )
                if len(visit.frames) > 1:
                    path += f"&track=t{number}"
                started = time.perf_counter()
                answer = _post(connection, path, album.files[photograph].read_bytes())
                sent.milliseconds.append((time.perf_counter() - started) * 1000)
            sent.visits.append(_visit_of(answer))
    finally:
        connection.close()
    return sent


def moments(visits: Sequence[PlannedVisit]) -> list[datetime]:
    """Return when each visit begins: those of a day one after the other while the store is open."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=6.8)
    of_day = [sum(other.day == day for other in visits) for day in range(DAYS)]
    seen = [0] * DAYS
    moments = []
    for visit in visits:
        passed = _SLOT * (visit.day + _OPEN * seen[visit.day] / of_day[visit.day])
        moments.append(start + timedelta(seconds=round(passed.total_seconds())))
        seen[visit.day] += 1
    return moments


def _post(connection: http.client.HTTPConnection, path: str, picture: bytes) -> Any:
    connection.request("POST", path, picture, {"Content-Type": "image/jpeg"})
    response = connection.getresponse()
    raw = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {raw[:300]!r}")
    return json.loads(raw)


def _visit_of(answer: Any) -> str | None:
    visits = [face["visit"]["id"] for face in answer["faces"] if face.get("visit")]
    return visits[0] if visits else None
