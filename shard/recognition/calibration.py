"""What a store's own templates say about its threshold. No vector leaves the shard for it.

Everybody is a stranger to everybody else: one template of each FaceId is searched among all others.
Where a FaceId has several templates, each is also compared with the rest of its own.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.messages.calibration import Calibration, ScoreHistogram, Share
from contract.vectors import Vector, Vectors
from scoring.cohort import Cohort, Floats, fuse, pair_scores
from scoring.score_scale import ScoreScale
from shard.recognition.counting_errors import CountingErrors, counting_errors

MOST_PROBES = 2000
"""Of a larger store, so many FaceIds are drawn by lot as strangers; all are searched."""
ENOUGH_PEOPLE = 30
_BOOTSTRAPS = 400
_PIECE = 200
_EDGES = np.arange(-20.0, 41.0)

Owned = dict[str, list[Vector]]
"""Unit templates by FaceId."""
Counts = NDArray[np.int64]


class _Strangers(NamedTuple):
    best: Floats
    """The best score of each probe with somebody else."""
    histogram: Counts


def calibrate(
    owned: Owned, scale: ScoreScale, store: str, rate: float, same_visitor: float
) -> Calibration:
    """Return how well the threshold for `rate` fits the people of `owned`.

    And how wrongly they would be counted if a share `same_visitor` of strangers may be taken for a
    visitor.
    """
    faces, cohort = len(owned), scale.cohort
    random = np.random.default_rng(0)
    doubts = _doubts(owned, rate, scale)
    genuine = _genuine(owned, cohort)
    strangers = _strangers(owned, cohort, random)
    needed = scale.parameters.threshold(max(1, faces - 1), rate)
    answer = Calibration(
        store=store,
        faces=faces,
        several=len(genuine),
        rate=rate,
        threshold=needed,
        scores=ScoreHistogram(
            edges=_EDGES.tolist(),
            genuine=_histogram(np.concatenate([np.zeros(0, np.float32), *genuine])).tolist(),
            impostor=strangers.histogram.tolist(),
        ),
        doubts=doubts,
    )
    update: dict[str, Share | float] = {}
    if genuine:
        passing = np.array([float((scores >= needed).mean()) for scores in genuine])
        update["members"] = _share(passing, random)
        update |= _counting(counting_errors(owned, scale, same_visitor), random)
    if len(strangers.best) > 1:
        score = _score(strangers.best, rate, random)
        update["strangers"] = _share((strangers.best >= needed).astype(float), random)
        update["score"] = score
        update["recommended"] = scale.parameters.rate_at(faces - 1, score.value)
    return answer.model_copy(update=update)


def by_face(templates: dict[int, tuple[str, Vector]]) -> Owned:
    """Return templates, (FaceId, vector) by number, by their FaceId."""
    owned: defaultdict[str, list[Vector]] = defaultdict(list)
    for face_id, vector in templates.values():
        owned[face_id].append(vector)
    return dict(owned)


def _doubts(owned: Owned, rate: float, scale: ScoreScale) -> list[str]:
    several = sum(len(vectors) > 1 for vectors in owned.values())
    doubts = []
    if len(owned) < ENOUGH_PEOPLE:
        doubts.append(f"there are {len(owned)} people: fewer than {ENOUGH_PEOPLE} tell little")
    if len(owned) * rate < 1:
        doubts.append(
            f"of {len(owned)} people a share of {rate:.2%} is less than one person:"
            " the measured score is that of the most alike two"
        )
    if not several:
        doubts.append("nobody has two pictures: how many members would be named cannot be told")
    elif several < ENOUGH_PEOPLE:
        doubts.append(f"only {several} people have two pictures or more")
    if scale.kind != "measured":
        doubts.append(f"the scale of {scale.model} is {scale.kind}: {scale.status.detail}")
    return doubts


def _genuine(owned: Owned, cohort: Cohort) -> list[Floats]:
    """Return for each FaceId with several templates the score of each with the rest of them."""
    return [_with_the_rest(vectors, cohort) for vectors in owned.values() if len(vectors) > 1]


def _with_the_rest(vectors: list[Vector], cohort: Cohort) -> Floats:
    probes = np.stack(vectors)
    rest = np.stack([fuse(np.delete(probes, row, axis=0)) for row in range(len(probes))])
    cosines = np.einsum("nd,nd->n", probes, rest)
    pictures = [len(probes) - 1] * len(probes)
    return pair_scores(cosines, cohort.place(probes), cohort.place(rest, pictures))


def _strangers(owned: Owned, cohort: Cohort, random: np.random.Generator) -> _Strangers:
    """Compare one template of each FaceId with all other FaceIds."""
    everybody = list(owned.values())
    nothing = np.zeros(0, np.float32)
    if len(everybody) < 2:
        return _Strangers(nothing, _histogram(nothing))
    fused = np.stack([fuse(vectors) for vectors in everybody])
    places = cohort.place(fused, [len(vectors) for vectors in everybody])
    probes = np.sort(random.permutation(len(everybody))[:MOST_PROBES])
    best, histogram = [], np.zeros(len(_EDGES) - 1, np.int64)
    for start in range(0, len(probes), _PIECE):
        rows = probes[start : start + _PIECE]
        vectors: Vectors = np.stack([everybody[row][0] for row in rows])
        scores = pair_scores(vectors @ fused.T, cohort.place(vectors).rows, places)
        others = np.arange(len(everybody)) != rows[:, None]
        histogram += _histogram(scores[others])
        best.append(np.where(others, scores, -np.inf).max(axis=1))
    return _Strangers(np.concatenate(best), histogram)


def _histogram(scores: Floats) -> Counts:
    inside = np.clip(scores, _EDGES[0], _EDGES[-1])
    counts: Counts = np.histogram(inside, _EDGES)[0].astype(np.int64)
    return counts


def _counting(errors: CountingErrors, random: np.random.Generator) -> dict[str, Share | float]:
    """Return the rates of missing and of confusing, where somebody came again."""
    if not errors.visits.any():
        return {}
    drawn = random.integers(len(errors.visits), size=(_BOOTSTRAPS, len(errors.visits)))
    visits = np.maximum(errors.visits[drawn].sum(axis=1), 1)
    low, high = np.percentile(errors.missed[drawn].sum(axis=1) / visits, [2.5, 97.5])
    missed = float(errors.missed.sum() / errors.visits.sum())
    return {
        "missed": Share(value=missed, low=float(low), high=float(high)),
        "confused": _share(errors.confused, random),
    }


def _share(each: NDArray[np.float64], random: np.random.Generator) -> Share:
    drawn = random.integers(len(each), size=(_BOOTSTRAPS, len(each)))
    low, high = np.percentile(each[drawn].mean(axis=1), [2.5, 97.5])
    return Share(value=float(each.mean()), low=float(low), high=float(high))


def _score(best: Floats, rate: float, random: np.random.Generator) -> Share:
    """Return the score that no more than a share `rate` is above."""
    passing = min(int(rate * len(best)), len(best) - 1)
    drawn = random.integers(len(best), size=(_BOOTSTRAPS, len(best)))
    values = -np.sort(-best[drawn], axis=1)[:, passing]
    low, high = np.percentile(values, [2.5, 97.5])
    return Share(value=float(-np.sort(-best)[passing]), low=float(low), high=float(high))
