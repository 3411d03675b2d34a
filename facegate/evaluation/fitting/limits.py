"""Limits of a model that follow from its curve and its cosines, as dlib's are to its own.

They were measured with dlib's network alone (docs/accuracy.md). What carries over is what they mean
to strangers: how rare it is that two of them are as alike as that.
"""

import math

import numpy as np

from scoring.parameters import LinkingLimit, ThresholdCurve

_FEWEST, _MANY = 260, 20_000
_RARITY_OF_FEWEST = 7.5
"""Where dlib's limit for 260 visitors, 3.2, is on its curve, as ln of the comparisons."""
_RARITY_PER_E_FOLD = 0.82
"""By which that grows with ln of the visitors: 11.1 for 20,000, where the limit is 8.4."""
_SAME_LOOK = 0.24
"""Of the distance of the strangers who are nearest to a face: .1 of .41 with dlib's network."""


def linking_limit(curve: ThresholdCurve) -> LinkingLimit:
    """Return when visitors are joined: as rarely of two people as with dlib's network."""
    e_folds = math.log(_MANY / _FEWEST)
    low, high = (
        curve.at(rarity)
        for rarity in (_RARITY_OF_FEWEST, _RARITY_OF_FEWEST + _RARITY_PER_E_FOLD * e_folds)
    )
    return LinkingLimit(
        fewest=_FEWEST, score=round(low, 2), per_e_fold=round((high - low) / e_folds, 3)
    )


def same_look(mean: float) -> float:
    """Return the distance within which a vector tells nothing new.

    `mean` is the mean likeness of the strangers who are nearest to a face.
    """
    return round(_SAME_LOOK * math.sqrt(2 - 2 * float(np.tanh(mean))), 3)
