"""People come to stores that a user started, and the gateway says how many they were."""

import http.client
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.album import Album
from bench.count.cameras import VISIT_GAP_SECONDS, send, store_name
from bench.count.cases import CountCase
from bench.service.systems import facegate_up
from bench.tested_model import TestedModel
from facegate.evaluation.counting.tally import CountedVisits, Tally
from facegate.evaluation.counting.visit_plan import VisitPlan, draw_plan, fitting_mix
from facegate.evaluation.photographs import Rows
from tests.cluster.processes import wait_until

_LOOK_SECONDS = 600.0
_QUIET_SECONDS = 60.0


@dataclass(frozen=True)
class HttpCount:
    """What the gateway says of one case, and what is so."""

    case: CountCase
    people: int
    visits: int
    traffic: Any
    """The answer of the store's or the chain's traffic over the whole time."""
    tally: Tally
    """By the persons in the record."""
    looked_again: bool
    """False: the gateway has no such route."""
    milliseconds: list[float]
    """Of each answer to a camera."""

    @property
    def uv_off(self) -> float:
        """By which part UV is off."""
        return float(self.traffic["uv"] / self.people - 1)

    @property
    def estimate_off(self) -> float | None:
        """By which part the estimate is off."""
        estimate = self.traffic.get("uv_estimate")
        return None if estimate is None else float(estimate["value"] / self.people - 1)

    @property
    def faceids_of_several(self) -> float:
        """The share of those counted behind whom there are several people."""
        return self.tally.faceids_of_several / self.tally.uv


def count_through_http(
    case: CountCase, album: Album, tested: TestedModel, folder: Path, seed: int
) -> HttpCount:
    """Let the people of one case come to fresh stores, look at them again, and read the traffic."""
    mix = fitting_mix(album.photographs, case.mix)
    plan = draw_plan(album.photographs, mix, np.random.default_rng(seed))
    options = {"visit_gap": f"{VISIT_GAP_SECONDS}s", "cross_store": "everyone"}
    stores = {store_name(number): options for number in range(mix.stores)}
    with facegate_up(stores, folder, tested.settings) as system:
        sent = send(system.port, album, plan.visits)
        record = folder / "data" / "gateway.sqlite"
        wait_until(lambda: not _pending(record), "every track is named", _QUIET_SECONDS)
        looked_again = _look_again(system.port)
        traffic = _traffic(system.port, mix.stores)
        persons = _persons(record)
    return HttpCount(
        case=case,
        people=len({visit.person for visit in plan.visits}),
        visits=len(plan.visits),
        traffic=traffic,
        tally=tally_of(plan, sent.visits, persons),
        looked_again=looked_again,
        milliseconds=sent.milliseconds,
    )


def _look_again(port: int) -> bool:
    status, _ = _ask(port, "POST", "/v1/visitors/reconcile")
    if status not in {200, 404, 405}:
        raise RuntimeError(f"/v1/visitors/reconcile: {status}")
    return status == 200


def _traffic(port: int, stores: int) -> Any:
    where = "/v1/traffic" if stores > 1 else f"/v1/stores/{store_name(0)}/traffic"
    first = (datetime.now(UTC) - timedelta(days=8)).date()
    last = (datetime.now(UTC) + timedelta(days=1)).date()
    status, answer = _ask(port, "GET", f"{where}?by=day&from={first}&to={last}")
    if status != 200:
        raise RuntimeError(f"{where}: {status} {answer}")
    return answer


def _ask(port: int, method: str, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LOOK_SECONDS)
    with closing(connection):
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")


def _pending(record: Path) -> int:
    return int(_rows(record, "SELECT count(*) FROM pending_visits")[0][0])


def _persons(record: Path) -> dict[str, int]:
    """Return who each visit in the record is of."""
    return {
        str(visit): person for visit, person in _rows(record, "SELECT visit, person FROM visits")
    }


def _rows(record: Path, query: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def tally_of(plan: VisitPlan, visits: list[str | None], persons: dict[str, int]) -> Tally:
    """Return what was counted; `persons` are those of the record by visit, of the same names.

    Visits that the record does not have are left out.
    """
    kept = [
        (visit.person, persons[name], visit.store, visit.day)
        for visit, name in zip(plan.visits, visits, strict=True)
        if name is not None and name in persons
    ]
    columns: list[Rows] = list(np.array(kept, np.intp).T)
    person, counted, store, day = columns
    return Tally.of(CountedVisits(person, counted, store, day, home=store))
