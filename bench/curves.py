"""`python -m bench.curves FILE... --to FOLDER`: draw what benchmarks have written with `--json`.

Figures of `bench.chain` and of `bench.search` are told apart by themselves.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from facegate.output.plot import Growth, save_growth

Row = Mapping[str, Any]
"""What a benchmark has measured of one system at one size."""

_WAYS = {
    "plain": "a shard a store",
    "grouped": "fifty stores a shard",
    "directory": "with a directory",
}


class Picture(NamedTuple):
    """One drawing: of each system `value` at every size; systems are named by `system`."""

    file: str
    title: str
    axes: tuple[str, str]
    system: Callable[[Row], str]
    size: str
    value: Callable[[Row], float]


def _chain_cpu(row: Row) -> float:
    return float(row["gateway_cpu"] + row["shards_cpu"] + row["postgresql_cpu"])


_STORES = "stores of 500 faces"
_PEOPLE = "people in a store"
PICTURES: Mapping[str, Sequence[Picture]] = {
    "chain": [
        Picture(
            "chain-cpu.svg",
            "CPU of a miss, all processes",
            (_STORES, "milliseconds"),
            lambda row: _WAYS[row["way"]],
            "stores",
            _chain_cpu,
        ),
        Picture(
            "chain-time.svg",
            "Until a miss is answered, p99",
            (_STORES, "milliseconds"),
            lambda row: _WAYS[row["way"]],
            "stores",
            lambda row: float(row["p99"]),
        ),
    ],
    "search": [
        Picture(
            "search-time.svg",
            "A search of one client, p50",
            (_PEOPLE, "milliseconds"),
            lambda row: str(row["system"]),
            "people",
            lambda row: float(row["searched"]["1"]["p50"]),
        ),
        Picture(
            "search-throughput.svg",
            "Searches a second, 32 clients",
            (_PEOPLE, "a second"),
            lambda row: str(row["system"]),
            "people",
            lambda row: float(row["searched"]["32"]["a_second"]),
        ),
    ],
}


def draw(figures: Mapping[str, Sequence[Row]], folder: Path) -> Iterator[Path]:
    """Draw every picture that there are figures for into a folder; yield the files."""
    for kind, pictures in PICTURES.items():
        for picture in pictures if kind in figures else ():
            path = folder / picture.file
            curves = list(_curves(picture, figures[kind]))
            save_growth(path, curves, picture.axes, picture.title)
            yield path


def _curves(picture: Picture, rows: Sequence[Row]) -> Iterable[Growth]:
    for system in dict.fromkeys(map(picture.system, rows)):
        own = sorted(
            (row for row in rows if picture.system(row) == system),
            key=lambda row: row[picture.size],
        )
        yield Growth(system, [row[picture.size] for row in own], [*map(picture.value, own)])


def main() -> None:
    """Draw, and say which files were written."""
    parser = argparse.ArgumentParser(prog="python -m bench.curves", description=__doc__)
    parser.add_argument("figures", type=Path, nargs="+", help="what --json of benchmarks wrote")
    parser.add_argument("--to", type=Path, required=True, help="the folder of the pictures")
    options = parser.parse_args()
    for file in options.figures:
        for path in draw(json.loads(file.read_text(encoding="utf-8")), options.to):
            print(path)


if __name__ == "__main__":
    main()
