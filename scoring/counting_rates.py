"""How often people are counted wrongly, measured: `scoring/data/counting.json`.

Of N people who made V visits and were counted as F FaceIds, K is the sum over the people of the
FaceIds that their visits have; then `missed` is (K - N) / (V - N), and `confused` is (K - F) / N.
Both follow what a store sees: how many visitors it knows, how often they come, and of how many
frames a visit's vector is made. `python -m bench.count --rates` measures them.
"""

import math
from functools import cache
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.errors import ConfigurationError
from scoring.scoring_data import DATA
from scoring.visitor_estimate import CountingRates

_FILE = DATA / "counting.json"
_NEAR = 1e-6
"""A measured row as near as this is that row."""
_SCALES = (1.0, 2.0, 4.0)
"""How far e times the visitors, the visits each and the frames are away: frames change the most."""
_POWER = 4
"""Of distances: above the number of dimensions, so that far rows never outweigh the near ones."""

Share = Annotated[float, Field(ge=0, lt=0.5)]


class SeenVisits(NamedTuple):
    """What a store sees of its visitors while it remembers them."""

    visitors: int
    """FaceIds."""
    visits: int
    frames: float
    """Of a visit, in the mean."""


class MeasuredRates(BaseModel):
    """One row: the rates of simulated stores, means of several draws of people."""

    model_config = ConfigDict(frozen=True)

    visitors: Annotated[float, Field(ge=1)]
    """FaceIds that were counted."""
    visits_each: Annotated[float, Field(ge=1)]
    """Visits of a FaceId, in the mean."""
    frames: Annotated[float, Field(ge=1)]
    """Frames that are fused to a visit's vector, in the mean."""
    missed: Share
    confused: Share
    missed_deviation: Share
    """Between draws, beside what chance would do to each."""
    confused_deviation: Share

    @property
    def point(self) -> tuple[float, ...]:
        """Where the row is, on the scales on which the rates are smooth."""
        return _point(self.visitors, self.visits_each, self.frames)


class CountingTable(BaseModel):
    """What `counting.json` holds."""

    model_config = ConfigDict(frozen=True)

    model: str
    """What made the vectors that they were measured with."""
    rates: Annotated[tuple[MeasuredRates, ...], Field(min_length=1)]

    def at(self, seen: SeenVisits) -> CountingRates:
        """Return the rates of a store that has seen so much.

        Between the rows by inverse powers of their distances (D. Shepard, "A two-dimensional
        interpolation function for irregularly-spaced data", 1968); beyond them as at the border.
        """
        points = np.array([row.point for row in self.rates])
        asked = _point(seen.visitors, seen.visits / max(seen.visitors, 1), seen.frames)
        inside = np.clip(asked, points.min(axis=0), points.max(axis=0))
        distances = np.linalg.norm(points - inside, axis=1)
        weights = 1 / np.maximum(distances, _NEAR) ** _POWER
        values = [
            (row.missed, row.confused, row.missed_deviation, row.confused_deviation)
            for row in self.rates
        ]
        return CountingRates(*np.average(values, axis=0, weights=weights).tolist())


@cache
def counting_table() -> CountingTable:
    """Read the rates that come with facegate, once. Raises ConfigurationError."""
    try:
        return CountingTable.model_validate_json(_FILE.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(f"{_FILE}: {error}") from error


def _point(*seen: float) -> tuple[float, ...]:
    return tuple(
        scale * math.log(max(1, value)) for scale, value in zip(_SCALES, seen, strict=True)
    )
