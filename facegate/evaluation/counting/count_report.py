"""What the rules of counting made of the same people, as it is printed and as JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from contract.messages.scale import ScaleStatus
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.tally import Tally


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Spread(_Part):
    """A number over the draws."""

    mean: float
    deviation: float
    worst: float
    """The one that is furthest from 0."""

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return the spread of one value a draw."""
        worst = max(values, key=abs)
        return cls(mean=float(np.mean(values)), deviation=float(np.std(values)), worst=worst)


class CountRow(_Part):
    """One rule. What is `off` is counted / true − 1."""

    rule: str

    uv_off: Spread
    """Of the whole time."""
    uv_by_day_off: Spread
    """Of the days' UV, summed; likewise of the weeks' and the months'."""
    uv_by_week_off: Spread
    uv_by_month_off: Spread
    new_off: Spread
    returning_off: Spread
    roaming_off: Spread | None
    """None where nobody roams."""
    faceids_a_person: Spread
    people_counted_once: Spread
    """The share of people with one FaceId."""
    faceids_of_several: Spread
    """The share of FaceIds by which several people are counted."""
    missed: Spread
    """The chance that a visit of somebody known is not joined to them."""
    confused: Spread
    """The share of people who vanish in the FaceId of somebody else."""

    @classmethod
    def of(cls, rule: str, tallies: Sequence[Tally]) -> Self:
        """Return the numbers of one rule."""

        def off(counted: Callable[[Tally], int], true: Callable[[Tally], int]) -> Spread:
            return Spread.of([counted(one) / max(1, true(one)) - 1 for one in tallies])

        def spread(value: Callable[[Tally], float]) -> Spread:
            return Spread.of([value(one) for one in tallies])

        return cls(
            rule=rule,
            uv_off=off(lambda t: t.uv, lambda t: t.true_uv),
            uv_by_day_off=off(lambda t: t.uv_by_day, lambda t: t.true_uv_by_day),
            uv_by_week_off=off(lambda t: t.uv_by_week, lambda t: t.true_uv_by_week),
            uv_by_month_off=off(lambda t: t.uv_by_month, lambda t: t.true_uv_by_month),
            new_off=off(lambda t: t.new, lambda t: t.true_new),
            returning_off=off(lambda t: t.pv - t.new, lambda t: t.pv - t.true_new),
            roaming_off=(
                off(lambda t: t.roaming, lambda t: t.true_roaming)
                if all(one.true_roaming for one in tallies)
                else None
            ),
            faceids_a_person=spread(lambda t: t.parts / t.true_uv),
            people_counted_once=spread(lambda t: t.people_counted_once / t.true_uv),
            faceids_of_several=spread(lambda t: t.faceids_of_several / t.uv),
            missed=spread(lambda t: t.missed),
            confused=spread(lambda t: t.confused),
        )


class CountReport(_Part):
    """What was counted of people of a folder."""

    model: str
    people: int
    """Who may come: those of whom there is a picture with one face."""
    photographs: int
    scale: ScaleStatus
    left_out: int
    """People from whose pictures the cohort was made."""
    cohort_of_half: bool
    """Whether it was that from half of the people, not the one that recognises."""
    mix: Mix
    threshold: float
    """The share of strangers who may be taken for a member."""
    same_visitor: float
    """The share of strangers who may be taken for a visitor who was there before."""
    draws: int
    seed: int
    rows: list[CountRow]


def count_rows(tallies: Mapping[str, Sequence[Tally]]) -> list[CountRow]:
    """Return the row of each rule."""
    return [CountRow.of(rule, of_rule) for rule, of_rule in tallies.items()]
