"""Whether users get through HTTP what `facegate evaluate` says: the same people, by both ways.

A gallery is enrolled in a store that `facegate up` runs, and everybody else comes to its camera, a
picture each. Then the same photographs are compared as `facegate evaluate` does it, in-process.
"""

import http.client
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import numpy as np

from bench.album import Album
from bench.service.systems import facegate_up
from bench.tested_model import TestedModel
from facegate.evaluation.outcome import Outcome
from facegate.evaluation.photographs import Rows
from facegate.evaluation.rates import OutcomeRates
from facegate.evaluation.rules import FacegateRule
from facegate.evaluation.visits import Draw, VisitSet, draw

RATE = 0.01
STORE = "tested"
_TIMEOUT = 60.0


class Figures(NamedTuple):
    """What one way gives: shares of people, one picture a visit."""

    named: float
    """Of members, where 1% of strangers are let in."""
    own_named: float
    """Of members, by the store's own threshold of 1%."""
    own_let_in: float
    """Of strangers, by that threshold."""

    @classmethod
    def of(cls, outcome: Outcome, threshold: float) -> Self:
        """Return the figures of an outcome, of which `threshold` is the score that is needed."""
        rates = OutcomeRates(outcome, ())
        return cls(
            rates.tpir_at(RATE).value, rates.tpir(threshold).value, rates.fpir(threshold).value
        )


class BothWays(NamedTuple):
    """The figures of the same people by both ways, and who they are."""

    http: Figures
    evaluated: Figures
    gallery: int
    members: int
    strangers: int
    refused: int
    """People of the gallery whose picture the enrolment refused; they do not come."""


def compare_ways(
    album: Album,
    tested: TestedModel,
    folder: Path,
    gallery: int,
    seed: int,
    show: Callable[[str], None],
) -> BothWays:
    """Draw a gallery, let everybody come by both ways, and return what was measured."""
    drawn = draw(album.photographs, gallery, 1, np.random.default_rng(seed))
    with facegate_up({STORE: {"threshold": "1%"}}, folder, tested.settings) as system:
        connection = http.client.HTTPConnection("127.0.0.1", system.port, timeout=_TIMEOUT)
        with closing(connection):
            camera = _Camera(connection, album)
            show(f"enrolling {len(drawn.gallery)} people ...")
            enrolled = [row for row in drawn.gallery if camera.enroll(int(row))]
            kept = _of_enrolled(drawn, np.array(enrolled, np.intp), album.photographs.person)
            show(f"{len(kept.members.frames)} visits of members ...")
            members = camera.visits(kept.members.frames[:, 0])
            show(f"{len(kept.strangers.frames)} visits of strangers ...")
            strangers = camera.visits(kept.strangers.frames[:, 0])
    threshold = tested.scale.parameters.threshold(len(enrolled), RATE)
    rule = FacegateRule(album.photographs, tested.scale.cohort)
    evaluated = Outcome.of(kept, rule, album.photographs.person)
    seen = _outcome(kept, members, strangers)
    return BothWays(
        Figures.of(seen, threshold),
        Figures.of(evaluated, threshold),
        gallery=len(enrolled),
        members=len(np.unique(kept.members.person)),
        strangers=len(np.unique(kept.strangers.person)),
        refused=len(drawn.gallery) - len(enrolled),
    )


class _Sighting(NamedTuple):
    """The best candidate of a picture: a person's number, and the score."""

    person: int | None
    score: float


class _Camera:
    """Sends the album's pictures to the store."""

    def __init__(self, connection: http.client.HTTPConnection, album: Album) -> None:
        self._connection = connection
        self._album = album

    def enroll(self, row: int) -> bool:
        """Enroll a picture as the FaceId of its person's number; say whether it was taken."""
        person = self._album.photographs.person[row]
        path = f"/v1/stores/{STORE}/faces?face_id={quote(str(person))}&force=true"
        status, _ = self._post(path, row)
        if status not in {201, 422}:
            raise RuntimeError(f"{path}: {status}")
        return status == 201

    def visits(self, rows: Sequence[int] | Rows) -> list[_Sighting]:
        """Return who the store takes each picture's largest face for, however little alike."""
        path = f"/v1/stores/{STORE}/recognize?mint=false&candidates=1"
        sightings = []
        for row in rows:
            status, answer = self._post(path, int(row))
            if status != 200:
                raise RuntimeError(f"{path}: {status} {answer}")
            sightings.append(_best(answer["faces"]))
        return sightings

    def _post(self, path: str, row: int) -> tuple[int, Any]:
        picture = self._album.files[row].read_bytes()
        self._connection.request("POST", path, picture, {"Content-Type": "image/jpeg"})
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())


def _best(faces: list[Any]) -> _Sighting:
    candidates = faces[0]["candidates"] if faces else []
    if not candidates:
        return _Sighting(None, -np.inf)
    return _Sighting(int(candidates[0]["face_id"]), float(candidates[0]["score"]))


def _of_enrolled(drawn: Draw, gallery: Rows, person: Rows) -> Draw:
    """Return a draw whose members are those in `gallery`."""
    come = np.isin(drawn.members.person, person[gallery])
    members = VisitSet(drawn.members.frames[come], drawn.members.person[come])
    return Draw(gallery, members, drawn.strangers)


def _outcome(drawn: Draw, members: list[_Sighting], strangers: list[_Sighting]) -> Outcome:
    """Return what came of the visits: as `Outcome.of`, of what the store has answered."""
    pairs = zip(members, drawn.members.person, strict=True)
    right = [seen.score if seen.person == person else -np.inf for seen, person in pairs]
    return Outcome(
        right=np.array(right, np.float32),
        member=drawn.members.person,
        best=np.array([seen.score for seen in strangers], np.float32),
        stranger=drawn.strangers.person,
    )
