"""How often people are counted wrongly, measured: `counting.json`, in `scoring/data` and in models.

Of N people who made V visits and were counted as F FaceIds, K is the sum over the people of the
FaceIds that their visits have; then `missed` is (K - N) / (V - N), and `confused` is (K - F) / N.
Both follow what a store sees: how many visitors it knows, how often they come, and of how many
frames a visit's vector is made. `python -m bench.count --rates` measures them with dlib's network,
`facegate model fit` with another one.
"""

import math
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.errors import ConfigurationError
from contract.messages.counting_rates import MeasuredRates
from contract.text.first_fault import first_fault
from scoring.scoring_data import DATA
from scoring.visitor_estimate import CountingRates

COUNTING_FILE = "counting.json"
_NEAR = 1e-6
"""A measured row as near as this is that row."""
_SCALES = (1.0, 2.0, 4.0)
"""How far e times the visitors, the visits each and the frames are away: frames change the most."""
_POWER = 4
"""Of distances: above the number of dimensions, so that far rows never outweigh the near ones."""


class SeenVisits(NamedTuple):
    """What a store sees of its visitors while it remembers them."""

    visitors: int
    """FaceIds."""
    visits: int
    frames: float
    """Of a visit, in the mean."""


class CountingTable(BaseModel):
    """What `counting.json` holds."""

    model_config = ConfigDict(frozen=True)

    model: str
    """What made the vectors that they were measured with."""
    rates: Annotated[tuple[MeasuredRates, ...], Field(min_length=1)]

    @property
    def text(self) -> str:
        """The same as JSON, a row a line."""
        lines = ",\n".join(f"  {row.model_dump_json()}" for row in self.rates)
        return f'{{"model": "{self.model}", "rates": [\n{lines}\n]}}\n'

    def at(self, seen: SeenVisits) -> CountingRates:
        """Return the rates of a store that has seen so much.

        Between the rows by inverse powers of their distances (D. Shepard, "A two-dimensional
        interpolation function for irregularly-spaced data", 1968); beyond them as at the border.
        """
        points = np.array([_point(row.visitors, row.visits_each, row.frames) for row in self.rates])
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
    return _read(DATA / COUNTING_FILE)


def read_counting_table(folder: Path) -> CountingTable | None:
    """Read the rates that are kept in a model's folder, if there are any.

    Raises ConfigurationError.
    """
    path = folder / COUNTING_FILE
    return _read(path) if path.exists() else None


def save_counting_table(table: CountingTable | None, folder: Path) -> None:
    """Write the rates into the draft of a model's folder, or none there. Raises OSError."""
    path = folder / COUNTING_FILE
    if table is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(table.text, encoding="utf-8")


def _read(path: Path) -> CountingTable:
    try:
        return CountingTable.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {first_fault(error)}") from error


def _point(*seen: float) -> tuple[float, ...]:
    return tuple(
        scale * math.log(max(1, value)) for scale, value in zip(_SCALES, seen, strict=True)
    )
