"""How many people came, estimated from how many FaceIds were counted.

Of N people who make V visits, a visit of somebody known is not joined to them with the chance m
("missed") and counts as one more; a share f of the people vanishes in somebody else's FaceId
("confused"). So F, the FaceIds counted, are in the mean

    E[F | N] = N (1 - m - f) + m V,        N = (F - m V) / (1 - m - f),

which is the count corrected for misclassification of Rogan and Gladen, "Estimating prevalence from
the results of a screening test" (1978): m is what 1 - specificity is there, f is 1 - sensitivity.

The interval holds each N that the count does not contradict at 95%, with the variance that F would
have there (the score interval of Wilson, "Probable inference", 1927), so that it stays sane where
hardly anybody came. The misses are binomial among the V - N visits of people known, the confusions
among the N people, and m and f are known but to their deviations s_m and s_f (the delta method, as
Rogan and Gladen have it for rates that were measured themselves):

    (F - E[F | N])² <= z² ((V - N) m (1 - m) + N f (1 - f) + (V - N)² s_m² + N² s_f²)

The limits are the roots of a quadratic in the visits of people known, x = V - N:

    (k x + F - (1 - f) V)² <= z² (x m (1 - m) + (V - x) f (1 - f) + x² s_m² + (V - x)² s_f²)

with k = 1 - m - f. Where nobody came again the variance of the misses vanishes with x, and a root
there is exact; in N it would be the small difference of two large numbers.
"""

import math
from typing import NamedTuple

_Z = 1.959964
"""Deviations of a normal distribution that hold 95% of it."""
_ROUNDING = 1e-9
"""Off a whole number by less than this, it is that number."""


class CountingRates(NamedTuple):
    """How often people are counted wrongly, and how well that is known."""

    missed: float
    """The chance that a visit of somebody known is not joined to them."""
    confused: float
    """The share of people who vanish in somebody else's FaceId."""
    missed_deviation: float = 0.0
    """Standard deviation of `missed`: between stores, and of its measurement."""
    confused_deviation: float = 0.0
    """Standard deviation of `confused`."""

    def within(self, share: float) -> "CountingRates":
        """Return the rates where a `share` of the FaceIds that are known were seen.

        Who vanishes in the FaceId of somebody who was not there is counted all the same.
        """
        part = min(1.0, share)
        return self._replace(
            confused=self.confused * part, confused_deviation=self.confused_deviation * part
        )


class CountEstimate(NamedTuple):
    """A number of people, and the interval that holds the true one in 95% of all cases."""

    value: int
    low: int
    high: int


def estimate(counted: int, visits: int, rates: CountingRates, at_least: int = 0) -> CountEstimate:
    """Return how many people are behind `counted` FaceIds that made `visits` visits.

    Nobody comes without a visit, so it is at most `visits`; `at_least` is what is certain. Limits
    are rounded outwards. Where even `at_least` people would have more FaceIds than were counted,
    people are missed less often than `rates` say: no number up to `counted` is then ruled out.
    """
    kept = 1 - rates.missed - rates.confused
    found = (counted - rates.missed * visits) / kept
    limits = _limits(counted, visits, rates)
    if limits is None or limits[1] < at_least:
        limits = (0.0, float(counted)) if found < at_least else (found, found)
    low, value, high = (min(max(each, at_least), visits) for each in (limits[0], found, limits[1]))
    return CountEstimate(
        round(value),
        math.floor(min(low, value) + _ROUNDING),
        math.ceil(max(high, value) - _ROUNDING),
    )


def _limits(counted: int, visits: int, rates: CountingRates) -> tuple[float, float] | None:
    """Return the lowest and the highest number of people that agrees; None where none does."""
    m, f = rates.missed, rates.confused
    m_variance, f_variance = rates.missed_deviation**2, rates.confused_deviation**2
    kept, fewer, z2 = 1 - m - f, counted - (1 - f) * visits, _Z**2
    a = kept**2 - z2 * (m_variance + f_variance)
    b = kept * fewer - z2 / 2 * (m * (1 - m) - f * (1 - f) - 2 * visits * f_variance)
    c = fewer**2 - z2 * (visits * f * (1 - f) + visits**2 * f_variance)
    if a <= 0:  # so little is known of the rates that nothing is ruled out
        return 0.0, float(visits)
    inside = b * b - a * c
    if inside < 0:
        return None
    larger = abs(b) + math.sqrt(inside)  # nothing cancels out here, nor in what it divides
    ends = (larger / a, c / larger if larger else 0.0)
    least, most = sorted(ends if b <= 0 else (-ends[0], -ends[1]))
    return visits - most, visits - least
