"""The benchmark of a chain says which bars are missed, and by how much."""

from dataclasses import replace

import pytest

from bench.chain.bars import verdicts
from bench.chain.chain_row import Agreement, ChainRow, Way
from bench.chain.small_stores import UpRow

ROW = ChainRow(
    stores=10,
    way="plain",
    a_second=4,
    requests=10,
    kilobytes=1,
    gateway_cpu=2,
    shards_cpu=8,
    postgresql_cpu=0,
    p50=10,
    p99=20,
    failed=0,
    idle_cpu=5,
)
UP = [UpRow(3, 9, 0.6, 140), UpRow(100, 14, 1.2, 150)]


def row(stores: int, way: Way, cpu: float = 10.0, same: float | None = None) -> ChainRow:
    """Return a row of so many stores; `cpu` is that of the shards."""
    return replace(ROW, stores=stores, way=way, shards_cpu=cpu, same_decision=same)


GOOD = [
    row(100, "plain", 100),
    row(100, "grouped", 18),
    row(10, "directory", 8, 1.0),
    row(1000, "directory", 28, 0.9992),
]


def missed(*rows: ChainRow, up: list[UpRow] = UP) -> list[str]:
    return [verdict.line for verdict in verdicts(rows, up) if not verdict.met]


def test_what_is_within_every_bar_misses_none() -> None:
    assert missed(*GOOD) == []


@pytest.mark.parametrize(
    ("number", "worse", "line"),
    [
        (1, {"shards_cpu": 20}, "100 stores together take at most 0.2 of the CPU of one by one"),
        (1, {"failed": 1}, "100 stores, grouped: all answers of stores came: MISSED (1 did not)"),
        (3, {"postgresql_cpu": 1}, "a miss with 1000 stores takes at most 3 times the CPU"),
        (3, {"p99": 100}, "p99 of a miss with 1000 stores under 100 ms: MISSED (100 ms)"),
        (3, {"same_decision": 0.998}, "1000 stores: same decision with the directory for 99.9%"),
    ],
)
def test_each_bar_that_is_missed_has_its_line(
    number: int, worse: dict[str, float], line: str
) -> None:
    rows = list(GOOD)
    rows[number] = replace(rows[number], **worse)  # type: ignore[arg-type]  # any of its numbers

    [said] = missed(*rows)

    assert line in said


def test_a_picture_among_many_stores_may_take_a_quarter_longer() -> None:
    slow = [UP[0], UpRow(100, 21, 1.6, 180)]

    assert len(missed(*GOOD, up=slow)) == 3


def test_decisions_are_compared_face_by_face() -> None:
    anna, bob = ("east", "anna"), ("west", "bob")

    agreement = Agreement.of([anna, None, None, bob], [anna, None, bob, anna])

    assert agreement == Agreement(same=0.5, found=1 / 3)
