"""A year of visits that a chain could have had, drawn at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

YEAR = 2025
DAYS = 365
HOUR = 3_600_000
FIRST_AT = int(datetime(YEAR, 1, 1, tzinfo=UTC).timestamp() * 1000)
OPENS, CLOSES = 9, 21
ROAMING = 0.05
REGULARS = 0.5
"""The share of visits by people who come again and again, about 30 times a year."""
CHUNK = 50_000

COLUMNS = (
    "visit",
    "store",
    "camera",
    "person",
    "home_store",
    "face_id",
    "kind",
    "score",
    "provisional",
    "first_at",
    "last_at",
    "frames",
    "hour",
    "before_here",
    "before_anywhere",
    "member",
    "counted",
)


def store_name(number: int) -> str:
    return f"store-{number:03}"


@dataclass(frozen=True)
class History:
    """Visits in the order in which they began; −1 where there was none before."""

    store: Numbers
    home: Numbers
    person: Numbers
    first_at: Numbers
    last_at: Numbers
    before_here: Numbers
    before_anywhere: Numbers

    def rows(self) -> Iterator[list[tuple[object, ...]]]:
        """Yield rows of the table `visits`, many at a time."""
        for start in range(0, len(self.store), CHUNK):
            part = slice(start, start + CHUNK)
            columns = [
                getattr(self, name)[part].tolist()
                for name in (
                    "store",
                    "home",
                    "person",
                    "first_at",
                    "last_at",
                    "before_here",
                    "before_anywhere",
                )
            ]
            yield [
                _row(start + place + 1, *values)
                for place, values in enumerate(zip(*columns, strict=True))
            ]


def _row(
    visit: int,
    store: int,
    home: int,
    person: int,
    first_at: int,
    last_at: int,
    here: int,
    anywhere: int,
) -> tuple[object, ...]:
    kind = "roaming" if home != store else "home" if here >= 0 else "new"
    hour = first_at // HOUR
    return (
        visit,
        store_name(store),
        "door",
        person,
        store_name(home),
        f"v-{person:016x}",
        kind,
        6.5,
        False,
        first_at,
        last_at,
        12,
        hour,
        None if here < 0 else here,
        None if anywhere < 0 else anywhere,
        kind == "roaming",
        True,
    )


def draw(first_store: int, chain: int, stores: int) -> History:
    """Draw `first_store` visits to the first of so many `stores`, and `chain` in all."""
    random = np.random.default_rng(7)
    others = random.integers(1, stores, chain - first_store)
    store = np.concatenate([np.zeros(first_store, np.int64), others])
    random.shuffle(store)
    first_at = np.sort(FIRST_AT + _moments(random, chain))
    roams = random.random(chain) < ROAMING
    home = np.where(roams, random.integers(0, stores, chain), store)
    person = _persons(random, home, first_store, chain // stores)
    last_at = first_at + random.exponential(12 * 60_000, chain).astype(np.int64)
    hour = first_at // HOUR
    return History(
        store,
        home,
        person,
        first_at,
        last_at,
        before_here=_before(hour, person * stores + store),
        before_anywhere=_before(hour, person),
    )


def _moments(random: np.random.Generator, count: int) -> Numbers:
    days = random.integers(0, DAYS, count)
    within = random.integers(OPENS * HOUR, CLOSES * HOUR, count)
    return days * 24 * HOUR + within


def _persons(random: np.random.Generator, home: Numbers, largest: int, usual: int) -> Numbers:
    """Give every visit somebody of its home store: a regular, or one of many who come rarely."""
    size = np.where(home == 0, largest, usual)
    regulars = np.maximum(1, (size * REGULARS / 30).astype(np.int64))
    regular = random.random(len(home)) < REGULARS
    within = np.where(
        regular,
        (random.random(len(home)) * regulars).astype(np.int64),
        regulars + (random.random(len(home)) * size).astype(np.int64),
    )
    return home * 4 * largest + within + 1


def _before(hour: Numbers, who: Numbers) -> Numbers:
    """Return the hour of the visit of the same `who` before each, −1 where there is none."""
    order = np.argsort(who, kind="stable")  # visits are in the order of their time already
    before = np.full(len(who), -1, np.int64)
    same = who[order][1:] == who[order][:-1]
    before[order[1:][same]] = hour[order[:-1][same]]
    return before
