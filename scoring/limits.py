"""Limits of a model that follow from its own curve and cosines, as dlib's are to its.

They were measured with dlib's network (docs/accuracy.md). What carries over is what they mean to
strangers: how rare it is that two of them are as alike as that, as ln of the comparisons.
"""

import math
from typing import Any

import numpy as np

from scoring.parameters import LinkingLimit, ThresholdCurve

_FEWEST, _MANY = 260, 20_000
AS_WITH_DLIBS = 7.5
"""Of dlib's limit for 260 visitors, 3.2."""
RARER = 9.0
"""Of that of a network which tells people apart better: it misses fewer of those who are one, and
so may ask more. Of 7.5, 8.5, 9 and 9.5 it counts MobileFaceNet's visitors best (docs/accuracy.md).
"""
_RARITY_PER_E_FOLD = 0.82
"""By which that grows with ln of the visitors: 11.1 for 20,000, where the limit is 8.4."""
_RARITY_OF_OWN_FACE = 5.4
"""Of dlib's −0.4: one in 220 strangers is as alike."""
_RARITY_OF_ONE_PERSON = 6.8
"""Of dlib's 2, below which a FaceId looks like two people."""
_SAME_LOOK = 0.24
"""Of the distance of the strangers who are nearest to a face: .1 of .41 with dlib's network."""


def limits_of(curve: ThresholdCurve, mean: float, joined: float) -> dict[str, Any]:
    """Return the limits of a model, by their names in `ScoringParameters`.

    `mean` is the mean likeness of the strangers who are nearest to a face; `joined` how rare it is
    that two of them are as alike as visitors who are joined.
    """
    return {
        "linking": _linking(curve, joined),
        "least_likeness": round(curve.at(_RARITY_OF_OWN_FACE), 2),
        "one_person": round(curve.at(_RARITY_OF_ONE_PERSON), 2),
        "same_look": round(_SAME_LOOK * math.sqrt(2 - 2 * float(np.tanh(mean))), 3),
    }


def _linking(curve: ThresholdCurve, rarity: float) -> LinkingLimit:
    e_folds = math.log(_MANY / _FEWEST)
    low = curve.at(rarity)
    high = curve.at(rarity + _RARITY_PER_E_FOLD * e_folds)
    return LinkingLimit(
        fewest=_FEWEST, score=round(low, 2), per_e_fold=round((high - low) / e_folds, 3)
    )
