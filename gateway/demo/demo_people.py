"""Made-up customers and their days, for a demo whose charts are to say something.

The same stores, day and seed give the same people and visits.
"""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.stores.store_map import Store
from gateway.record.visits.demo import MARK, TAG, MadeUpPerson, MadeUpVisit

_NAMES = (
    "Ada Byron 艾达", "陈晓明", "Björn Lund", "林美玲", "Chiara Conti", "王建国", "Dmitri Orlov",
    "赵敏", "Elif Kaya", "周婷", "Fatou Diop", "吴磊", "Grace Kim", "郑爽爽", "Hana Sato", "孙悦",
    "Ines Costa", "马超群", "Jonas Weber", "朱琳", "Kofi Mensah", "胡一菲", "Leila Nouri", "高翔",
    "Mateo Ruiz", "何静", "Nora Walsh", "罗文", "Omar Haddad", "梁雨", "Priya Nair", "宋佳",
)  # fmt: skip
_WEIGHTS_BY_HOUR = dict(enumerate((1, 2, 3, 5, 4, 3, 3, 4, 6, 5, 3, 1), start=10))
_MEMBERS_A_STORE = 24
_STRANGERS_A_DAY = 16
_HALL_PASS = 0.05
"""How often a member visits another store than their own on a day."""


def made_up_days(
    stores: Sequence[Store], until: datetime, days: int, seed: int = 1
) -> Iterator[MadeUpVisit]:
    """Yield the visits of the `days` up to the moment `until`, day by day."""
    chance = random.Random(seed)  # noqa: S311 - a play, not a secret
    people = {store.id: _members(store, place, chance) for place, store in enumerate(stores)}
    strangers: list[MadeUpPerson] = []
    for back in reversed(range(days)):
        for place, store in enumerate(stores):
            size = 1.25 - 0.25 * place  # the first store is the largest
            day = (until.astimezone(ZoneInfo(store.timezone)) - timedelta(days=back)).date()
            busy = size * (1.45 if day.weekday() >= 5 else 1) * (1 + 0.012 * (days - back))
            coming = [p for p in people[store.id] if chance.random() < 0.24 * busy]
            others = [p for s in stores if s.id != store.id for p in people[s.id]]
            coming += [p for p in others if chance.random() < _HALL_PASS * busy]
            coming += [p for p in strangers if p.store == store.id and chance.random() < 0.05]
            for _ in range(round(chance.gauss(_STRANGERS_A_DAY * busy, 3))):
                stranger = MadeUpPerson(f"{MARK}v{len(strangers):05}", store.id)
                strangers.append(stranger)
                coming.append(stranger)
            for person in coming:
                first = _moment(day.year, day.month, day.day, store.timezone, chance)
                last = first + timedelta(minutes=math.exp(chance.gauss(2.2, 0.7)))
                if last <= until:
                    yield MadeUpVisit(person, store.id, first, last, chance.uniform(4, 9))


def _members(store: Store, place: int, chance: random.Random) -> list[MadeUpPerson]:
    people = []
    for number in range(_MEMBERS_A_STORE):
        name = _NAMES[(place * 11 + number) % len(_NAMES)]
        tags = (TAG, "vip") if chance.random() < 0.2 else (TAG,)
        people.append(MadeUpPerson(f"{MARK}m{place}{number:03}", store.id, name, tags))
    return people


def _moment(year: int, month: int, day: int, zone: str, chance: random.Random) -> datetime:
    [hour] = chance.choices(list(_WEIGHTS_BY_HOUR), weights=list(_WEIGHTS_BY_HOUR.values()))
    shown = datetime(year, month, day, hour, chance.randrange(60), tzinfo=ZoneInfo(zone))
    return shown.astimezone(UTC)
